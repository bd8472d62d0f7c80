/// Whether `a = b`, elementwise and broadcast: 1 or 0, of type bool. A comparison with NaN is
/// false.
///
/// - Shapes: any that broadcast, as NumPy has it; the result's scalar type is bool.
/// - Derivative: none; the result is constant almost everywhere.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Equal: ComparisonOp {
  public static let name = "equal"
  public static let derivative = "none; the result is constant almost everywhere"
  /// Makes the op.
  public init() {}
  public func holds<R: RealNumber>(_ a: R, _ b: R) -> Bool { a == b }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.equal) }
}

extension Value {
  /// Whether each element is equal to another: see ``Equal``.
  public func equal(to other: Value) throws -> Value { try apply(Equal(), other) }
  /// Whether each element is equal to a constant: see ``Equal``.
  public func equal(to other: Double) throws -> Value {
    try equal(to: constant(other))
  }
}
