public import BackpropCore

/// The focal cost of the logistic function, on **logits** z with p = σ(z):
/// `−[α·y (1 − p)^γ ln p + (1 − α)(1 − y) p^γ ln(1 − p)]`, the **mean** over samples **and** outputs.
///
/// Samples that are told rightly count less: with γ = 0 and α = ½ it is half of
/// ``SigmoidCrossEntropy``. Powers and logarithms are computed from softplus(±z): nothing overflows.
/// torchvision's `sigmoid_focal_loss` for targets of 0 and 1, with `reduction: "mean"`.
///
/// - Takes: logits. The last layer has no activation of its own. Targets are 0 or 1; between, the
///   two terms are mixed.
/// - Throws: `ShapeError` if prediction and target differ in shape; ``ConfigurationError`` if
///   ``gamma`` is negative or ``alpha`` outside 0…1.
/// - Source: T.-Y. Lin et al., "Focal Loss for Dense Object Detection" (2017), equation (5).
public struct SigmoidFocal: SampleLoss {
  public let name = "sigmoid-focal"
  public var input: LossInput { .logits }
  public var probabilities: OutputProbabilities? { .sigmoid }
  /// γ: how much less a sample counts that is told rightly; at least 0.
  public var gamma: Double
  /// α: what a target of 1 counts, and 1 − α what one of 0; from 0 to 1.
  public var alpha: Double

  /// Makes the cost.
  public init(gamma: Double = 2, alpha: Double = 0.25) { (self.gamma, self.alpha) = (gamma, alpha) }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("gamma", &gamma, .notNegative)
    try options.number("alpha", &alpha, .unit)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try require("gamma", gamma, .notNegative)
    try require("alpha", alpha, .unit)
    try requireSameShape(prediction, target)
    // −ln p, and −ln(1 − p); (1 − p)^γ = e^(γ ln(1 − p)).
    let (yes, no) = (try (-prediction).softplus(), try prediction.softplus())
    let ofOne = try alpha * target * (-gamma * no).exp() * yes
    let ofZero = try (1 - alpha) * (1 - target) * (-gamma * yes).exp() * no
    return try (ofOne + ofZero).mean(axes: [-1])
  }
}

/// The focal cost of softmax, on **logits** z with p the softmax of the target's class:
/// `−(1 − p)^γ ln p`, the **mean** over samples.
///
/// Samples that are told rightly count less; with γ = 0 it is ``SoftmaxCrossEntropy``. 1 − p is the
/// sum of the other classes' probabilities, and so keeps its digits where p is near 1.
///
/// - Takes: logits [..., classes]. The last layer has no activation of its own. Targets are int32
///   class indices [...].
/// - Throws: `ShapeError` if the targets are not class indices; ``ConfigurationError`` if
///   ``gamma`` is negative.
/// - Source: T.-Y. Lin et al., "Focal Loss for Dense Object Detection" (2017), for more than two
///   classes.
public struct SoftmaxFocal: SampleLoss {
  public let name = "softmax-focal"
  public var input: LossInput { .logits }
  public var acceptsClassIndices: Bool { true }
  public var probabilities: OutputProbabilities? { .softmax }
  /// γ: how much less a sample counts that is told rightly; at least 0.
  public var gamma: Double

  /// Makes the cost.
  public init(gamma: Double = 2) { self.gamma = gamma }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("gamma", &gamma, .notNegative)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try require("gamma", gamma, .notNegative)
    let classes = try requireClasses(target, for: prediction)
    let cost = try prediction.softmaxCrossEntropy(classes)
    if gamma == 0 { return cost }
    let isClass = try classes.oneHot(depth: prediction.shape.last, as: prediction.scalarType)
      .equal(to: 1)
    let others = try isClass.select(0, prediction.softmax()).sum(axes: [-1])
    // The smallest normal number: no logarithm of 0, and no division by it on the way back.
    let smallest = prediction.scalarType == .float64 ? 0x1p-1022 : 0x1p-126
    let factor = try (gamma * others.maximum(smallest).log()).exp()
    return try factor * cost
  }
}

extension Loss where Self == SigmoidFocal {
  /// The focal cost on logits of yes or no, γ = 2, α = ¼. See ``SigmoidFocal``.
  public static var sigmoidFocal: SigmoidFocal { SigmoidFocal() }
}
extension Loss where Self == SoftmaxFocal {
  /// The focal cost on logits of classes, γ = 2. See ``SoftmaxFocal``.
  public static var softmaxFocal: SoftmaxFocal { SoftmaxFocal() }
}
