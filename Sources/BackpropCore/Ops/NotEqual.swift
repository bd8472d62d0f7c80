/// Whether `a ≠ b`, elementwise and broadcast: 1 or 0, of type bool. A comparison with NaN is true.
///
/// - Shapes: any that broadcast, as NumPy has it; the result's scalar type is bool.
/// - Derivative: none; the result is constant almost everywhere.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct NotEqual: ComparisonOp {
  public static let name = "not-equal"
  public static let derivative = "none; the result is constant almost everywhere"
  /// Makes the op.
  public init() {}
  public func holds<R: RealNumber>(_ a: R, _ b: R) -> Bool { a != b }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.notEqual) }
}

extension Value {
  /// Whether each element is not equal to another: see ``NotEqual``.
  public func notEqual(to other: Value) throws -> Value { try apply(NotEqual(), other) }
  /// Whether each element is not equal to a constant: see ``NotEqual``.
  public func notEqual(to other: Double) throws -> Value {
    try notEqual(to: constant(other))
  }
}
