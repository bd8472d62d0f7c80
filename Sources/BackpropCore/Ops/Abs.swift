/// The absolute value `y = |x|`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ sign(x)`; at 0 it is 0.
public struct Abs: UnaryOp {
  public static let name = "abs"
  public static let derivative = "∂C/∂x = g ⊙ sign(x); at 0 it is 0"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { x.magnitude }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * x.sign()
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.abs) }
}

extension Value {
  /// The absolute value of each element: see ``Abs``.
  public func abs() throws -> Value { try apply(Abs()) }
}
