public import BackpropCore

/// Layer normalisation, `y = scale ⊙ (x − μ)/√(v + ε) + bias`, with the mean μ and the variance v
/// (divisor n) of each place's own features.
///
/// Samples stay apart, and training and evaluation are the same. As PyTorch's `LayerNorm` over the
/// last axes has it.
///
/// - Shapes: x [..., features] → the same; with ``axes`` more than 1 the features are all those axes,
///   as in [batch, time, heads, features] with 2.
/// - Parameters it declares: `scale`, role scale, from 1, and `bias`, role bias, from 0, both with the
///   sizes of the axes; see ``parameters``.
/// - Throws: `ShapeError` without an axis before those that are normalised; ``ConfigurationError`` for
///   options out of range.
/// - Source: J. Ba, J. Kiros, G. Hinton, "Layer Normalization" (2016), equation (4).
public struct LayerNorm: Layer {
  /// How many axes, counted from the last, are one vector of features.
  public var axes: Int
  /// ε, in the square of the unit of x: keeps equal features finite.
  public var epsilon: Double
  /// What is learnt.
  public var parameters: NormalizationParameters

  /// Makes a layer.
  public init(
    axes: Int = 1, epsilon: Double = 1e-5, parameters: NormalizationParameters = .scaleAndBias
  ) {
    (self.axes, self.epsilon, self.parameters) = (axes, epsilon, parameters)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try checkEpsilon(epsilon, of: kind)
    guard axes >= 1, x.shape.rank > axes else {
      throw ShapeError(
        kind, [x.shape],
        axes < 1
          ? "\(axes) axes of features; expected at least 1"
          : "the input needs a batch axis and \(axes) of features")
    }
    let features = Shape(Array(x.shape.sizes.suffix(axes)))
    let normalized = try x.normalized(over: (1...axes).map { -$0 }, epsilon: epsilon)
    return try parameters.applied(to: normalized, features, scope)
  }
}

extension LayerNorm: SpecifiedLayer {
  public static let templates = [LayerNorm()]

  public var kind: String { "layer-norm" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("epsilon", &epsilon, .positive)
    try options.count("axes", &axes)
    try options.choice("parameters", &parameters)
  }
}
