import BackpropCore

/// A training while it goes on: the loop over epochs and steps, and when to save.
struct Fitting {
  /// What was asked for.
  struct Settings {
    let epochs, batchSize: Int
    let seed: UInt64
    let patience: Int?
    let onNonfinite: NonfinitePolicy
    let checkpoints: Checkpoints?
    let writer: CheckpointWriter?
    let stop: StopRequest?
    let onEvent: (TrainingEvent) throws -> Void
    let onProgress: ((EpochProgress) -> Void)?
  }

  let step: TrainingStep
  let data: DataSplit
  let settings: Settings
  var state: TrainingState
  var course: TrainingCourse
  var best: TrainingState?
  /// The last state that was known to be sound, and where it was: what is wrong later is looked for from
  /// here.
  var sound: (state: TrainingState, course: TrainingCourse)
  var recorder: LayerRecorder?
  /// What the schedule makes of the validation losses in the history.
  private var plateauFactor = 1.0
  private var lastProgress = ContinuousClock.now
  private var lastSaving = ContinuousClock.now
  /// What was told last about a checkpoint that could not be written, and the last file before it.
  private var toldFailure: (message: String, latest: String?)?
  /// When the steps that `course.seconds` does not hold yet began.
  private var stepsBegan = ContinuousClock.now

  init(
    _ step: TrainingStep, _ data: DataSplit, _ start: Snapshot, _ settings: Settings,
    _ recorder: LayerRecorder?
  ) {
    (self.step, self.data, self.settings, self.recorder) = (step, data, settings, recorder)
    (state, course, best) = (start.state, start.course, start.best)
    sound = (start.state, start.course)
    followHistory()
  }

  /// Lets the learning rate follow the history of the course, which has changed.
  mutating func followHistory() {
    plateauFactor = step.schedule.factor(
      validationLosses: course.history.map(\.validation.loss))
  }

  mutating func run() throws -> Trainer.Fit {
    // Whatever ends the training: what was handed over is written.
    defer { settings.writer?.finish() }
    while course.epoch <= settings.epochs, !hasRunOutOfPatience {
      try runEpoch()
      try Task.checkCancellation()
    }
    settings.writer?.finish()
    try reportFailure()
    let seconds = course.history.reduce(0) { $0 + $1.seconds }
    let samples = Double(data.training.count * course.history.count)
    return Trainer.Fit(
      model: Model(
        step: step, state: try step.averaged(best ?? state), scaling: data.training.scaling,
        targetScaling: data.training.targetScaling, classNames: data.training.classNames),
      lastState: state, history: course.history, bestEpoch: course.best?.epoch ?? 0,
      trainSeconds: seconds, samplesPerSecond: samples / seconds)
  }

  private var hasRunOutOfPatience: Bool {
    guard let patience = settings.patience, let best = course.best else { return false }
    return course.epoch - 1 - best.epoch >= patience
  }

  /// Goes on with the epoch that the course is in, to its end and its validation, or until the training goes
  /// back to another one.
  private mutating func runEpoch() throws {
    let number = course.epoch
    let batches = data.training.batches(
      of: settings.batchSize, key: RandomKey(settings.seed), epoch: course.epoch)
    if course.batch == 0 { keep() }
    stepsBegan = .now
    repeat {
      while course.batch < batches.count {
        try runStep(batches)
        guard course.epoch == number else { return }
      }
      // A step may break the weights and leave its own cost finite.
      if !state.isFinite { try recover(batches) }
      guard course.epoch == number else { return }
    } while course.batch < batches.count
    try reportLayers()
    guard course.samples > 0 else { throw try divergence(batches, "every step was left out") }
    takeTime()
    let validation = try step.evaluate(
      step.averaged(state), on: data.validation, isDetailed: false)
    guard validation.loss.isFinite else { return try recoverFromValidation(batches) }
    try finishEpoch(validation)
  }

  private mutating func runStep(_ batches: Batches) throws {
    let batch = batches[course.batch]
    let cost = try take(batch)
    guard cost.isFinite else { return try recover(batches) }
    count(cost, batch)
    guard course.batch < batches.count else { return }
    if settings.stop?.isMade == true { try interrupt() }
    if isDue { try save(batches) }
    if let onProgress = settings.onProgress,
      lastProgress.duration(to: .now) >= .milliseconds(100)
    {
      lastProgress = .now
      onProgress(
        EpochProgress(
          epoch: course.epoch, samples: course.samples, total: data.training.count, loss: loss))
    }
  }

