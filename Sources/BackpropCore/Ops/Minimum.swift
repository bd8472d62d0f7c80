/// The smaller of two elements, `y = min(a, b)`, broadcast; NaN if either is NaN.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `g` goes to the smaller operand; where they are equal, half of it goes to each.
///   Summed over broadcast axes.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Minimum: BinaryOp {
  public static let name = "minimum"
  public static let derivative =
    "g goes to the smaller operand; where they are equal, half of it goes to each. Summed"
    + " over broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R {
    if a.isNaN || b.isNaN { return .nan }
    return a < b ? a : b
  }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    let half = try a.equal(to: b).select(0.5 * g, 0)
    return (try a.less(than: b).select(g, half), try b.less(than: a).select(g, half))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.minimum) }
}

extension Value {
  /// The smaller of each two elements: see ``Minimum``.
  public func minimum(_ other: Value) throws -> Value { try apply(Minimum(), other) }
  /// The smaller of each element and a constant: see ``Minimum``.
  public func minimum(_ other: Double) throws -> Value { try minimum(constant(other)) }
}
