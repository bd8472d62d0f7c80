import RealModule

/// The logarithm of a sum of two powers, `y = ln(eᵃ + eᵇ)`, broadcast.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = g ⊙ σ(a − b)`, `∂C/∂b = g ⊙ σ(b − a)`, each summed over its broadcast axes.
/// - Precision: computed as max(a, b) + ln(1 + e^(−|a − b|)): nothing overflows. Of two equal
///   infinities the result is NaN.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct LogAddExp: BinaryOp {
  public static let name = "log-add-exp"
  public static let derivative =
    "∂C/∂a = g ⊙ σ(a − b), ∂C/∂b = g ⊙ σ(b − a), each summed over its broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R {
    Maximum().apply(a, b) + .log(onePlus: .exp(-(a - b).magnitude))
  }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    (try g * (a - b).sigmoid(), try g * (b - a).sigmoid())
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    let (a, b) = (inputs[0], inputs[1])
    return try a.maximum(b) + (-(a - b).abs()).exp().log1p()
  }
}

extension Value {
  /// The logarithm of the sum of the powers of each two elements: see ``LogAddExp``.
  public func logAddExp(_ other: Value) throws -> Value { try apply(LogAddExp(), other) }
}
