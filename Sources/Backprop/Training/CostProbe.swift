package import BackpropCore
import BackpropExecution

/// The cost of one batch in training mode, or its slope along fixed directions, as a function of
/// the parameters: what finite differences call.
///
/// It has a copy of the state, which it moves parameters in, and random keys that stay the same:
/// dropout drops the same units every time. Its plan computes the function alone, not its gradient.
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
  ///   - slope: for the slope along these directions, and not the cost itself.
  ///   - marks: adds to the graph numbers to read beside the function; it is given the function
  ///     and the trained parameters.
  package init(
    _ step: TrainingStep, _ state: TrainingState, _ batch: Batch, slope: SlopeDirections? = nil,
    marks: (_ function: Value, _ parameters: [Value]) throws -> [Value] = branches
  ) throws {
    precondition(step.precision == .float64, "finite differences need float64")
    try step.check(batch.dataset)
    let isWeighted = batch.dataset.weights != nil
    let trace = try step.trace(.gradient, batch: batch.count, weighted: isWeighted)
    let function = try slope?.slope(of: trace) ?? trace.cost
    let marks = try marks(function, trace.trained)
    plan = try StepPlan(
      of: [function] + marks, in: trace, batch: batch.count, weighted: isWeighted,
      layout: step.layout, options: step.options)
    markCount = marks.count
    layout = step.layout
    storage = Storage(copying: state.readableStorage)
    runner = StepRunner(threads: step.threads)
    self.batch = batch
    runner.bind(batch, plan)
    step.setKeys(runner.workspace, plan, state)
  }

  /// The function with parameters moved by a distance along a line; they are put back.
  package func point(_ move: Move, _ distance: Double) -> FunctionPoint {
    let before = move.parts.map { part in
      let array = array(part.path)
      return part.elements.map { index, amount in
        let value = array[index]
        array[index] = value + distance * amount
        return value
      }
    }
    defer {
      for (part, values) in zip(move.parts, before) {
        let array = array(part.path)
        for (element, value) in zip(part.elements, values) { array[element.index] = value }
      }
    }
    runner.workspace.run(plan.plan, state: storage)
    return FunctionPoint(
      runner.workspace.scalarOutput(0, of: plan.plan),
      sides: (0..<markCount).map { runner.workspace.scalarOutput($0 + 1, of: plan.plan) })
  }

  /// The numbers of a parameter.
  package subscript(path: String) -> [Double] { Array(array(path)) }

  private func array(_ path: String) -> UnsafeMutableBufferPointer<Double> {
    guard let entry = layout[path] else { preconditionFailure("there is no array '\(path)'") }
    return UnsafeMutableBufferPointer(
      start: storage.pointer(to: Double.self, at: entry.byteOffset), count: entry.shape.count)
  }
}

/// A direction v in the space of all trained parameters. The slope of the cost along it is `s = Σ v
/// ⊙ ∂C/∂θ`, and the gradient of s is H·v, with H the matrix of second derivatives.
package struct SlopeDirections: Sendable {
  private let key: RandomKey

  /// The directions of a key: numbers between −1 and 1.
  package init(_ key: RandomKey) { self.key = key }

  /// Adds s to the graph. v is a sine of the element's number, with a phase for each array, so the
  /// graph needs no input for it.
  func slope(of trace: StepTrace) throws -> Value {
    let builder = trace.builder
    var sum = trace.cost.constant(0)
    for (path, gradient) in trace.gradients {
      let count = gradient.shape.count
      let phase = 6.28 * key.folded(path).uniforms(1)[0]
      let angles = try builder.iota(count, gradient.scalarType) * 2.399963229728653 + phase
      sum = try sum + (angles.sin() * gradient.reshaped(to: [count])).sum()
    }
    return sum
  }
}

extension TrainingStep {
  /// The slope s of a batch's cost in training mode, and its gradient H·v by path; the state stays
  /// as it is.
  package func slopeAndGradient(
    _ state: TrainingState, _ batch: Batch, _ directions: SlopeDirections
  ) throws -> (slope: Double, gradients: [String: Tensor]) {
    try check(batch.dataset)
    let isWeighted = batch.dataset.weights != nil
    let trace = try trace(.gradient, batch: batch.count, weighted: isWeighted)
    let slope = try directions.slope(of: trace)
    let products = try gradient(of: slope, withRespectTo: trace.trained)
    let plan = try StepPlan(
      of: [slope] + products, in: trace, batch: batch.count, weighted: isWeighted, layout: layout,
      options: options)
    let runner = StepRunner(threads: threads)
    runner.bind(batch, plan)
    setKeys(runner.workspace, plan, state)
    runner.workspace.run(plan.plan, state: state.readableStorage)
    var gradients: [String: Tensor] = [:]
    for (index, (path, _)) in trace.gradients.enumerated() {
      gradients[path] = runner.workspace.output(index + 1, of: plan.plan)
    }
    return (runner.workspace.scalarOutput(0, of: plan.plan), gradients)
  }

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
