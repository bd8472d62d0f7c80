public import BackpropCore

/// Cross-entropy of softmax, `C = −1/m Σ_x Σ_j y_j ln softmax(z)_j`: the **mean** over samples, on
/// **logits** z.
///
/// What PyTorch calls `CrossEntropyLoss`; for one-hot targets Nielsen's log-likelihood cost. One op
/// with its own derivative, `∂C_x/∂z = softmax(z) − y`; no logit is too large for it.
///
/// ``classes`` can smooth the targets, weigh classes and ignore one. The cost stays a mean over all
/// m samples; PyTorch divides by the sum of their weights, as ``LossReduction/weightedMean`` does.
///
/// - Takes: logits [..., classes]. The last layer has no activation of its own. Targets are int32
///   class indices [...] or distributions [..., classes] whose rows sum to 1.
/// - Throws: `ShapeError` if the target is neither; ``ConfigurationError`` for options that do not
///   fit.
public struct SoftmaxCrossEntropy: SampleLoss {
  public let name = "softmax-cross-entropy"
  public var input: LossInput { .logits }
  public var acceptsClassIndices: Bool { true }
  public var probabilities: OutputProbabilities? { .softmax }
  /// What is made of the targets.
  public var classes: ClassOptions

  /// Makes the cost.
  public init(_ classes: ClassOptions = ClassOptions()) { self.classes = classes }

  public mutating func visit(_ options: inout NamedOptions) throws { try classes.visit(&options) }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireOutputs(prediction)
    if classes == ClassOptions() { return try prediction.softmaxCrossEntropy(target) }
    let weighted = try classes.weightedTargets(target, for: prediction, of: self)
    return try classes.ignoring(target, in: prediction.softmaxCrossEntropy(weighted))
  }

  public func sampleWeights(_ prediction: Value, _ target: Value) throws -> Value? {
    try classes.sampleWeights(target, for: prediction, of: self)
  }
}

extension Loss where Self == SoftmaxCrossEntropy {
  /// The cross-entropy of softmax on logits: mean over samples. See ``SoftmaxCrossEntropy``.
  public static var softmaxCrossEntropy: SoftmaxCrossEntropy { SoftmaxCrossEntropy() }
}
