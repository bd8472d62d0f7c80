import BackpropCore

/// The update half of a training step, as graph.
struct Updates {
  /// The next value of each trained parameter, by path.
  let parameters: [(path: String, next: Value)]
  /// The optimiser's slots; one without a next value keeps the one it has.
  let slots: [(path: String, shape: Shape, initial: Initializer, value: Value, next: Value?)]
}

/// Adds the update of every trained parameter to the graph.
///
/// The order is accumulation, L1 and L2 into the gradient, clipping by value, clipping by norm, decay,
/// optimiser, the greatest norm, the mean of the weights. Everything is computed from the parameters
/// as they stood before the step.
///
/// - Parameters:
///   - parameters: what the network declared; frozen parameters and variables are passed over.
///   - gradients: one for each of `parameters` that is trained (see ``Declaration/trainedRole``),
///     in their order.
///   - tracer: collects slots and scalars. The values of the scalars come from
///     ``stepScalars(_:_:step:learningRate:trainingSamples:_:)``.
func buildUpdates(
  parameters: [Declaration], gradients: [Value], optimizer: any Optimizer,
  regularization: Regularization, tracer: SlotTracer
) throws -> Updates {
  let trained = parameters.filter { $0.trainedRole != nil }
  precondition(trained.count == gradients.count, "one gradient for each trained parameter")
  let raw = zip(trained, gradients).map { declaration, gradient in
    ParameterGradient(
      path: declaration.path, role: declaration.trainedRole!, parameter: declaration.value,
      gradient: gradient)
  }
  let accumulator = Accumulator(optimizer.accumulation, tracer: tracer)
  let whole = try accumulator.map { accumulator in try raw.map(accumulator.adding) } ?? raw
  var next = try regularization.apply(to: whole, tracer: tracer).map { item in
    (path: item.path, next: try updated(item, optimizer, regularization, tracer))
  }
  if let accumulator {
    try tracer.hold(unless: accumulator.isFull)
    for index in next.indices {
      next[index].next = try accumulator.isFull.select(next[index].next, raw[index].parameter)
    }
    try accumulator.keep()
  }
  return Updates(parameters: next, slots: tracer.slots)
}

/// The next value of one parameter.
private func updated(
  _ item: ParameterGradient, _ optimizer: any Optimizer, _ regularization: Regularization,
  _ tracer: SlotTracer
) throws -> Value {
  let group = regularization.group(of: item.path)
  var start = item.parameter
  if item.role == .weight, regularization.decay(of: group, with: optimizer) != nil {
    start = try start - tracer.scalar("weight-decay", group: group) * start
  }
  let context = UpdateContext(
    path: item.path, role: item.role, parameter: item.parameter, tracer: tracer, group: group)
  let value = try optimizer.update(start, gradient: item.gradient, context)
  guard value.shape == item.parameter.shape else {
    throw ShapeError(
      optimizer.name, [item.parameter.shape, value.shape], path: item.path,
      "the update changes the shape of the parameter")
  }
  let next = try regularization.limited(value, role: item.role, tracer: tracer)
  if optimizer.averaging != nil {
    let mean = try context.slot(TrainingStep.averageSlot)
    let rate = tracer.scalar("averaging-rate")
    try context.setSlot(TrainingStep.averageSlot, to: mean + rate * (next - mean))
  }
  return next
}

/// Gradients that are added up over several steps.
private final class Accumulator {
  private let tracer: SlotTracer
  private let share: Double
  /// Whether this step makes an update.
  let isFull: Value
  private var sums: [(path: String, value: Value)] = []

  /// Makes one; nil where each step makes an update.
  init?(_ steps: Int, tracer: SlotTracer) {
    guard steps > 1, let isFull = try? tracer.scalar("updates").greater(than: 0.5) else {
      return nil
    }
    (self.tracer, share, self.isFull) = (tracer, 1 / Double(steps), isFull)
  }

  /// A parameter with the gradients of all steps since the last update.
  func adding(_ item: ParameterGradient) throws -> ParameterGradient {
    var item = item
    let path = "\(item.path)#gradients"
    item.gradient = try tracer.slot(path, item.parameter.shape, .zeros) + share * item.gradient
    sums.append((path, item.gradient))
    return item
  }

  /// Keeps the sums for the next step; 0 after an update.
  func keep() throws {
    for (path, value) in sums { try tracer.set(path, isFull.select(0, value)) }
  }
}

/// The run-time scalars of one step: the optimiser's and the regularisation's.
///
/// - Parameters:
///   - step: the number of the step, from 0.
///   - learningRate: the scheduled rate of this step.
///   - trainingSamples: n, the number of samples in the training set, for L1 and L2.
///   - set: takes each number with its name and the group of parameters that it is for.
func stepScalars(
  _ optimizer: any Optimizer, _ regularization: Regularization, step: Int, learningRate: Double,
  trainingSamples: Int, _ set: (_ group: Int, _ name: String, _ value: Double) -> Void
) {
  let (update, rest) = step.quotientAndRemainder(dividingBy: optimizer.accumulation)
  for (number, group) in regularization.groups.enumerated() {
    let rate = learningRate * group.rateFactor
    optimizer.scalars(step: update, learningRate: rate) { set(number, $0, $1) }
    if let decay = regularization.decay(of: number, with: optimizer) {
      set(number, "weight-decay", rate * decay)
    }
  }
  regularization.scalars(trainingSamples: trainingSamples) { set(0, $0, $1) }
  if optimizer.accumulation > 1 {
    set(0, "updates", rest == optimizer.accumulation - 1 ? 1 : 0)
  }
  if let averaging = optimizer.averaging {
    set(0, "averaging-rate", averaging.rate(update: update))
  }
}

/// The learning rate of a step.
///
/// - Parameter step: the number of the step, from 0; the schedule counts updates.
func scheduledRate(_ optimizer: any Optimizer, _ schedule: Schedule, step: Int) -> Double {
  optimizer.learningRate * schedule.factor(step: step / optimizer.accumulation)
}

extension TrainingStep {
  /// The learning rate of a step, by its number from 0.
  func learningRate(step: Int) -> Double { scheduledRate(optimizer, schedule, step: step) }
}

extension Declaration {
  /// The role of a parameter that the optimiser trains; nil for a frozen one and for a variable.
  var trainedRole: ParameterRole? {
    guard case .parameter(let role) = kind, !isFrozen else { return nil }
    return role
  }
}
