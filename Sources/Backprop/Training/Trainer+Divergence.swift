extension Trainer {
  /// Finds where the first number that is not finite came from, for a step whose cost is not.
  ///
  /// The epoch is gone through again up to the step before, which gives the same bits, and that
  /// step is computed node by node. Where the weights are broken already, the update before it is
  /// to blame.
  ///
  /// - Parameters:
  ///   - number: the step, from 1.
  ///   - start: the state before the epoch.
  func divergence(
    at number: Int, from start: TrainingState, _ epoch: Epoch
  ) throws -> DivergenceError {
    let batches = epoch.batches
    var state = start
    for batch in batches.prefix(max(number - 2, 0)) { try step.run(&state, batch) }
    var culprit = number
    if number > 1 {
      let before = state
      try step.run(&state, batches[number - 2])
      if !isFinite(state) { (state, culprit) = (before, number - 1) }
    }
    let origin = try step.firstNonFinite(state, batches[culprit - 1])
    return error(epoch, step: culprit, state, origin)
  }

  /// The same for an epoch after which the validation loss is not finite.
  func divergence(
    after epoch: Epoch, from start: TrainingState, to state: TrainingState, _ validation: Dataset
  ) throws -> DivergenceError {
    let count = epoch.batches.count
    guard isFinite(state) else {
      return try divergence(at: count + 1, from: start, epoch)
    }
    let samples = validation.batches(of: min(validation.count, 500))[0]
    let origin = try step.firstNonFinite(state, samples)
    return error(epoch, step: count, state, "the validation loss is not finite; \(origin)")
  }

  private func isFinite(_ state: TrainingState) -> Bool {
    step.declarations.allSatisfy { declaration in
      state[declaration.path]?.array(of: Double.self).allSatisfy(\.isFinite) ?? true
    }
  }

  private func error(
    _ epoch: Epoch, step number: Int, _ state: TrainingState, _ origin: String
  ) -> DivergenceError {
    let rate = step.optimizer.learningRate * step.schedule.factor(step: state.step)
    return DivergenceError(epoch: epoch.number, step: number, origin: origin, learningRate: rate)
  }
}
