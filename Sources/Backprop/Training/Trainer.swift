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

  /// Trains from a fresh state.
  ///
  /// - Parameters:
  ///   - data: the training part is learnt from, the validation part chooses the best epoch; the test part is not read.
  ///   - epochs: how often the training part is gone through, 1 or more.
  ///   - batchSize: samples a step; the last batch of an epoch may be smaller.
  ///   - seed: decides initial parameters, order of samples, dropout.
  ///   - patience: stops when the validation loss has not fallen for this many epochs, 1 or more; nil for never.
  ///   - explainEvery: every so many steps, 1 or more, all layers are measured: see
  ///     ``LayerStatistics``. The parameters come out the same to the bit; nil for never.
  ///   - onEvent: called at the start and after each epoch; an error it throws ends the run.
  ///   - onProgress: called within an epoch, between two steps, at most ten times a second.
  /// - Throws: ``DivergenceError`` if a cost is not finite; `CancellationError` if the task is cancelled;
  ///   ``ConfigurationError``, ``DataError`` or `ShapeError` if the parts do not fit.
  public func fit(
    _ data: DataSplit, epochs: Int, batchSize: Int = 32, seed: UInt64 = 0, patience: Int? = nil,
    explainEvery: Int? = nil,
    onEvent: (TrainingEvent) throws -> Void = { _ in },
    onProgress: ((EpochProgress) -> Void)? = nil
  ) throws -> Fit {
    guard epochs >= 1 else {
      throw ConfigurationError("epochs", "epochs is \(epochs); expected 1 or more")
    }
    guard batchSize >= 1 else {
      throw ConfigurationError("batch-size", "batch-size is \(batchSize); expected 1 or more")
    }
    if let patience, patience < 1 {
      throw ConfigurationError("patience", "patience is \(patience); expected 1 or more")
    }
    if let explainEvery, explainEvery < 1 {
      throw ConfigurationError(
        "explain-every", "explain-every is \(explainEvery); expected 1 or more")
    }
    var state = try step.initialState(seed: seed)
    try onEvent(
      .start(
        TrainingStart(
          parameters: step.declarations, trainingSamples: data.training.count,
          validationSamples: data.validation.count,
          testSamples: data.test.count, epochs: epochs, batchSize: batchSize)))
    let key = RandomKey(seed)
    var recorder = try explainEvery.map {
      try LayerRecorder(step, data.training, batchSize: batchSize, every: $0)
    }
    var best = (epoch: 0, loss: Double.infinity, state: state)
    var history: [EpochReport] = []
    var seconds = 0.0
    for epoch in 1...epochs {
      let batches = Epoch(data.training, batchSize: batchSize, key: key, number: epoch)
      let start = state
      let clock = ContinuousClock.now
      let loss: Double
      do {
        loss = try batches.run(step, &state, &recorder, onProgress)
      } catch let error as Epoch.NonFinite {
        throw try divergence(at: error.step, from: start, batches)
      }
      let elapsed = clock.duration(to: .now).seconds
      seconds += elapsed
      let validation = try step.evaluate(state, on: data.validation, isDetailed: false)
      guard validation.loss.isFinite else {
        throw try divergence(after: batches, from: start, to: state, data.validation)
      }
      let isBest = validation.loss < best.loss
      if isBest || best.epoch == 0 { best = (epoch, validation.loss, state) }
      let report = EpochReport(
        epoch: epoch, loss: loss, validation: validation, seconds: elapsed,
        samplesPerSecond: Double(data.training.count) / elapsed, isBest: isBest)
      history.append(report)
      let measured = recorder?.takeReports(epoch: epoch) ?? []
      for report in measured { try onEvent(.layers(report)) }
      try onEvent(.epoch(report))
      try Task.checkCancellation()
      if let patience, epoch - best.epoch >= patience { break }
    }
    let model = Model(
      step: step, state: best.state, scaling: data.training.scaling,
      targetScaling: data.training.targetScaling, classNames: data.training.classNames)
    return Fit(
      model: model, lastState: state, history: history, bestEpoch: best.epoch,
      trainSeconds: seconds,
      samplesPerSecond: Double(data.training.count * history.count) / seconds)
  }
}

/// One pass through a data set.
struct Epoch {
  /// A step whose cost was not finite, from 1.
  struct NonFinite: Error { let step: Int }

  let number: Int
  let batches: Batches

  init(_ dataset: Dataset, batchSize: Int, key: RandomKey, number: Int) {
    self.number = number
    batches = dataset.batches(of: batchSize, key: key, epoch: number)
  }

  /// Takes all steps; gives the mean of the batches' costs, weighted by their sizes and pooled as the loss says.
  ///
  /// - Parameter onProgress: called at most ten times a second; the clock is read for it alone.
  func run(
    _ step: TrainingStep, _ state: inout TrainingState, _ recorder: inout LayerRecorder?,
    _ onProgress: ((EpochProgress) -> Void)? = nil
  ) throws -> Double {
    let pooling = step.loss.pooling
    var (sum, samples) = (0.0, 0)
    var last = ContinuousClock.now
    for index in 0..<batches.count {
      let batch = batches[index]
      let cost =
        recorder?.measures(state.step) == true
        ? try recorder!.run(step, &state, batch) : try step.run(&state, batch)
      guard cost.isFinite else { throw NonFinite(step: index + 1) }
      sum += (pooling == .mean ? cost : cost * cost) * Double(batch.count)
      samples += batch.count
      guard let onProgress, index + 1 < batches.count,
        last.duration(to: .now) >= .milliseconds(100)
      else { continue }
      last = .now
      let mean = sum / Double(samples)
      onProgress(
        EpochProgress(
          epoch: number, samples: samples, total: batches.dataset.count,
          loss: pooling == .mean ? mean : mean.squareRoot()))
    }
    let mean = sum / Double(batches.dataset.count)
    return pooling == .mean ? mean : mean.squareRoot()
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
