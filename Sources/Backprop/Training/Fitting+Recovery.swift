import BackpropCore

extension Fitting {
  /// Deals with a number that is not finite: finds the step that made it, and does what was asked for.
  ///
  /// The steps since the last sound state are taken again, which gives the same bits, and each state is
  /// looked at: what is found does not depend on how often the training was saved.
  ///
  /// - Throws: ``DivergenceError`` if the training is to end.
  mutating func recover(_ batches: Batches) throws {
    let last = min(course.batch, batches.count - 1)
    (state, course) = sound
    while course.batch <= last {
      let batch = batches[course.batch]
      let cost = try step.run(&state, batch, learningRate: learningRate)
      guard cost.isFinite, state.isFinite else { break }
      count(cost, batch)
      keep()
    }
    // The state before the step, and its place, are those remembered.
    (state, course) = sound
    let number = course.batch
    guard number <= last else { return }
    try reportLayers()
    keep()
    let origin =
      try step.findNonFinite(state, batches[number], .training, learningRate: learningRate)
      ?? "the cost or a parameter is not finite"
    switch settings.onNonfinite {
    case .stop: throw try divergence(batches, origin)
    case .skip:
      guard course.skipped < NonfinitePolicy.limit else {
        throw try divergence(batches, "\(course.skipped) steps in a row were left out; \(origin)")
      }
      course.skipped += 1
      course.batch += 1
      try tellOf(origin, epoch: course.epoch, step: number + 1)
      keep()
    case .backtrack: try backtrack(batches, origin, step: number + 1)
    }
  }

  /// Deals with a validation loss that is not finite though the parameters are.
  mutating func recoverFromValidation(_ batches: Batches) throws {
    let samples = data.validation.batches(of: min(data.validation.count, 500))
    var origin = "the validation loss is not finite"
    for batch in samples {
      guard let found = try step.findNonFinite(state, batch, .evaluation, learningRate: 0) else {
        continue
      }
      origin += "; \(found)"
      break
    }
    keep()
    guard settings.onNonfinite == .backtrack else { throw try divergence(batches, origin) }
    try backtrack(batches, origin, step: batches.count + 1)
  }

  /// Goes back to the end of the best epoch, and where that did not help to the very beginning, with half the
  /// learning rate.
  private mutating func backtrack(_ batches: Batches, _ origin: String, step number: Int) throws {
    let least = Double(sign: .plus, exponent: -NonfinitePolicy.limit, significand: 1)
    guard course.rateFactor > least else {
      throw try divergence(
        batches, "the training went back \(NonfinitePolicy.limit) times; \(origin)")
    }
    let epoch = course.epoch
    course.returns += 1
    if course.returns > 1 { (best, course.best) = (nil, nil) }
    state = try best ?? step.initialState(seed: settings.seed)
    course.rateFactor /= 2
    course.beginEpoch((course.best?.epoch ?? 0) + 1)
    course.history.removeLast(course.history.count - (course.epoch - 1))
    followHistory()
    try tellOf(origin, epoch: epoch, step: number)
    keep()
  }

  private mutating func tellOf(_ origin: String, epoch: Int, step number: Int) throws {
    try tell(
      .nonfinite(
        NonfiniteReport(
          epoch: epoch, step: number, origin: origin, action: settings.onNonfinite,
          learningRate: learningRate)))
  }

  /// The error that ends a training; the state that is remembered as sound is saved.
  mutating func divergence(_ batches: Batches, _ origin: String) throws -> DivergenceError {
    var error = DivergenceError(
      epoch: course.epoch, step: min(sound.course.batch + 1, batches.count), origin: origin,
      learningRate: learningRate)
    // What went wrong is more important than that it could not be saved.
    error.checkpoint = try? savedNow()
    return error
  }
}
