/// The negative `y = −x`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = −g`.
public struct Negate: UnaryOp {
  public static let name = "negate"
  public static let derivative = "∂C/∂x = −g"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { -x }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try -g
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.negate) }
}

extension Value {
  /// The negative of each element: see ``Negate``.
  public static prefix func - (x: Value) throws -> Value { try x.apply(Negate()) }
}
