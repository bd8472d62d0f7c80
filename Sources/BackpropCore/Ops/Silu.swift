/// The sigmoid linear unit (swish) `y = x · σ(x)`, σ the logistic function.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ (s + y ⊙ (1 − s))` with s = σ(x).
/// - Precision: that of ``Sigmoid``, and one more rounding.
public struct Silu: UnaryOp {
  public static let name = "silu"
  public static let derivative = "∂C/∂x = g ⊙ (s + y ⊙ (1 − s)) with s = σ(x)"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { x * Sigmoid().apply(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    let s = try x.sigmoid()
    return try g * (s + y * (1 - s))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0] * inputs[0].sigmoid()
  }
}

extension Value {
  /// The sigmoid linear unit of each element: see ``Silu``.
  public func silu() throws -> Value { try apply(Silu()) }
}
