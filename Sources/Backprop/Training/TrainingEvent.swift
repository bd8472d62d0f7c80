/// What a trainer tells while it works.
public enum TrainingEvent: Sendable {
  /// Before the first step.
  case start(TrainingStart)
  /// At the end of an epoch, before its report: for each step that was measured.
  case layers(LayerReport)
  /// After each epoch.
  case epoch(EpochReport)
  /// After the beginning, where a training goes on from a checkpoint.
  case resumed(ResumeReport)
  /// A number was not finite, and the training goes on.
  case nonfinite(NonfiniteReport)
  /// A checkpoint could not be written: why, in a line. The training goes on, earlier checkpoints stay.
  case checkpointFailed(String)
}

/// Where a training goes on.
public struct ResumeReport: Sendable {
  /// The checkpoint.
  public let path: String
  /// The epoch, from 1, and how many of its steps are behind.
  public let epoch, step: Int
  /// What the bits depend on that is not as it was, such as the kernels: a sentence each.
  public let differences: [String]
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
