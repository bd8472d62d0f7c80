/// The nearest number within bounds: `y = min(max(x, lower), upper)`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g` where lower ≤ x ≤ upper, the bounds included; else 0.
/// - Throws: ``ShapeError`` if the lower bound is above the upper one.
public struct Clamp: UnaryOp {
  public static let name = "clamp"
  public static let derivative = "∂C/∂x = g where lower ≤ x ≤ upper, the bounds included; else 0"
  /// The bounds.
  public let lower, upper: Double
  /// Makes the op.
  public init(lower: Double, upper: Double) { (self.lower, self.upper) = (lower, upper) }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    guard lower <= upper else {
      throw ShapeError(
        name, [inputs[0].shape], "the lower bound \(lower) is above the upper \(upper)")
    }
    return inputs[0]
  }

  public func apply<R: RealNumber>(_ x: R) -> R {
    x < R(lower) ? R(lower) : x > R(upper) ? R(upper) : x
  }

  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try y.equal(to: x).select(g, 0)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0].maximum(lower).minimum(upper)
  }
}

extension Value {
  /// The nearest number within bounds of each element: see ``Clamp``.
  public func clamp(_ lower: Double, _ upper: Double) throws -> Value {
    try apply(Clamp(lower: lower, upper: upper))
  }
}
