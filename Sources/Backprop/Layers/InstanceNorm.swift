public import BackpropCore

/// Instance normalisation, `y = scale ⊙ (x − μ)/√(v + ε) + bias`, with the mean μ and the variance v
/// (divisor n) of each channel of each sample over all its places.
///
/// ``GroupNorm`` with as many groups as channels. As PyTorch's `InstanceNorm1d` to `3d` with
/// `affine=True`, with the channels last; their running statistics are not here.
///
/// - Shapes: x [batch, ..., channels], with at least one axis between → the same.
/// - Parameters it declares: `scale` [channels], role scale, from 1, and `bias` [channels], role bias,
///   from 0; see ``parameters``.
/// - Throws: `ShapeError` if a sample has one place alone, which has no variance;
///   ``ConfigurationError`` for options out of range.
/// - Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance Normalization" (2016), equation (4).
public struct InstanceNorm: Layer {
  /// ε, in the square of the unit of x.
  public var epsilon: Double
  /// What is learnt.
  public var parameters: NormalizationParameters

  /// Makes a layer.
  public init(
    epsilon: Double = 1e-5, parameters: NormalizationParameters = .scaleAndBias
  ) {
    (self.epsilon, self.parameters) = (epsilon, parameters)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try checkEpsilon(epsilon, of: kind)
    let places = x.shape.sizes.dropFirst().dropLast().reduce(1, *)
    guard x.shape.rank >= 3, places >= 2 else {
      throw ShapeError(
        kind, [x.shape],
        "each channel needs at least 2 places; expected [batch, ..., channels] with axes between")
    }
    let normalized = try x.normalized(over: Array(1..<x.shape.rank - 1), epsilon: epsilon)
    return try parameters.applied(to: normalized, [x.shape.last], scope)
  }
}

extension InstanceNorm: SpecifiedLayer {
  public static let templates = [InstanceNorm()]

  public var kind: String { "instance-norm" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("epsilon", &epsilon, .positive)
    try options.choice("parameters", &parameters)
  }
}
