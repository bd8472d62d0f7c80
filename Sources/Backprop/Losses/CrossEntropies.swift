public import BackpropCore

/// Nielsen's cross-entropy, `C = −1/m Σ_x Σ_j [y_j ln a_j + (1 − y_j) ln(1 − a_j)]`: the **sum**
/// over outputs, the **mean** over samples, on **activations** in [0, 1].
///
/// For sigmoid outputs the error of the last layer is `δ = a − y`. Targets are 0, 1 or between. The
/// cost is finite, with a finite derivative, for every a in [0, 1]:
/// - A factor of 0 makes its logarithm count 0, also where a is 0 or 1 (as `nan_to_num` does in
///   Nielsen's program).
/// - Where a has been rounded to the wrong end, a logarithm stands for that of the smallest normal
///   number: it costs 87 in float32, 708 in float64, instead of ∞, and its derivative is 0.
/// - Where `a = σ(z)` comes straight from a sigmoid and `a(1 − a)` is below 10⁻³⁰, the same cost is
///   computed from z. So `δ = a − y` holds also for a saturated output, whose σ′ is 0 in floating
///   point (from z = 17 on in float32).
///
/// - Takes: activations, as a sigmoid or softmax gives them; never logits (see
///   ``SigmoidCrossEntropy``).
/// - Throws: `ShapeError` if prediction and target differ in shape.
/// - Source: M. Nielsen, "Neural Networks and Deep Learning" (2015), equation (63).
public struct CrossEntropy: SampleLoss {
  public let name = "cross-entropy"
  public var input: LossInput { .probabilities }
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    return try bernoulli(prediction, target).sum(axes: [-1])
  }
}

/// Binary cross-entropy, `C = −1/(mk) Σ_x Σ_j [y_j ln a_j + (1 − y_j) ln(1 − a_j)]`: the **mean**
/// over samples **and** the k outputs, on **probabilities** in [0, 1].
///
/// What PyTorch calls `BCELoss`: ``CrossEntropy`` divided by k, and as safe at both ends. Targets
/// are 0, 1 or between.
///
/// - Takes: probabilities, as a sigmoid gives them; never logits (see ``SigmoidCrossEntropy``).
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct BinaryCrossEntropy: SampleLoss {
  public let name = "binary-cross-entropy"
  public var input: LossInput { .probabilities }
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    return try bernoulli(prediction, target).mean(axes: [-1])
  }
}

/// Cross-entropy of the logistic function, the same as ``BinaryCrossEntropy`` but on **logits** z
/// with a = σ(z): the **mean** over samples **and** outputs.
///
/// What PyTorch calls `BCEWithLogitsLoss`. One op with its own derivative,
/// `∂C_x/∂z = (σ(z) − y)/k`; no logit is too large for it. Targets are 0, 1 or between.
///
/// - Takes: logits. The last layer has no activation of its own.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct SigmoidCrossEntropy: SampleLoss {
  public let name = "sigmoid-cross-entropy"
  public var input: LossInput { .logits }
  public var probabilities: OutputProbabilities? { .sigmoid }
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    return try prediction.sigmoidCrossEntropy(target).mean(axes: [-1])
  }
}

/// `−[y ln a + (1 − y) ln(1 − a)]` for each output, with the care that ``CrossEntropy`` describes.
private func bernoulli(_ activation: Value, _ target: Value) throws -> Value {
  let smallest = activation.scalarType == .float64 ? 0x1p-1022 : 0x1p-126
  let other = try 1 - activation
  let cost = try
    -(target * activation.maximum(smallest).log()
    + (1 - target) * other.maximum(smallest).log())
  guard let logit = activation.inputs(of: Sigmoid.self)?.first else { return cost }
  let isSaturated = try (activation * other).less(than: 1e-30)
  return try isSaturated.select(logit.sigmoidCrossEntropy(target), cost)
}

extension Loss where Self == CrossEntropy {
  /// Nielsen's cross-entropy on activations: Σ over outputs, mean over samples. See
  /// ``CrossEntropy``.
  public static var crossEntropy: CrossEntropy { CrossEntropy() }
}
extension Loss where Self == BinaryCrossEntropy {
  /// The cross-entropy on probabilities: mean over samples and outputs. See ``BinaryCrossEntropy``.
  public static var binaryCrossEntropy: BinaryCrossEntropy { BinaryCrossEntropy() }
}
extension Loss where Self == SigmoidCrossEntropy {
  /// The cross-entropy of sigmoid on logits: mean over samples and outputs. See
  /// ``SigmoidCrossEntropy``.
  public static var sigmoidCrossEntropy: SigmoidCrossEntropy { SigmoidCrossEntropy() }
}
