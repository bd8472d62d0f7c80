public import BackpropCore

/// How the costs of samples become the cost of a batch. In text, an option of every cost that is a
/// mean over samples: `huber:reduction=sum`.
///
/// The costs of the samples themselves are ``SampleLoss/perSample(_:_:)``.
public enum LossReduction: String, Hashable, Sendable, CaseIterable {
  /// Their mean: `1/m Σ_x C_x`.
  case mean
  /// Their sum: `Σ_x C_x`.
  case sum
  /// Their sum divided by the sum of what the samples count (``SampleLoss/sampleWeights(_:_:)``):
  /// PyTorch's mean where classes have weights or one is ignored. It couples the samples of a batch.
  /// 0 where no sample counts. Over an epoch, the batches' costs are averaged by size.
  case weightedMean = "weighted-mean"
}

/// A cost with another reduction than the mean over samples.
///
/// ```swift
/// let loss = ReducedLoss(.huber, .sum)
/// ```
///
/// Weights that the samples of a data set have multiply their costs; they do not change what a sum
/// is divided by.
public struct ReducedLoss: Loss {
  /// The cost of each sample.
  public private(set) var base: any SampleLoss
  /// How these become one number.
  public private(set) var reduction: LossReduction

  /// Makes the cost.
  public init(_ base: some SampleLoss, _ reduction: LossReduction) {
    (self.base, self.reduction) = (base, reduction)
  }

  public var name: String { base.name }
  public var input: LossInput { base.input }
  public var acceptsClassIndices: Bool { base.acceptsClassIndices }
  public var probabilities: OutputProbabilities? { base.probabilities }
  public var pooling: LossPooling { reduction == .sum ? .sum : .mean }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try base.visit(&options)
    try options.choice("reduction", &reduction)
  }

  public func callAsFunction(_ prediction: Value, _ target: Value) throws -> Value {
    try reduced(base.perSample(prediction, target), prediction, target)
  }

  /// The cost of a batch from the costs of its samples.
  func reduced(_ costs: Value, _ prediction: Value, _ target: Value) throws -> Value {
    switch reduction {
    case .mean: return try costs.mean()
    case .sum: return try costs.sum()
    case .weightedMean:
      guard let weights = try base.sampleWeights(prediction, target) else {
        return try costs.mean()
      }
      let total = try weights.sum()
      return try costs.sum() / total.equal(to: 0).select(1, total)
    }
  }
}
