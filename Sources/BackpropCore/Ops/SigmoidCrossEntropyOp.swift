import RealModule

/// Cross-entropy of the logistic function σ with a target, for each logit: `c = −t ln σ(x) − (1 −
/// t) ln(1 − σ(x))`.
///
/// - Shapes: logits `x` and target `t` (0, 1 or between): any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂x = g ⊙ (σ(x) − t)`, `∂C/∂t = −g ⊙ x`, each summed over its broadcast axes.
/// - Precision: computed as max(x, 0) − x·t + ln(1 + e^(−|x|)): nothing overflows, and no logarithm
///   of 0 is taken.
/// - Throws: ``ShapeError`` if the shapes do not broadcast.
public struct SigmoidCrossEntropyOp: BinaryOp {
  public static let name = "sigmoid-cross-entropy"
  public static let derivative =
    "∂C/∂x = g ⊙ (σ(x) − t), ∂C/∂t = −g ⊙ x, each summed over its broadcast axes"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R, _ t: R) -> R {
    (x > 0 || x.isNaN ? x : 0) - x * t + .log(onePlus: .exp(-x.magnitude))
  }
  public func derivative(
    a x: Value, b t: Value, y: Value, adjoint g: Value
  ) throws -> (Value?, Value?) {
    (try g * (x.sigmoid() - t), try -(g * x))
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
  public func expand(_ inputs: [Value]) throws -> Value {
    let (x, t) = (inputs[0], inputs[1])
    return try x.relu() - x * t + (-x.abs()).exp().log1p()
  }
}

extension Value {
  /// The cross-entropy of the logistic function of these logits with a target: see
  /// ``SigmoidCrossEntropyOp``.
  public func sigmoidCrossEntropy(_ target: Value) throws -> Value {
    try apply(SigmoidCrossEntropyOp(), target)
  }
}
