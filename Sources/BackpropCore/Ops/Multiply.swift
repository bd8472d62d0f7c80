/// Elementwise (Hadamard) product `y = a ⊙ b`, broadcast.
///
/// - Shapes: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = g ⊙ b`, `∂C/∂b = g ⊙ a`, each summed over its broadcast axes.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct Multiply: BinaryOp {
  public static let name = "multiply"
  public static let derivative = "∂C/∂a = g ⊙ b, ∂C/∂b = g ⊙ a, each summed over its broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R { a * b }
  public func derivative(
    a: Value, b: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    (try g * b, try g * a)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.multiply) }
}

extension Value {
  /// The elementwise product: see ``Multiply``.
  public static func * (a: Value, b: Value) throws -> Value { try a.apply(Multiply(), b) }
  /// The product with a constant.
  public static func * (a: Value, b: Double) throws -> Value { try a * a.constant(b) }
  /// The product with a constant.
  public static func * (a: Double, b: Value) throws -> Value { try b.constant(a) * b }
}
