/// Trains a network for a number of epochs: a loop over the public ``TrainingStep``.
///
/// ```swift
/// let fit = try Trainer(step).fit(mnist, epochs: 10) { event in print(event) }
/// let classes = try fit.model.predictedClasses(for: images)
/// ```
public struct Trainer: Sendable {
  /// The step.
  public let step: TrainingStep

  /// Makes a trainer.
  public init(_ step: TrainingStep) { self.step = step }

  /// What a training run gives.
  public struct Fit: Sendable {
    /// The model of the epoch that was best on the validation part.
    public let model: Model
    /// The state after the last epoch.
    public let lastState: TrainingState
    /// One report an epoch.
    public let history: [EpochReport]
    /// The best epoch, from 1.
    public let bestEpoch: Int
    /// The time of all steps, in seconds.
    public let trainSeconds: Double
    /// Training samples a second, over all epochs.
    public let samplesPerSecond: Double
  }

  /// Trains from a fresh state, or from a checkpoint.
  ///
  /// The parameters that come out depend on network, data and seed alone, to the bit: not on `explainEvery`,
  /// `checkpoints`, threads or how often the training was interrupted and resumed.
  ///
  /// - Parameters:
  ///   - data: the training part is learnt from, the validation part chooses the best epoch; the test part is not read.
  ///   - epochs: how often the training part is gone through, 1 or more.
  ///   - batchSize: samples a step; the last batch of an epoch may be smaller.
  ///   - seed: decides initial parameters, order of samples, dropout.
  ///   - patience: stops when the validation loss has not fallen for this many epochs, 1 or more; nil for never.
  ///   - explainEvery: every so many steps, 1 or more, all layers are measured: see
  ///     ``LayerStatistics``. The parameters come out the same to the bit; nil for never.
  ///   - onNonfinite: what to do about a number that is not finite.
  ///   - checkpoints: where and how often the training is saved; nil for never.
  ///   - resuming: a checkpoint of the same training, to go on from; only `epochs`, `patience`,
  ///     `explainEvery`, `onNonfinite` and the threads may differ. Epochs before it have in the history no
  ///     figures but single numbers.
  ///   - stop: a way to end the training early: it is saved, if `checkpoints` says where.
  ///   - onEvent: called at the start and after each epoch; an error it throws ends the run.
  ///   - onProgress: called within an epoch, between two steps, at most ten times a second.
  /// - Throws: ``DivergenceError`` if a number is not finite and `onNonfinite` says so;
  ///   ``TrainingInterrupted`` if `stop` was made; `CancellationError` if the task is cancelled;
  ///   ``CheckpointError`` or ``FormatError`` if `resuming` is of another training;
  ///   ``ConfigurationError``, ``DataError`` or `ShapeError` if the parts do not fit.
  public func fit(
    _ data: DataSplit, epochs: Int, batchSize: Int = 32, seed: UInt64 = 0, patience: Int? = nil,
    explainEvery: Int? = nil, onNonfinite: NonfinitePolicy = .stop,
    checkpoints: Checkpoints? = nil, resuming: Checkpoint? = nil, stop: StopRequest? = nil,
    onEvent: (TrainingEvent) throws -> Void = { _ in },
    onProgress: ((EpochProgress) -> Void)? = nil
  ) throws -> Fit {
    try fit(
      data, epochs: epochs, batchSize: batchSize, seed: seed, patience: patience,
      explainEvery: explainEvery, onNonfinite: onNonfinite, checkpoints: checkpoints,
      beforeCheckpoint: {}, resuming: resuming, stop: stop, onEvent: onEvent,
      onProgress: onProgress)
  }

  /// The same; `beforeCheckpoint` is called on the writing thread before each checkpoint.
  package func fit(
    _ data: DataSplit, epochs: Int, batchSize: Int, seed: UInt64, patience: Int?,
    explainEvery: Int?, onNonfinite: NonfinitePolicy, checkpoints: Checkpoints?,
    beforeCheckpoint: @escaping @Sendable () throws -> Void, resuming: Checkpoint?,
    stop: StopRequest?, onEvent: (TrainingEvent) throws -> Void,
    onProgress: ((EpochProgress) -> Void)?
  ) throws -> Fit {
    let counts = [
      ("epochs", epochs), ("batch-size", batchSize), ("patience", patience ?? 1),
      ("explain-every", explainEvery ?? 1),
    ]
    for (name, value) in counts where value < 1 {
      throw ConfigurationError(name, "\(name) is \(value); expected 1 or more")
    }
    try checkpoints?.validate()
    let recipe =
      checkpoints == nil && resuming == nil
      ? .null : step.recipe(data, batchSize: batchSize, seed: seed)
    let start =
      try resuming?.snapshot(step, recipe: recipe)
      ?? Snapshot(course: TrainingCourse(), state: step.initialState(seed: seed))
    let done = start.course.epoch - (start.course.batch > 0 ? 0 : 1)
    guard epochs >= done else {
      throw ConfigurationError(
        "epochs",
        "epochs is \(epochs); the checkpoint is of epoch \(done): expected as many or more")
    }
    try onEvent(
      .start(
        TrainingStart(
          parameters: step.declarations, trainingSamples: data.training.count,
          validationSamples: data.validation.count,
          testSamples: data.test.count, epochs: epochs, batchSize: batchSize)))
    if let resuming {
      try onEvent(
        .resumed(
          ResumeReport(
            path: resuming.path, epoch: resuming.epoch, step: resuming.batch,
            differences: resuming.differences(step.machine))))
    }
    let writer = checkpoints.map {
      CheckpointWriter(
        $0, step, recipe: recipe, machine: step.machine, before: beforeCheckpoint)
    }
    let recorder = try explainEvery.map {
      try LayerRecorder(step, data.training, batchSize: batchSize, every: $0)
    }
    return try withoutActuallyEscaping(onEvent) { onEvent in
      var fitting = Fitting(
        step, data, start,
        Fitting.Settings(
          epochs: epochs, batchSize: batchSize, seed: seed, patience: patience,
          onNonfinite: onNonfinite, checkpoints: checkpoints, writer: writer, stop: stop,
          onEvent: onEvent, onProgress: onProgress),
        recorder)
      return try fitting.run()
    }
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
