import BackpropCore

extension TrainingStep {
  /// The numbers of every leaf of a traced step, for the interpreter.
  func bindings<R: RealNumber>(
    _ trace: StepTrace, _ state: TrainingState, _ batch: Batch, _: R.Type
  ) -> [Leaf: Numbers<R>] {
    let samples = batch.samples()
    var bindings: [Leaf: Numbers<R>] = [:]
    for node in trace.builder.graph.nodes {
      guard case .leaf(let leaf) = node.kind, bindings[leaf] == nil else { continue }
      switch leaf {
      case .parameter(let path), .variable(let path):
        if let tensor = state[path] { bindings[leaf] = Numbers(tensor) }
      case .input(StepTrace.inputName):
        let scaled: Tensor = samples.scaling == nil ? samples.inputs : samples.scaledInputs()
        bindings[leaf] = Numbers(scaled.reshaped(to: node.type.shape))
      case .input:
        bindings[leaf] = Numbers(samples.targets.reshaped(to: node.type.shape))
      case .key(let path):
        let key = state.key.folded(path).folded(UInt64(state.step))
        bindings[leaf] = Numbers([2], [R(key.words[0]), R(key.words[1])])
      case .scalar, .constant: break
      }
    }
    stepScalars(
      optimizer, regularization, step: state.step,
      learningRate: optimizer.learningRate * schedule.factor(step: state.step), trainingSamples: trainingSamples
    ) { name, value in
      bindings[.scalar(name)] = Numbers([], [R(value)])
    }
    return bindings
  }

  /// Says in which layer and op a step's first number that is not finite arises, and which number it is.
  func firstNonFinite(_ state: TrainingState, _ batch: Batch) throws -> String {
    let trace = try trace(.training, batch: batch.count)
    let roots = [trace.cost.id] + trace.updates.map(\.value.id)
    return precision == .float64
      ? try firstNonFinite(trace, roots, bindings(trace, state, batch, Double.self))
      : try firstNonFinite(trace, roots, bindings(trace, state, batch, Float.self))
  }

  private func firstNonFinite<R: RealNumber>(
    _ trace: StepTrace, _ roots: [Int], _ bindings: [Leaf: Numbers<R>]
  ) throws -> String {
    let values = try Interpreter<R>(trace.builder.graph).allValues(of: roots, bindings: bindings)
    for (id, node) in trace.builder.graph.nodes.enumerated() {
      guard let bad = values[id]?.values.first(where: { !$0.isFinite }) else { continue }
      let place = node.path.isEmpty ? "in the cost or the update" : "in layer '\(node.path)'"
      let pass = node.forward == nil ? "" : ", on the way back"
      if case .leaf = node.kind { return "'\(node.name)' holds \(bad)" }
      return "the first number that is not finite is \(bad), \(place), from \(node.name)\(pass)"
    }
    return "the cost is not finite"
  }
}
