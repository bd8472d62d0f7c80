/// Difference `y = a − b`, broadcast.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = g`, `∂C/∂b = −g`, each summed over its broadcast axes.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Subtract: BinaryOp {
  public static let name = "subtract"
  public static let derivative = "∂C/∂a = g, ∂C/∂b = −g, each summed over its broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R { a - b }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    (g, try -g)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.subtract) }
}

extension Value {
  /// The difference: see ``Subtract``.
  public static func - (a: Value, b: Value) throws -> Value { try a.apply(Subtract(), b) }
  /// The difference with a constant.
  public static func - (a: Value, b: Double) throws -> Value { try a - a.constant(b) }
  /// The difference with a constant.
  public static func - (a: Double, b: Value) throws -> Value { try b.constant(a) - b }
}
