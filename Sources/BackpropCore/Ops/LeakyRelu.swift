/// The leaky rectifier: x where x > 0, else slope · x.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g` where x > 0, else slope · g; at 0 it is the slope.
public struct LeakyRelu: UnaryOp {
  public static let name = "leaky-relu"
  public static let derivative = "∂C/∂x = g where x > 0, else slope · g; at 0 it is the slope"
  /// The derivative for x ≤ 0.
  public let slope: Double
  /// Makes the op.
  public init(slope: Double) { self.slope = slope }
  public func apply<R: RealNumber>(_ x: R) -> R { x > 0 ? x : R(slope) * x }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try x.greater(than: 0).select(g, slope * g)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0].greater(than: 0).select(inputs[0], slope * inputs[0])
  }
}

extension Value {
  /// The leaky rectifier of each element: see ``LeakyRelu``.
  public func leakyRelu(slope: Double = 0.01) throws -> Value { try apply(LeakyRelu(slope: slope)) }
}
