import RealModule

/// Power `y = aᵇ`, broadcast, with the corner cases of C's `pow`: x⁰ = 1; a negative base has whole
/// powers only.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = g ⊙ b ⊙ aᵇ⁻¹`; `∂C/∂b = g ⊙ y ⊙ ln a`, taken as 0 where a ≤ 0. Each
///   summed over its broadcast axes. For a constant exponent use ``ConstantPower``, whose
///   derivatives hold at 0 to any order.
/// - Precision: at most 1.00 ulp in Float32 and 1.00 in Float64; plans call the C library, on every
///   kernel path.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Power: BinaryOp {
  public static let name = "power"
  public static let derivative =
    "∂C/∂a = g ⊙ b ⊙ aᵇ⁻¹; ∂C/∂b = g ⊙ y ⊙ ln a, taken as 0 where a ≤ 0. Each summed over"
    + " its broadcast axes. For a constant exponent use ConstantPower, whose derivatives "
    + "hold at 0 to any order"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R { raise(a, to: b) }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    // ln 1 = 0 stands where there is no logarithm.
    let logarithm = try a.greater(than: 0).select(a, 1).log()
    return (try g * (b * a.power(b - 1)), try g * (y * logarithm))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.power) }
}

extension Value {
  /// Each element raised to the power of another: see ``Power``.
  public func power(_ exponent: Value) throws -> Value { try apply(Power(), exponent) }
}

/// The power as C's `pow` has it: swift-numerics' own gives NaN for negative bases and for 0⁰.
func raise<R: RealNumber>(_ x: R, to exponent: R) -> R {
  if exponent == 0 || x == 1 { return 1 }
  guard x.sign == .minus, !x.isNaN else { return .pow(x, exponent) }
  let isWhole = exponent.rounded(.towardZero) == exponent
  guard isWhole || !x.isFinite || x == 0 else { return .nan }
  let power = R.pow(-x, exponent)
  return isWhole && exponent.truncatingRemainder(dividingBy: 2).magnitude == 1 ? -power : power
}
