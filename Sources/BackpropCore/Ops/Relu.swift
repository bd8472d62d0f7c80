/// The rectifier `y = max(x, 0)`.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g` where x > 0, else 0; relu′(0) = 0.
public struct Relu: UnaryOp {
  public static let name = "relu"
  public static let derivative = "∂C/∂x = g where x > 0, else 0; relu′(0) = 0"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { x > 0 || x.isNaN ? x : 0 }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try y.greater(than: 0).select(g, 0)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.relu) }
}

extension Value {
  /// The rectifier of each element: see ``Relu``.
  public func relu() throws -> Value { try apply(Relu()) }
}
