public import BackpropExecution

/// The memory that training takes, in bytes, predicted from the plan: everything that a step needs,
/// without the process itself and without the data set that batches are cut from.
public struct TrainingMemory: Hashable, Sendable {
  /// What the optimiser trains or leaves as it is: weights and biases.
  public let parameters: Int
  /// Other arrays that layers declare, such as running means.
  public let variables: Int
  /// The optimiser's own arrays.
  public let optimizer: Int
  /// Intermediate values of a step.
  public let arena: Int
  /// Virtual registers and packed operands of all threads.
  public let scratch: Int
  /// Constants, run-time scalars and random keys.
  public let constants: Int
  /// Inputs, targets and weights of a batch, converted for the step.
  public let batch: Int
  /// How many states there are at most: one for a loop of steps.
  public let stateCount: Int

  /// One state: parameters, variables and the optimiser's arrays.
  public var state: Int { parameters + variables + optimizer }
  /// All of it.
  public var byteCount: Int { stateCount * state + arena + scratch + constants + batch }
}

extension TrainingStep {
  /// Describes the plan for a batch size: its instructions and its memory.
  ///
  /// - Parameters:
  ///   - batch: samples a step, 1 or more.
  ///   - predicting: whether to describe the plan of prediction and cost instead of that of
  ///     training.
  /// - Throws: `ShapeError` or ``ConfigurationError`` from the first compilation of a batch size.
  public func planListing(batch: Int, predicting: Bool = false) throws -> PlanListing {
    try plan(predicting ? .evaluation : .training, batch: batch).plan.listing(state: layout)
  }

  /// The memory that a loop of steps takes at its peak.
  ///
  /// - Parameters:
  ///   - batch: samples a step, 1 or more.
  ///   - predicting: whether to run the plan of prediction and cost, not that of training.
  /// - Throws: as ``planListing(batch:predicting:)``.
  public func memory(batch: Int, predicting: Bool = false) throws -> TrainingMemory {
    let plan = try planListing(batch: batch, predicting: predicting)
    return memory([plan], stateCount: 1)
  }

  /// The memory that ``Trainer`` takes at its peak: it keeps the best state and the one that the epoch
  /// started from beside the current one, and evaluates in larger batches.
  ///
  /// - Parameters:
  ///   - batch: samples a step, 1 or more.
  ///   - evaluationBatch: samples of a batch in which the validation part is run through.
  /// - Throws: as ``planListing(batch:predicting:)``.
  public func trainerMemory(batch: Int, evaluationBatch: Int = 500) throws -> TrainingMemory {
    let plans = [
      try planListing(batch: batch),
      try planListing(batch: evaluationBatch, predicting: true),
    ]
    return memory(plans, stateCount: 3)
  }

  private func memory(_ plans: [PlanListing], stateCount: Int) -> TrainingMemory {
    var (parameters, variables, optimizer) = (0, 0, 0)
    let roles = Dictionary(uniqueKeysWithValues: declarations.map { ($0.path, $0.role) })
    let ends = layout.entries.dropFirst().map(\.byteOffset) + [layout.byteCount]
    for (entry, end) in zip(layout.entries, ends) {
      let bytes = end - entry.byteOffset
      switch roles[entry.path] {
      case .some(.some): parameters += bytes
      case .some(.none): variables += bytes
      case nil: optimizer += bytes
      }
    }
    // One workspace runs them all, and grows to the largest.
    func most(_ bytes: (PlanListing) -> Int) -> Int { plans.map(bytes).max() ?? 0 }
    return TrainingMemory(
      parameters: parameters, variables: variables, optimizer: optimizer,
      arena: most(\.arenaByteCount), scratch: most(\.scratchByteCount) * threads,
      constants: plans.reduce(0) { $0 + $1.constantByteCount } + most(\.scalarByteCount),
      batch: most(\.inputByteCount), stateCount: stateCount)
  }
}
