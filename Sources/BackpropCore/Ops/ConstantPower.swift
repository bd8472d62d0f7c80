/// Power `y = xᵖ` with a constant exponent.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ p ⊙ xᵖ⁻¹`; none for p = 0, so that the derivatives of whole powers
///   hold at 0 to any order.
public struct ConstantPower: UnaryOp {
  public static let name = "constant-power"
  public static let derivative =
    "∂C/∂x = g ⊙ p ⊙ xᵖ⁻¹; none for p = 0, so that the derivatives of whole powers hold "
    + "at 0 to any order"
  /// The exponent p.
  public let exponent: Double
  /// Makes the op.
  public init(exponent: Double) { self.exponent = exponent }
  public func apply<R: RealNumber>(_ x: R) -> R { raise(x, to: R(exponent)) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    if exponent == 0 { return nil }
    if exponent == 1 { return g }
    return try g * (exponent * x.power(exponent - 1))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    let x = inputs[0]
    return switch exponent {
    case -1: try 1 / x
    case 0.5: try x.sqrt()
    case 1: x
    case 2: try x * x
    case 3: try x * x * x
    default: try x.power(x.constant(exponent))
    }
  }
}

extension Value {
  /// Each element raised to a constant power: see ``ConstantPower``.
  public func power(_ exponent: Double) throws -> Value {
    try apply(ConstantPower(exponent: exponent))
  }
  /// The square of each element, x ⊙ x: see ``Multiply``.
  public func square() throws -> Value { try self * self }
}
