/// What a trainer tells while it works.
public enum TrainingEvent: Sendable {
  /// Before the first step.
  case start(TrainingStart)
  /// At the end of an epoch, before its report: for each step that was measured.
  case layers(LayerReport)
  /// After each epoch.
  case epoch(EpochReport)
}

/// What is about to be trained.
public struct TrainingStart: Sendable {
  /// What the network declared.
  public let parameters: [ParameterSummary]
  /// Samples for training, validation and test.
  public let trainingSamples, validationSamples, testSamples: Int
  /// Epochs, and samples a step.
  public let epochs, batchSize: Int
}

/// How far an epoch is that is not over yet.
public struct EpochProgress: Sendable {
  /// From 1.
  public let epoch: Int
  /// The samples that were learnt from, and those of the whole epoch.
  public let samples, total: Int
  /// The training cost over these samples.
  public let loss: Double
}

/// One epoch.
public struct EpochReport: Sendable {
  /// From 1.
  public let epoch: Int
  /// The mean training cost over the epoch's batches, each before its update.
  public let loss: Double
  /// The network after the epoch on the validation part.
  public let validation: Evaluation
  /// The time of the epoch's steps, batch assembly included, in seconds.
  public let seconds: Double
  /// Training samples a second.
  public let samplesPerSecond: Double
  /// Whether this is the best epoch so far: the lowest validation loss, the earlier one of equals.
  public let isBest: Bool
}

/// A run whose numbers went wrong.
public struct DivergenceError: Error, CustomStringConvertible {
  /// The epoch, from 1, and the step in it, from 1.
  public let epoch, step: Int
  /// The layer, op and value that was the first not to be finite.
  public let origin: String
  /// The learning rate in use.
  public let learningRate: Double

  public var description: String {
    "training diverged in epoch \(epoch), step \(step): \(origin); try a learning rate below \(learningRate), "
      + "or clip the gradient"
  }
}
