import RealModule

/// `y = ln(1 + eˣ)`, computed as max(x, 0) + ln(1 + e^(−|x|)) so that nothing overflows.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ σ(x)`, σ the logistic function.
/// - Precision: relative error of at most about 3·ε for every x, ε = 2⁻²³ or 2⁻⁵², by the bounds of
///   ``Exp`` and ``Log1p``.
public struct Softplus: UnaryOp {
  public static let name = "softplus"
  public static let derivative = "∂C/∂x = g ⊙ σ(x), σ the logistic function"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R {
    (x > 0 || x.isNaN ? x : 0) + .log(onePlus: .exp(-x.magnitude))
  }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g * x.sigmoid()
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0].relu() + (-inputs[0].abs()).exp().log1p()
  }
}

extension Value {
  /// ln(1 + eˣ) of each element: see ``Softplus``.
  public func softplus() throws -> Value { try apply(Softplus()) }
}
