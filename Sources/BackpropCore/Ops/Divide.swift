/// Elementwise quotient `y = a / b`, broadcast.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = g / b`, `∂C/∂b = −g ⊙ y / b`, each summed over its broadcast axes.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Divide: BinaryOp {
  public static let name = "divide"
  public static let derivative =
    "∂C/∂a = g / b, ∂C/∂b = −g ⊙ y / b, each summed over its broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R { a / b }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    (try g / b, try -(g * (y / b)))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.divide) }
}

extension Value {
  /// The elementwise quotient: see ``Divide``.
  public static func / (a: Value, b: Value) throws -> Value { try a.apply(Divide(), b) }
  /// The elementwise quotient with a constant.
  public static func / (a: Value, b: Double) throws -> Value { try a / a.constant(b) }
  /// The elementwise quotient with a constant.
  public static func / (a: Double, b: Value) throws -> Value { try b.constant(a) / b }
}
