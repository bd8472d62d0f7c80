package import BackpropCore
import BackpropExecution

/// The cost of one batch in training mode, as a function of the parameters: what finite differences
/// call.
///
/// It has a copy of the state, which it moves parameters in, and random keys that stay the same:
/// dropout drops the same units every time. Its plan computes the cost alone, no gradient.
package final class CostProbe {
  private let runner: StepRunner
  /// The runner reads its rows where they are.
  private let batch: Batch
  private let plan: StepPlan
  private let storage: Storage
  private let layout: StateLayout
  private let markCount: Int

  /// Makes a probe of a step at a state.
  ///
  /// - Parameters:
  ///   - step: must compute in float64.
  ///   - marks: adds to the graph numbers to read beside the cost; it is given the cost and the
  ///     trained parameters.
  package init(
    _ step: TrainingStep, _ state: TrainingState, _ batch: Batch,
    marks: (_ cost: Value, _ parameters: [Value]) throws -> [Value]
  ) throws {
    precondition(step.precision == .float64, "finite differences need float64")
    try step.check(batch.dataset)
    let isWeighted = batch.dataset.weights != nil
    let trace = try step.trace(.gradient, batch: batch.count, weighted: isWeighted)
    let trained = trace.declarations.filter { $0.trainedRole != nil }.map(\.value)
    let marks = try marks(trace.cost, trained)
    plan = try StepPlan(
      costOf: trace, marks: marks, batch: batch.count, weighted: isWeighted, layout: step.layout,
      options: step.options)
    markCount = marks.count
    layout = step.layout
    storage = Storage(copying: state.readableStorage)
    runner = StepRunner(threads: step.threads)
    self.batch = batch
    runner.bind(batch, plan)
    step.setKeys(runner.workspace, plan, state)
  }

  /// The cost of the batch with `distance · amount` added to some elements of a parameter; they are
  /// put back.
  package func cost(
    moving path: String, _ elements: [(index: Int, amount: Double)], by distance: Double
  ) -> Double {
    let array = array(path)
    let before = elements.map { array[$0.index] }
    for (index, amount) in elements { array[index] += distance * amount }
    defer { for (element, value) in zip(elements, before) { array[element.index] = value } }
    return cost()
  }

  /// The cost of the batch at the state that the probe was made with.
  package func cost() -> Double {
    runner.workspace.run(plan.plan, state: storage)
    return runner.workspace.scalarOutput(0, of: plan.plan)
  }

  /// The numbers of the marks in the last run.
  package var marks: [Double] {
    (0..<markCount).map { runner.workspace.scalarOutput($0 + 1, of: plan.plan) }
  }

  /// The numbers of a parameter.
  package subscript(path: String) -> [Double] { Array(array(path)) }

  private func array(_ path: String) -> UnsafeMutableBufferPointer<Double> {
    guard let entry = layout[path] else { preconditionFailure("there is no array '\(path)'") }
    return UnsafeMutableBufferPointer(
      start: storage.pointer(to: Double.self, at: entry.byteOffset), count: entry.shape.count)
  }
}

extension TrainingStep {
  /// The same step in float64, on one thread; this step if it is one.
  package func inFloat64() throws -> TrainingStep {
    if precision == .float64 { return self }
    return try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: input, target: target,
      regularization: regularization,
      schedule: schedule, trainingSamples: trainingSamples, precision: .float64, order: order,
      threads: threads,
      options: options)
  }

  /// The numbers of another step's state, in this step's precision.
  package func state(_ other: TrainingState) throws -> TrainingState {
    var state = TrainingState(layout: layout, key: other.key)
    state.step = other.step
    for path in other.paths {
      if let array = other[path] { try state.set(path, to: array) }
    }
    return state
  }
}
