import RealModule

/// The hyperbolic tangent.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ (1 − y²)`.
/// - Precision: at most 1.31 ulp in Float32 and 1.29 in Float64; plans have the same bits on every
///   kernel path.
public struct Tanh: UnaryOp {
  public static let name = "tanh"
  public static let derivative = "∂C/∂x = g ⊙ (1 − y²)"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .tanh(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * (1 - y.square())
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.tanh) }
}

extension Value {
  /// The hyperbolic tangent of each element: see ``Tanh``.
  public func tanh() throws -> Value { try apply(Tanh()) }
}
