/// Whether `a ≤ b`, elementwise and broadcast: 1 or 0, of type bool. A comparison with NaN is
/// false.
///
/// - Shapes: any that broadcast, as NumPy has it; the result's scalar type is bool.
/// - Derivative: none; the result is constant almost everywhere.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct LessOrEqual: ComparisonOp {
  public static let name = "less-or-equal"
  public static let derivative = "none; the result is constant almost everywhere"
  /// Makes the op.
  public init() {}
  public func holds<R: RealNumber>(_ a: R, _ b: R) -> Bool { a <= b }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.lessEqual) }
}

extension Value {
  /// Whether each element is less than or equal to another: see ``LessOrEqual``.
  public func lessOrEqual(to other: Value) throws -> Value { try apply(LessOrEqual(), other) }
  /// Whether each element is less than or equal to a constant: see ``LessOrEqual``.
  public func lessOrEqual(to other: Double) throws -> Value {
    try lessOrEqual(to: constant(other))
  }
  /// Whether each element is greater than or equal to another: see ``LessOrEqual``.
  public func greaterOrEqual(to other: Value) throws -> Value { try other.lessOrEqual(to: self) }
  /// Whether each element is greater than or equal to a constant: see ``LessOrEqual``.
  public func greaterOrEqual(to other: Double) throws -> Value {
    try greaterOrEqual(to: constant(other))
  }
}
