public import BackpropCore
public import BackpropExecution
import Synchronization

/// One compiled step of training: forward, backward and update of a network as one plan.
///
/// ```swift
/// let step = try TrainingStep(network, loss: .softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-3),
///                             input: .float([784]), target: .classes(10))
/// var state = try step.initialState(seed: 42)
/// for batch in mnist.training.batches(of: 64, key: RandomKey(42), epoch: 0) {
///   let cost = try step.run(&state, batch)
/// }
/// ```
///
/// A plan is made for each batch size at its first use. After that a step allocates nothing. A step is immutable: any
/// number of tasks may run it, each with a state of its own, and get the bits of serial runs.
public final class TrainingStep: Sendable {
  /// The network.
  public let network: any Layer
  /// The cost.
  public let loss: any Loss
  /// The update rule.
  public let optimizer: any Optimizer
  /// What is done to gradients and weights beside the update rule.
  public let regularization: Regularization
  /// How the learning rate changes with the step.
  public let schedule: Schedule
  /// One sample's input.
  public let input: InputSpecification
  /// One sample's target.
  public let target: TargetSpecification
  /// The real type of all numbers.
  public let precision: ScalarType
  /// From which weights gradients are computed.
  public let order: UpdateOrder
  /// The number of training samples, n of Nielsen's L2.
  public let trainingSamples: Int
  /// How plans are made.
  public let options: PlanOptions
  /// The threads of each caller.
  public let threads: Int

  /// The most threads of a step.
  public static let threadLimit = 1024

  /// What the network declared, in order: the parameters and variables.
  public var declarations: [ParameterSummary] { summary }

  let layout: StateLayout
  let initializers: [(path: String, shape: Shape, initial: Initializer)]
  private let summary: [ParameterSummary]
  private let plans = Mutex(PlanCache())
  let runners = Mutex([StepRunner]())

  /// Makes a step.
  ///
  /// - Parameters:
  ///   - network: the network; traced once here, so that errors of shape come at once.
  ///   - loss: the cost of a batch.
  ///   - optimizer: the update rule, with its base learning rate per step.
  ///   - input: one sample's input.
  ///   - target: one sample's target. Classes reach a cost that takes no class indices one-hot.
  ///   - regularization: L2, decay, clipping.
  ///   - schedule: the learning rate's factor by step.
  ///   - trainingSamples: n in Nielsen's λ/(2n); needed with `regularization.l2`.
  ///   - precision: float32 or float64.
  ///   - order: from which weights gradients are computed.
  ///   - threads: the threads that share the work of one step; the bits do not depend on it.
  ///   - options: how plans are made.
  /// - Throws: `ShapeError` or ``ConfigurationError`` if the parts do not fit.
  public init(
    _ network: some Layer, loss: some Loss, optimizer: some Optimizer, input: InputSpecification,
    target: TargetSpecification, regularization: Regularization = Regularization(),
    schedule: Schedule = .constant, trainingSamples: Int = 1, precision: ScalarType = .float32,
    order: UpdateOrder = .simultaneous, threads: Int = 1, options: PlanOptions = PlanOptions()
  ) throws {
    guard precision == .float32 || precision == .float64 else {
      throw ConfigurationError(
        "precision", "precision is \(precision.rawValue); expected float32 or float64")
    }
    guard (1...Self.threadLimit).contains(threads) else {
      throw ConfigurationError(
        "threads", "threads is \(threads); expected 1 to \(Self.threadLimit)")
    }
    try regularization.validate()
    (self.network, self.loss, self.optimizer) = (network, loss, optimizer)
    (self.input, self.target, self.precision) = (input, target, precision)
    (self.regularization, self.schedule, self.order) = (regularization, schedule, order)
    (self.threads, self.options, self.trainingSamples) = (threads, options, trainingSamples)
    let traced = try StepTrace(
      network: network, loss: loss, optimizer: optimizer, regularization: regularization,
      order: order, input: input,
      target: target, precision: precision, batch: 2, mode: .training)
    let slots = traced.slots.map { (path: $0.path, shape: $0.shape, initial: $0.initial) }
    initializers = traced.declarations.map { ($0.path, $0.shape, $0.initial) } + slots
    layout = StateLayout(initializers.map { ($0.path, $0.shape) }, scalarType: precision)
    try MachineMemory.check(stateByteCount: layout.byteCount)
    summary = traced.declarations.map { ParameterSummary($0) }
  }

