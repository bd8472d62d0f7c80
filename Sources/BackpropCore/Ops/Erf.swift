import RealModule

/// The error function `y = 2/√π · ∫₀ˣ e^(−t²) dt`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ 2/√π · e^(−x²)`.
/// - Precision: at most 1.16 ulp in Float32 and 1.22 in Float64; plans have the same bits on every
///   kernel path.
public struct Erf: UnaryOp {
  public static let name = "erf"
  public static let derivative = "∂C/∂x = g ⊙ 2/√π · e^(−x²)"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .erf(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * ((2 / Double.sqrt(.pi)) * (-x.square()).exp())
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.erf) }
}

extension Value {
  /// The error function of each element: see ``Erf``.
  public func erf() throws -> Value { try apply(Erf()) }
}
