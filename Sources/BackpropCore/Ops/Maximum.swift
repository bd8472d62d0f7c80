/// The greater of two elements, `y = max(a, b)`, broadcast; NaN if either is NaN.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `g` goes to the greater operand; where they are equal, half of it goes to each.
///   Summed over broadcast axes.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Maximum: BinaryOp {
  public static let name = "maximum"
  public static let derivative =
    "g goes to the greater operand; where they are equal, half of it goes to each. Summed"
    + " over broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R {
    if a.isNaN || b.isNaN { return .nan }
    return a > b ? a : b
  }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    let half = try a.equal(to: b).select(0.5 * g, 0)
    return (try a.greater(than: b).select(g, half), try b.greater(than: a).select(g, half))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.maximum) }
}

extension Value {
  /// The greater of each two elements: see ``Maximum``.
  public func maximum(_ other: Value) throws -> Value { try apply(Maximum(), other) }
  /// The greater of each element and a constant: see ``Maximum``.
  public func maximum(_ other: Double) throws -> Value { try maximum(constant(other)) }
}
