/// Whether `a < b`, elementwise and broadcast: 1 or 0, of type bool. A comparison with NaN is
/// false.
///
/// - Shapes: any that broadcast, as NumPy has it; the result's scalar type is bool.
/// - Derivative: none; the result is constant almost everywhere.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Less: ComparisonOp {
  public static let name = "less"
  public static let derivative = "none; the result is constant almost everywhere"
  /// Makes the op.
  public init() {}
  public func holds<R: RealNumber>(_ a: R, _ b: R) -> Bool { a < b }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.less) }
}

extension Value {
  /// Whether each element is less than another: see ``Less``.
  public func less(than other: Value) throws -> Value { try apply(Less(), other) }
  /// Whether each element is less than a constant: see ``Less``.
  public func less(than other: Double) throws -> Value {
    try less(than: constant(other))
  }
  /// Whether each element is greater than another: see ``Less``.
  public func greater(than other: Value) throws -> Value { try other.less(than: self) }
  /// Whether each element is greater than a constant: see ``Less``.
  public func greater(than other: Double) throws -> Value {
    try greater(than: constant(other))
  }
}
