public import BackpropCore

/// The rectifier with a slope below 0 that is drawn anew for each element at every step: uniform in
/// [lower, upper). In evaluation the slope is the mean of the two.
///
/// At 0 the derivative is the slope. PyTorch's `RReLU`.
///
/// - Shapes: any → the same.
/// - Throws: ``ConfigurationError`` if ``lower`` is above ``upper``.
/// - Source: B. Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network"
///   (2015).
public struct RandomizedRelu: Layer {
  /// The bounds of the slope.
  public var lower, upper: Double

  /// Makes a layer.
  public init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3) {
    (self.lower, self.upper) = (lower, upper)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard lower <= upper, lower.isFinite, upper.isFinite else {
      throw ConfigurationError(
        "rrelu",
        "rrelu: lower is \(shortest(lower)) and upper \(shortest(upper)); expected the first not "
          + "above the second")
    }
    guard scope.mode == .training else { return try x.leakyRelu(slope: (lower + upper) / 2) }
    let uniform = try scope.randomKey("slope").randomUniform(x.shape, as: x.scalarType)
    return try x.greater(than: 0).select(x, (lower + (upper - lower) * uniform) * x)
  }
}

extension RandomizedRelu: SpecifiedLayer {
  public static let templates = [RandomizedRelu()]

  public var kind: String { "rrelu" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("lower", &lower, .finite)
    try options.number("upper", &upper, .finite)
  }
}
