import RealModule

/// The exponential function `y = eˣ`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ y`.
/// - Precision: at most 1.03 ulp in Float32 and 1.00 in Float64; plans have the same bits on every
///   kernel path.
public struct Exp: UnaryOp {
  public static let name = "exp"
  public static let derivative = "∂C/∂x = g ⊙ y"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .exp(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * y
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.exp) }
}

extension Value {
  /// e to the power of each element: see ``Exp``.
  public func exp() throws -> Value { try apply(Exp()) }
}
