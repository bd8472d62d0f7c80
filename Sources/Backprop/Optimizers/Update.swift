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
/// The order is L2 into the gradient, clipping by value, clipping by norm, decay, optimiser.
/// Everything is computed from the parameters as they stood before the step.
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
  let decays = regularization.decay(with: optimizer) != nil
  let next = try regularization.apply(to: raw, tracer: tracer).map { item in
    var start = item.parameter
    if decays, item.role == .weight {
      start = try start - tracer.scalar("weight-decay") * start
    }
    let context = UpdateContext(path: item.path, parameter: item.parameter, tracer: tracer)
    let value = try optimizer.update(start, gradient: item.gradient, context)
    guard value.shape == item.parameter.shape else {
      throw ShapeError(
        optimizer.name, [item.parameter.shape, value.shape], path: item.path,
        "the update changes the shape of the parameter")
    }
    return (path: item.path, next: value)
  }
  return Updates(parameters: next, slots: tracer.slots)
}

/// The run-time scalars of one step: the optimiser's and the regularisation's.
///
/// - Parameters:
///   - step: the number of the step, from 0.
///   - learningRate: the scheduled rate of this step.
///   - trainingSamples: n, the number of samples in the training set, for L2.
func stepScalars(
  _ optimizer: any Optimizer, _ regularization: Regularization, step: Int, learningRate: Double,
  trainingSamples: Int, _ set: (_ name: String, _ value: Double) -> Void
) {
  optimizer.scalars(step: step, learningRate: learningRate, set)
  regularization.scalars(
    learningRate: learningRate, trainingSamples: trainingSamples,
    decay: regularization.decay(with: optimizer), set)
}

extension Regularization {
  /// What is done beside the rule, in words; nothing for nothing.
  var words: [String] {
    [
      l2.map { "l2 \(shortest($0))" }, weightDecay.map { "weight decay \(shortest($0))" },
      clipValue.map { "clip value \(shortest($0))" }, clipNorm.map { "clip norm \(shortest($0))" },
    ].compactMap { $0 }
  }

  /// The decoupled decay in use: this one, or else the optimiser's own.
  func decay(with optimizer: any Optimizer) -> Double? {
    weightDecay ?? optimizer.decoupledWeightDecay
  }
}

extension Declaration {
  /// The role of a parameter that the optimiser trains; nil for a frozen one and for a variable.
  var trainedRole: ParameterRole? {
    guard case .parameter(let role) = kind, !isFrozen else { return nil }
    return role
  }
}