  /// Takes a step, measured if it is its turn.
  private mutating func take(_ batch: Batch) throws -> Double {
    // The step's own rate, unless the training went back or is on a plateau.
    let rate = course.rateFactor * plateauFactor == 1 ? nil : learningRate
    guard recorder?.measures(state.step) == true else {
      return try step.run(&state, batch, learningRate: rate)
    }
    return try recorder!.run(step, &state, batch, learningRate: rate)
  }

  /// Adds a step to the mean cost of the epoch.
  mutating func count(_ cost: Double, _ batch: Batch) {
    course.lossSum += step.loss.pooling.share(cost, samples: batch.count)
    course.samples += batch.count
    course.batch += 1
    course.skipped = 0
  }

  /// The costs of this epoch, pooled as the loss says.
  private var loss: Double {
    step.loss.pooling.cost(total: course.lossSum, samples: course.samples)
  }

  /// The learning rate of the next step.
  var learningRate: Double {
    step.learningRate(step: state.step) * course.rateFactor * plateauFactor
  }

  private mutating func finishEpoch(_ validation: Evaluation) throws {
    let isBest = course.best.map { validation.loss < $0.loss } ?? true
    if isBest {
      course.best = (course.epoch, validation.loss)
      if best == nil { best = state } else { best?.assign(state) }
    }
    let report = EpochReport(
      epoch: course.epoch, loss: loss, validation: validation, seconds: course.seconds,
      samplesPerSecond: Double(data.training.count) / course.seconds, isBest: isBest)
    course.history.append(report)
    followHistory()
    course.beginEpoch(course.epoch + 1)
    course.returns = 0
    try tell(.epoch(report))
    let isLast = course.epoch > settings.epochs || hasRunOutOfPatience
    let mayWait = lastSaving.duration(to: .now).seconds < settings.checkpoints?.epochSeconds ?? 0
    if settings.writer != nil, isLast || !mayWait {
      keep()
      submit(isBest: isBest)
      try reportFailure()
    }
    if settings.stop?.isMade == true, !isLast { try interrupt() }
  }

  /// Tells about something that a log holds.
  mutating func tell(_ event: TrainingEvent) throws {
    course.events += 1
    try settings.onEvent(event)
  }

  /// Tells what was measured since the last time.
  mutating func reportLayers() throws {
    for report in recorder?.takeReports(epoch: course.epoch) ?? [] where report.step <= state.step {
      try tell(.layers(report))
    }
  }

  // MARK: - saving

  /// Whether a checkpoint is to be written within the epoch.
  private var isDue: Bool {
    switch settings.checkpoints?.interval {
    case .steps(let count): state.step % count == 0
    case .seconds(let seconds): lastSaving.duration(to: .now).seconds >= seconds
    case nil: false
    }
  }

  /// Saves between two steps, if the state is sound.
  private mutating func save(_ batches: Batches) throws {
    guard state.isFinite else { return try recover(batches) }
    try reportLayers()
    takeTime()
    keep()
    submit(isBest: false)
    try reportFailure()
  }

  /// Remembers where the training is as sound.
  mutating func keep() {
    sound.state.assign(state)
    sound.course = course
  }

  /// Hands what is remembered as sound to the writer.
  mutating func submit(isBest: Bool) {
    lastSaving = .now
    settings.writer?.submit(
      Snapshot(
        course: sound.course, state: sound.state, best: best,
        keepsSlots: settings.onNonfinite == .backtrack || step.optimizer.averaging != nil),
      isBest: isBest)
  }

  private mutating func takeTime() {
    let now = ContinuousClock.now
    course.seconds += stepsBegan.duration(to: now).seconds
    stepsBegan = now
  }

  /// Saves, and ends the training.
  private mutating func interrupt() throws {
    if state.isFinite {
      try reportLayers()
      if course.batch > 0 { takeTime() }
      keep()
    }
    throw TrainingInterrupted(
      epoch: sound.course.epoch, step: sound.course.batch, checkpoint: try savedNow())
  }

  /// Writes what is remembered as sound, now.
  ///
  /// - Returns: the file; nil if there are no checkpoints.
  /// - Throws: what writing throws.
  mutating func savedNow() throws -> String? {
    guard let writer = settings.writer else { return nil }
    submit(isBest: false)
    writer.finish()
    if let failure = writer.takeFailure() { throw failure }
    return writer.latest
  }

  /// Tells about a checkpoint that could not be written; once, until another one was.
  private mutating func reportFailure() throws {
    guard let writer = settings.writer, let failure = writer.takeFailure() else { return }
    let (message, latest) = ("\(failure)", writer.latest)
    if let toldFailure, toldFailure == (message, latest) { return }
    toldFailure = (message, latest)
    try settings.onEvent(.checkpointFailed(message))
  }
}
