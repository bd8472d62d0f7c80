import BackpropCore

extension TrainingStep {
  /// The numbers of every leaf of a traced step, for the interpreter.
  ///
  /// - Parameter learningRate: that of the step; nil for what optimiser and schedule say.
  func bindings<R: RealNumber>(
    _ trace: StepTrace, _ state: TrainingState, _ batch: Batch, _: R.Type,
    learningRate: Double? = nil
  ) -> [Leaf: Numbers<R>] {
    let samples = batch.samples()
    var bindings: [Leaf: Numbers<R>] = [:]
    for node in trace.builder.graph.nodes {
      guard case .leaf(let leaf) = node.kind, bindings[leaf] == nil else { continue }
      switch leaf {
      case .parameter(let path), .variable(let path):
        if let tensor = state[path] { bindings[leaf] = Numbers(tensor) }
      case .input(StepTrace.inputName):
        bindings[leaf] = Numbers(
          node.type.shape, scaled(samples.inputs, samples.scaling, R.self))
      case .input(StepTrace.weightName):
        if let weights = samples.weights { bindings[leaf] = Numbers(weights) }
      case .input(StepTrace.targetName):
        bindings[leaf] = Numbers(
          node.type.shape, scaled(samples.targets, samples.targetScaling, R.self))
      case .key(let path):
        let key = state.key.folded(path).folded(UInt64(state.step))
        bindings[leaf] = Numbers([2], [R(key.words[0]), R(key.words[1])])
      // Other inputs are of a user's own, who binds them.
      case .input, .scalar, .constant: break
      }
    }
    stepScalars(
      optimizer, regularization, step: state.step,
      learningRate: learningRate ?? self.learningRate(step: state.step),
      trainingSamples: trainingSamples
    ) { group, name, value in
      bindings[.scalar(ScalarPlace(group: group, name: name).leaf)] = Numbers([], [R(value)])
    }
    return bindings
  }

  /// Numbers as the plan of a precision takes them: scaled in that precision.
  private func scaled<R: RealNumber>(
    _ tensor: Tensor, _ scaling: Scaling?, _: R.Type
  ) -> [R] {
    guard let scaling else { return Numbers<R>(tensor).values }
    if R.self == Float.self {
      return scaling.applied(to: tensor.converted(to: .float32).array(of: Float.self)).map { R($0) }
    }
    let count = scaling.offset.count
    return tensor.array(of: Double.self).enumerated().map { index, value in
      let place = count == 1 ? 0 : index % count
      return R((value - Double(scaling.offset[place])) * Double(scaling.scale[place]))
    }
  }
}
