import RealModule

/// The exponential linear unit: x where x > 0, else `α(eˣ − 1)`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g` where x > 0, else `g · α · eˣ`; at 0 it is α.
/// - Precision: exact where x > 0, else that of ``Expm1`` and one more rounding.
public struct Elu: UnaryOp {
  public static let name = "elu"
  public static let derivative = "∂C/∂x = g where x > 0, else g · α · eˣ; at 0 it is α"
  /// α: minus the limit for x → −∞.
  public let alpha: Double
  /// Makes the op.
  public init(alpha: Double) { self.alpha = alpha }
  public func apply<R: RealNumber>(_ x: R) -> R { x > 0 ? x : R(alpha) * .expMinusOne(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    // x where x ≤ 0, so that no infinity arises in the branch not taken.
    let positive = try x.greater(than: 0)
    return try positive.select(g, g * (alpha * positive.select(0, x).exp()))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    let x = inputs[0]
    return try x.greater(than: 0).select(x, alpha * x.expm1())
  }
}

extension Value {
  /// The exponential linear unit of each element: see ``Elu``.
  public func elu(alpha: Double = 1) throws -> Value { try apply(Elu(alpha: alpha)) }
}
