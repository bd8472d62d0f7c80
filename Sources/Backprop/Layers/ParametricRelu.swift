public import BackpropCore

/// The rectifier with a slope below 0 that is learnt: x where x > 0, else slope · x.
///
/// At 0 the derivative is the slope; that of the slope is x where x ≤ 0, else 0.
///
/// - Shapes: x [..., features] → the same.
/// - Parameters it declares: `slope` [1], or [features] with ``isPerFeature``; role scale, so that no
///   decay pulls it to 0.
/// - Throws: `ShapeError` for an input without a batch axis.
/// - Source: K. He et al., "Delving Deep into Rectifiers" (2015), equation (1).
public struct ParametricRelu: Layer {
  /// How the slopes start.
  public var start: Double
  /// Whether each feature has a slope of its own.
  public var isPerFeature: Bool

  /// Makes a layer.
  public init(start: Double = 0.25, isPerFeature: Bool = false) {
    (self.start, self.isPerFeature) = (start, isPerFeature)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 2 else {
      throw ShapeError("prelu", [x.shape], "the input needs a batch axis and an axis of features")
    }
    let slope = try scope.parameter(
      "slope", [isPerFeature ? x.shape.last : 1], .constant(start), role: .scale)
    return try x.greater(than: 0).select(x, slope * x)
  }
}

extension ParametricRelu: SpecifiedLayer {
  public static let templates = [ParametricRelu()]

  public var kind: String { "prelu" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("start", &start, .finite)
    try options.flag("per-feature", &isPerFeature)
  }
}
