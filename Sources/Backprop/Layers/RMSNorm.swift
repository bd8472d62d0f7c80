public import BackpropCore

/// Normalisation by the root mean square, `y = scale ⊙ x/√(mean(x²) + ε)`, over each place's own
/// features: ``LayerNorm`` without the mean.
///
/// As PyTorch's `RMSNorm`, whose ε is that of the scalar type unless told; ours is 10⁻⁶.
///
/// - Shapes: x [..., features] → the same.
/// - Parameters it declares: `scale` [features], role scale, from 1; see ``parameters``.
/// - Throws: `ShapeError` without a batch axis; ``ConfigurationError`` for options out of range.
/// - Source: B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization" (2019), equation (4).
public struct RMSNorm: Layer {
  /// ε, in the square of the unit of x.
  public var epsilon: Double
  /// What is learnt.
  public var parameters: NormalizationParameters

  /// Makes a layer.
  public init(epsilon: Double = 1e-6, parameters: NormalizationParameters = .scale) {
    (self.epsilon, self.parameters) = (epsilon, parameters)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try checkEpsilon(epsilon, of: kind)
    guard x.shape.rank >= 2 else {
      throw ShapeError(kind, [x.shape], "the input needs a batch axis and an axis of features")
    }
    let square = try (x * x).mean(axes: [-1], keepingAxes: true)
    return try parameters.applied(
      to: x * (1 / (square + epsilon).sqrt()), [x.shape.last], scope)
  }
}

extension RMSNorm: SpecifiedLayer {
  public static let templates = [RMSNorm()]

  public var kind: String { "rms-norm" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("epsilon", &epsilon, .positive)
    try options.choice("parameters", &parameters)
  }
}
