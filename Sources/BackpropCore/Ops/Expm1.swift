import RealModule

/// `y = eˣ − 1`, accurate near 0.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ eˣ`; not g ⊙ (y + 1), which loses digits far below 0.
/// - Precision: at most 1.55 ulp in Float32 and 1.63 in Float64, for tiny x too; plans have the
///   same bits on every kernel path.
public struct Expm1: UnaryOp {
  public static let name = "expm1"
  public static let derivative = "∂C/∂x = g ⊙ eˣ; not g ⊙ (y + 1), which loses digits far below 0"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .expMinusOne(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * x.exp()
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.expm1) }
}

extension Value {
  /// e to the power of each element, minus 1: see ``Expm1``.
  public func expm1() throws -> Value { try apply(Expm1()) }
}
