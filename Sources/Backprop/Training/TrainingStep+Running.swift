public import BackpropCore
import BackpropExecution
import Synchronization

extension TrainingStep {
  /// Takes one step: cost, gradient and update of a batch.
  ///
  /// - Parameters:
  ///   - state: changed in place; copied first if another value shares its memory.
  ///   - batch: samples of a data set.
  ///   - learningRate: overrides rate and schedule for this step; it compiles nothing.
  /// - Returns: the cost of the batch before the update.
  /// - Throws: ``DataError`` if the batch's samples are not what the step takes; `ShapeError` from the first
  ///   compilation of a batch size.
  @discardableResult
  public func run(_ state: inout TrainingState, _ batch: Batch, learningRate: Double? = nil) throws
    -> Double
  {
    try run(&state, batch, learningRate: learningRate, kind: .training) { _, _ in }
  }

  /// The same by a plan of another kind; `read` may take its other outputs.
  func run(
    _ state: inout TrainingState, _ batch: Batch, learningRate: Double?, kind: StepPlan.Kind,
    read: (Workspace, Plan) -> Void
  ) throws -> Double {
    try check(batch.dataset)
    let plan = try plan(kind, batch: batch.count, weighted: batch.dataset.weights != nil)
    let runner = takeRunner()
    defer { giveBack(runner) }
    runner.bind(batch, plan)
    let workspace = runner.workspace
    let rate = learningRate ?? self.learningRate(step: state.step)
    setScalars(workspace, plan, state, learningRate: rate)
    setKeys(workspace, plan, state)
    state.withStorage { workspace.run(plan.plan, state: $0) }
    state.step += 1
    read(workspace, plan.plan)
    return workspace.scalarOutput(0, of: plan.plan)
  }

  /// The cost of a batch and its gradient with respect to every trained parameter, in training mode; the state stays
  /// as it is. Minimisers that evaluate a cost several times per step use this.
  ///
  /// - Returns: the cost, and ∂C/∂θ by path.
  public func costAndGradient(
    _ state: TrainingState, _ batch: Batch
  ) throws -> (cost: Double, gradients: [String: Tensor]) {
    try check(batch.dataset)
    let plan = try plan(.gradient, batch: batch.count, weighted: batch.dataset.weights != nil)
    let runner = takeRunner()
    defer { giveBack(runner) }
    runner.bind(batch, plan)
    setKeys(runner.workspace, plan, state)
    runner.workspace.run(plan.plan, state: state.readableStorage)
    var gradients: [String: Tensor] = [:]
    for (index, path) in plan.gradientPaths.enumerated() {
      gradients[path] = runner.workspace.output(index + 1, of: plan.plan)
    }
    return (runner.workspace.scalarOutput(0, of: plan.plan), gradients)
  }

  /// The outputs of the network for a batch, in evaluation mode, and the batch's cost.
  public func predict(
    _ state: TrainingState, _ batch: Batch
  ) throws -> (prediction: Tensor, cost: Double) {
    try check(batch.dataset)
    let plan = try plan(.evaluation, batch: batch.count, weighted: batch.dataset.weights != nil)
    let runner = takeRunner()
    defer { giveBack(runner) }
    runner.bind(batch, plan)
    setKeys(runner.workspace, plan, state)
    runner.workspace.run(plan.plan, state: state.readableStorage)
    return (
      runner.workspace.output(1, of: plan.plan), runner.workspace.scalarOutput(0, of: plan.plan)
    )
  }

  /// Binds the run-time scalars of the state's step: what the optimiser and the regularisation change from step to step.
  func setScalars(
    _ workspace: Workspace, _ plan: StepPlan, _ state: TrainingState, learningRate: Double
  ) {
    stepScalars(
      optimizer, regularization, step: state.step, learningRate: learningRate,
      trainingSamples: trainingSamples
    ) { group, name, value in
      for (index, place) in plan.scalarPlaces.enumerated()
      where place.group == group && place.name == name {
        workspace.setScalar(index, of: plan.plan, to: value)
      }
    }
  }

  /// Binds the random keys of the state's step.
  func setKeys(_ workspace: Workspace, _ plan: StepPlan, _ state: TrainingState) {
    for index in plan.plan.keys.indices {
      workspace.setKey(
        index, of: plan.plan, to: state.key.folded(plan.plan.keys[index]).folded(UInt64(state.step))
      )
    }
  }

  func takeRunner() -> StepRunner {
    runners.withLock { $0.popLast() } ?? StepRunner(threads: threads)
  }

  func giveBack(_ runner: StepRunner) { runners.withLock { $0.append(runner) } }

  /// Whether a data set's samples are what this step takes.
  func check(_ dataset: Dataset) throws {
    try check(dataset.inputs, indices: dataset.indexBounds, name: dataset.name)
    switch (target, dataset.classCount) {
    case (.classes(let count, let positions), let found?)
    where found <= count && dataset.targetPositions == positions: return
    case (.values(let shape), nil) where dataset.targets.shape.count == shape.count * dataset.count:
      return
    default:
      let has = dataset.targetDescription
      let wants =
        if case .classes(let count, let positions) = target {
          Dataset.describe(classes: count, positions: positions)
        } else {
          "\(target.outputs) values"
        }
      throw DataError(dataset.name, "targets are \(has); the network was made for \(wants)")
    }
  }

  /// Whether inputs [n, features…] are what this step takes.
  ///
  /// - Parameters:
  ///   - inputs: the inputs.
  ///   - indices: the least and the greatest of whole numbers, where they are known.
  ///   - name: what the data is called in errors.
  func check(_ inputs: Tensor, indices: ClosedRange<Int32>? = nil, name: String) throws {
    let features = inputs.shape.sizes.dropFirst().reduce(1, *)
    guard features == input.shape.count else {
      throw DataError(
        name, "samples have \(features) features; the network takes \(input.shape.count)")
    }
    guard case .index(_, let below) = input else { return }
    guard inputs.scalarType == .int32 else {
      throw DataError(
        name, "inputs are \(inputs.scalarType.rawValue); the network takes int32 indices")
    }
    let bounds = indices ?? inputs.int32Bounds
    guard bounds.lowerBound < 0 || Int(bounds.upperBound) >= below else { return }
    let all = inputs.array(of: Int32.self)
    guard let place = all.firstIndex(where: { $0 < 0 || Int($0) >= below }) else { return }
    throw DataError(
      name, row: place / features, column: place % features,
      "index \(all[place]) is not one of 0 ..< \(below)")
  }
}
