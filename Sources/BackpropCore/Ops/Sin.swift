import RealModule

/// The sine, x in radians.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ cos x`.
/// - Precision: at most 1.00 ulp in Float32 and 1.00 in Float64; plans call the C library, on every
///   kernel path.
public struct Sin: UnaryOp {
  public static let name = "sin"
  public static let derivative = "∂C/∂x = g ⊙ cos x"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .sin(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * x.cos()
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.sin) }
}

extension Value {
  /// The sine of each element: see ``Sin``.
  public func sin() throws -> Value { try apply(Sin()) }
}
