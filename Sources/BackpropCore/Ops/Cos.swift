import RealModule

/// The cosine, x in radians.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = −g ⊙ sin x`.
/// - Precision: at most 1.00 ulp in Float32 and 1.00 in Float64; plans call the C library, on every
///   kernel path.
public struct Cos: UnaryOp {
  public static let name = "cos"
  public static let derivative = "∂C/∂x = −g ⊙ sin x"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .cos(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try -(g * x.sin())
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.cos) }
}

extension Value {
  /// The cosine of each element: see ``Cos``.
  public func cos() throws -> Value { try apply(Cos()) }
}
