public import BackpropCore

/// The negative log-likelihood, `C = −1/m Σ_x Σ_j y_j ℓ_j`: the **mean** over samples, on
/// **log-probabilities** ℓ.
///
/// What PyTorch calls `NLLLoss`; behind a log-softmax the same as ``SoftmaxCrossEntropy``, whose
/// options it has.
///
/// - Takes: log-probabilities [..., classes], as a log-softmax gives them. Targets are int32 class
///   indices [...] or distributions [..., classes].
/// - Throws: as ``SoftmaxCrossEntropy``.
public struct NegativeLogLikelihood: SampleLoss {
  public let name = "negative-log-likelihood"
  public var input: LossInput { .logProbabilities }
  public var acceptsClassIndices: Bool { true }
  /// What is made of the targets.
  public var classes: ClassOptions

  /// Makes the cost.
  public init(_ classes: ClassOptions = ClassOptions()) { self.classes = classes }

  public mutating func visit(_ options: inout NamedOptions) throws { try classes.visit(&options) }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    let weighted = try classes.weightedTargets(target, for: prediction, of: self)
    // A factor of 0 makes its logarithm count 0, also where that is −∞.
    let terms = try weighted.equal(to: 0).select(0, weighted * prediction)
    return try classes.ignoring(target, in: -terms.sum(axes: [-1]))
  }

  public func sampleWeights(_ prediction: Value, _ target: Value) throws -> Value? {
    try classes.sampleWeights(target, for: prediction, of: self)
  }
}

/// The Kullback–Leibler divergence of the predicted distribution from the target,
/// `C = 1/m Σ_x Σ_j y_j (ln y_j − ℓ_j)`: the **mean** over samples, on **log-probabilities** ℓ.
///
/// PyTorch's `KLDivLoss(reduction: "batchmean")`. A target of 0 costs 0. Its gradient is that of
/// ``NegativeLogLikelihood``; for one-hot targets so is its value.
///
/// - Takes: log-probabilities [..., classes], as a log-softmax gives them. Targets are
///   distributions of the same shape.
/// - Throws: `ShapeError` if prediction and target differ in shape.
/// - Source: S. Kullback, R. Leibler, "On Information and Sufficiency" (1951).
public struct KLDivergence: SampleLoss {
  public let name = "kl-divergence"
  public var input: LossInput { .logProbabilities }
  /// Makes the cost.
  public init() {}

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let counts = try target.greater(than: 0)
    // Nothing is taken the logarithm of that does not count.
    let logarithm = try counts.select(target, 1).log()
    return try counts.select(target * (logarithm - prediction), 0).sum(axes: [-1])
  }
}

/// The negative log-likelihood of Poisson counts, `e^z − y·z`: the **mean** over samples **and**
/// outputs. z is the **logarithm** of the expected count.
///
/// PyTorch's `PoissonNLLLoss` with `log_input`. The term ln y! that does not depend on z is left
/// out, so the cost may be negative; ``isFull`` adds Stirling's approximation of it,
/// `y ln y − y + ½ ln(2πy)`, where y > 1. A sample's gradient is `(e^z − y)/k`.
///
/// - Takes: any real values, logarithms of rates. Targets are counts of at least 0.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct Poisson: SampleLoss {
  public let name = "poisson"
  /// Whether the term that does not depend on the prediction is added.
  public var isFull: Bool

  /// Makes the cost.
  public init(isFull: Bool = false) { self.isFull = isFull }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.flag("full", &isFull)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    var cost = try prediction.exp() - target * prediction
    if isFull {
      let counts = try target.greater(than: 1)
      let count = try counts.select(target, 1)
      let rest = try count * count.log() - count + 0.5 * (2 * Double.pi * count).log()
      cost = try cost + counts.select(rest, 0)
    }
    return try cost.mean(axes: [-1])
  }
}

extension Loss where Self == NegativeLogLikelihood {
  /// The negative log-likelihood on log-probabilities: mean over samples. See
  /// ``NegativeLogLikelihood``.
  public static var negativeLogLikelihood: NegativeLogLikelihood { NegativeLogLikelihood() }
}
extension Loss where Self == KLDivergence {
  /// The Kullback–Leibler divergence on log-probabilities: mean over samples. See
  /// ``KLDivergence``.
  public static var klDivergence: KLDivergence { KLDivergence() }
}
extension Loss where Self == Poisson {
  /// The Poisson likelihood on logarithms of rates: mean over samples and outputs. See ``Poisson``.
  public static var poisson: Poisson { Poisson() }
}
