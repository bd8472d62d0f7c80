public import BackpropCore

/// Group normalisation, `y = scale ⊙ (x − μ)/√(v + ε) + bias`, with the mean μ and the variance v
/// (divisor n) over all places of a sample and one group of its channels.
///
/// Neighbouring channels make a group. Samples stay apart, and training and evaluation are the same.
/// As PyTorch's `GroupNorm`, with the channels last.
///
/// - Shapes: x [batch, ..., channels] → the same.
/// - Parameters it declares: `scale` [channels], role scale, from 1, and `bias` [channels], role bias,
///   from 0; see ``parameters``.
/// - Throws: `ShapeError` without a batch axis, or if the groups do not divide the channels;
///   ``ConfigurationError`` for options out of range.
/// - Source: Y. Wu, K. He, "Group Normalization" (2018), equations (1) to (3) and (7).
public struct GroupNorm: Layer {
  /// How many groups the channels are cut into; 1 normalises each sample as a whole.
  public var groups: Int
  /// ε, in the square of the unit of x.
  public var epsilon: Double
  /// What is learnt.
  public var parameters: NormalizationParameters

  /// Makes a layer.
  public init(
    _ groups: Int, epsilon: Double = 1e-5, parameters: NormalizationParameters = .scaleAndBias
  ) {
    (self.groups, self.epsilon, self.parameters) = (groups, epsilon, parameters)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try checkEpsilon(epsilon, of: kind)
    guard x.shape.rank >= 2 else {
      throw ShapeError(kind, [x.shape], "the input needs a batch axis and an axis of channels")
    }
    let channels = x.shape.last
    guard groups >= 1, channels % groups == 0 else {
      throw ShapeError(kind, [x.shape], "\(groups) groups do not divide \(channels) channels")
    }
    let cut = Shape(x.shape.sizes.dropLast() + [groups, channels / groups])
    let axes = Array(1..<x.shape.rank - 1) + [-1]
    let normalized = try x.reshaped(to: cut).normalized(over: axes, epsilon: epsilon)
    return try parameters.applied(to: normalized.reshaped(to: x.shape), [channels], scope)
  }
}

extension GroupNorm: SpecifiedLayer {
  /// Its groups must be said.
  public static let templates = [GroupNorm(0)]

  public var kind: String { "group-norm" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("groups", &groups, isRequired: true)
    try options.number("epsilon", &epsilon, .positive)
    try options.choice("parameters", &parameters)
  }
}