  /// A state before the first step.
  ///
  /// - Parameter seed: every parameter starts from its own key, folded from the seed and its path.
  public func initialState(seed: UInt64) throws -> TrainingState {
    let root = RandomKey(seed)
    var state = TrainingState(layout: layout, key: root.folded("step"))
    for (path, shape, initial) in initializers {
      let key = root.folded("initial").folded(path)
      let piece = initial.isPiecewise ? 1 << 14 : max(shape.count, 1)
      for start in stride(from: 0, to: shape.count, by: piece) {
        let range = start..<min(start + piece, shape.count)
        let numbers = initial.elements(shape, key: key, in: range)
        guard numbers.count == range.count else {
          throw ShapeError(
            "initializer \(initial.name)", [shape], path: path,
            "gave \(numbers.count) numbers; expected \(range.count)")
        }
        state.write(numbers, to: path, at: start)
      }
    }
    return state
  }

  /// The number of plans compiled so far; changing a hyperparameter adds none.
  public var compiledPlans: Int { plans.withLock { $0.compiled } }

  /// The plan of a kind and batch size, compiled at its first use.
  func plan(_ kind: StepPlan.Kind, batch: Int, weighted: Bool = false) throws -> StepPlan {
    try plans.withLock { cache in
      if let known = cache.find(kind, batch, weighted) { return known }
      let trace = try trace(kind, batch: batch, weighted: weighted)
      let made = try StepPlan(
        kind, batch: batch, weighted: weighted, trace, layout: layout, options: options)
      cache.insert(made)
      return made
    }
  }

  /// The graph of a kind and batch size.
  func trace(_ kind: StepPlan.Kind, batch: Int, weighted: Bool = false) throws -> StepTrace {
    try StepTrace(
      network: network, loss: loss, optimizer: optimizer, regularization: regularization,
      order: order, input: input,
      target: target, precision: precision, batch: batch,
      mode: kind == .evaluation || kind == .prediction ? .evaluation : .training,
      weighted: weighted)
  }

  /// Checks that the network can be trained on a batch of a size.
  ///
  /// - Throws: `ShapeError` if it cannot, as batch normalisation on one sample.
  package func checkBatch(of samples: Int) throws {
    _ = try trace(.training, batch: samples)
  }

  /// The layers that statistics are taken of.
  func layerNames(batch: Int, weighted: Bool) throws -> [String] {
    try trace(.measured, batch: batch, weighted: weighted).layerStatistics().names
  }

  /// The instructions of the training plan for a batch size, one a line.
  public func listing(batch: Int) throws -> String {
    try plan(.training, batch: batch).plan.listing
  }
}

/// One array that a network declared.
public struct ParameterSummary: Sendable {
  /// The path, as in `hidden.weight`.
  public let path: String
  /// The sizes.
  public let shape: Shape
  /// What weight decay thinks of it; nil for a variable.
  public let role: ParameterRole?
  /// Whether the optimiser changes it.
  public let isTrained: Bool

  init(_ declaration: Declaration) {
    (path, shape) = (declaration.path, declaration.shape)
    if case .parameter(let role) = declaration.kind { self.role = role } else { role = nil }
    isTrained = role != nil && !declaration.isFrozen
  }
}

/// The plans of a step, the latest used last; the oldest goes when there are too many.
private struct PlanCache {
  private var plans: [StepPlan] = []
  private(set) var compiled = 0
  private static let limit = 16

  mutating func find(_ kind: StepPlan.Kind, _ batch: Int, _ weighted: Bool) -> StepPlan? {
    plans.first { $0.kind == kind && $0.batch == batch && $0.isWeighted == weighted }
  }

  mutating func insert(_ plan: StepPlan) {
    if plans.count == Self.limit { plans.removeFirst() }
    plans.append(plan)
    compiled += 1
  }
}
