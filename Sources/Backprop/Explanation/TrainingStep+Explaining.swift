import BackpropCore

extension TrainingStep {
  /// Explains one step: what the network computes for a batch, how its error goes back, and what
  /// becomes of the parameters.
  ///
  /// The graph is that of training: dropout draws the masks of the state's step, and batch
  /// normalisation uses the batch. Nothing is changed.
  ///
  /// - Parameters:
  ///   - state: the parameters before the step, and the optimiser's slots.
  ///   - batch: the samples.
  ///   - sample: the one that single numbers are shown of, from 0.
  ///   - comparesPrecision: whether all numbers are computed in the precision of training too.
  ///   - includesJacobian: whether the derivatives of each output are there too, for the form
  ///     ``ExplanationView/Form/jacobian``; of the first ten outputs.
  ///   - checks: whether derivatives are compared with finite differences.
  /// - Throws: ``DataError`` if the batch does not fit, `ShapeError` if the network does not take it;
  ///   ``ConfigurationError`` if there is no such sample.
  public func explain(
    _ state: TrainingState, _ batch: Batch, sample: Int = 0, comparesPrecision: Bool = false,
    includesJacobian: Bool = false, checks: Bool = true
  ) throws -> Explanation {
    try explain(
      state, batch, sample: sample, comparesPrecision: comparesPrecision,
      includesJacobian: includesJacobian, view: ExplanationView(), checks: checks)
  }

  /// The same, with the derivatives of each output if they are asked for, and with the
  /// weights checked that a view shows.
  package func explain(
    _ state: TrainingState, _ batch: Batch, sample: Int, comparesPrecision: Bool,
    includesJacobian: Bool, view: ExplanationView, checks: Bool = true
  ) throws -> Explanation {
    try check(batch.dataset)
    guard (0..<batch.count).contains(sample) else {
      throw ConfigurationError(
        "sample", "sample is \(sample); the batch has samples 0 to \(batch.count - 1)")
    }
    let reader = try ExplanationReader(self, state, batch, .float64)
    let trained =
      comparesPrecision && precision == .float32
      ? try ExplanationReader(self, state, batch, .float32).arrays(Float.self) : [:]
    var explanation = try reader.explanation(
      sample: sample, trained: trained, jacobian: includesJacobian)
    try explanation.check(view)
    if checks {
      explanation.checks = try ExplanationChecker(self, state, batch).checks(explanation, view)
    }
    return explanation
  }
}

/// Reads the numbers of an explanation off a step's graph.
struct ExplanationReader {
  let step: TrainingStep
  let state: TrainingState
  let batch: Batch
  let trace: StepTrace
  let sections: NetworkSections
  let independence: SampleIndependence
  /// softmax or sigmoid of logits, for a cost that applies it itself.
  let probabilities: Value?
  let sampleCosts: Value?
  let target: Value

  init(
    _ step: TrainingStep, _ state: TrainingState, _ batch: Batch, _ precision: ScalarType
  ) throws {
    (self.step, self.state, self.batch) = (step, state, batch)
    trace = try StepTrace(
      network: step.network, loss: step.loss, optimizer: step.optimizer,
      regularization: step.regularization, order: step.order, input: step.input,
      target: step.target, precision: precision, batch: batch.count, mode: .training,
      weighted: batch.dataset.weights != nil, isExplained: true)
    sections = NetworkSections(trace, batch: batch.count)
    independence = SampleIndependence(
      trace.builder.graph, upTo: trace.prediction.id, batch: batch.count)
    let prediction = trace.prediction
    probabilities =
      switch step.loss {
      case is SoftmaxCrossEntropy: try prediction.softmax()
      case is SigmoidCrossEntropy: try prediction.sigmoid()
      default: nil
      }
    let isIndex = trace.targetValue.scalarType == .int32
    target =
      isIndex
      ? try trace.targetValue.oneHot(depth: step.target.outputs, as: precision)
      : trace.targetValue
    // Shares of weighted samples would not add up to the cost.
    sampleCosts =
      batch.dataset.weights == nil
      ? try (step.loss as? any SampleLoss)?.perSample(prediction, trace.targetValue) : nil
  }

  /// Why samples have no errors of their own; nil if they have.
  private var coupling: String? {
    guard batch.count > 1 else { return nil }
    guard step.loss is any SampleLoss else {
      return "\(step.loss.name) is not a mean of costs of single samples"
    }
    for section in sections.sections
    where section.nodes.contains(where: { independence.kinds[$0] == .mixed }) {
      return "the layer '\(section.name)' couples the samples of a batch"
    }
    return nil
  }

  /// Every array of the explanation, by name.
  func arrays<R: RealNumber>(_: R.Type) throws -> [String: Numbers<Double>] {
    let places = places()
    let values = try Interpreter<R>(trace.builder.graph).values(
      ofNodes: Array(Set(places.map(\.id))), bindings: step.bindings(trace, state, batch, R.self))
    var arrays: [String: Numbers<Double>] = [:]
    for (name, id) in places {
      guard let numbers = values[id] else { continue }
      arrays[name] = Numbers(numbers.shape, numbers.values.map { Double($0) })
    }
    return arrays
  }

  /// The node of every array.
  private func places() -> [(name: String, id: Int)] {
    var places = [
      ("input", trace.inputValue.id), ("target", target.id), ("cost", trace.cost.id),
      ("prediction", trace.prediction.id),
    ]
    if let probabilities { places.append(("probability", probabilities.id)) }
    if let sampleCosts { places.append(("cost.sample", sampleCosts.id)) }
    func add(_ name: String, adjointOf id: Int) {
      if let adjoint = trace.adjoints[id] { places.append((name, adjoint.id)) }
    }
    for section in sections.sections {
      let name = section.name
      places.append(("\(name):a", section.output))
      add("\(name):a.adjoint", adjointOf: section.output)
      places.append(("\(name):in", firstInput(of: section)))
      if let dense = section.dense {
        places.append(("\(name):z", dense.z))
        add("\(name):adjoint", adjointOf: dense.z)
      } else {
        add("\(name):adjoint", adjointOf: section.output)
      }
      for id in section.nodes + [section.activation].compactMap({ $0 }) {
        places.append(("#\(id)", id))
        add("#\(id).adjoint", adjointOf: id)
      }
    }
    for declaration in trace.declarations {
      places.append((declaration.path, declaration.value.id))
      add("\(declaration.path).gradient", adjointOf: declaration.value.id)
    }
    for slot in trace.slots { places.append((slot.path, slot.value.id)) }
    let declared = Set(trace.declarations.map(\.path))
    for (path, value) in trace.updates where declared.contains(path) {
      places.append(("\(path).next", value.id))
    }
    return places
  }

  /// The value that enters a layer: the first that it reads from outside, parameters left out.
  private func firstInput(of section: NetworkSections.Section) -> Int {
    if let dense = section.dense { return dense.input }
    let graph = trace.builder.graph
    let own = Set(section.nodes)
    for id in section.nodes {
      for input in graph.nodes[id].inputs where !own.contains(input) {
        switch graph.nodes[input].kind {
        case .leaf(.parameter), .leaf(.variable), .leaf(.constant), .leaf(.key), .leaf(.scalar):
          continue
        default: return input
        }
      }
    }
    return trace.inputValue.id
  }
}

extension ExplanationReader {
  /// The explanation of the float64 graph.
  func explanation(
    sample: Int, trained: [String: Numbers<Double>], jacobian: Bool
  ) throws -> Explanation {
    var arrays = try arrays(Double.self)
    if jacobian { arrays.merge(try jacobians(sample)) { own, _ in own } }
    let coupling = coupling
    let count = Double(batch.count)
    for section in sections.sections {
      for (name, adjoint) in [("delta", "adjoint"), ("a.gradient", "a.adjoint")] {
        let id = name == "delta" ? section.dense?.z ?? section.output : section.output
        guard coupling == nil, independence.kinds[id] == .bySample,
          let numbers = arrays["\(section.name):\(adjoint)"]
        else { continue }
        arrays["\(section.name):\(name)"] = numbers.map { $0 * count }
      }
    }
    for declaration in trace.declarations where arrays["\(declaration.path).gradient"] == nil {
      arrays["\(declaration.path).gradient"] = Numbers(declaration.shape, repeating: 0)
    }
    let parts = ExplanationParts(
      loss: step.loss, optimizer: step.optimizer, regularization: step.regularization,
      trainingSamples: step.trainingSamples, isWeighted: batch.dataset.weights != nil,
      dense: denseParts())
    let layers = sections.sections.enumerated().map { index, section in
      layer(section, number: index + 1, arrays)
    }
    let rate = step.learningRate(step: state.step)
    return Explanation(
      network: NetworkForm(step.network)?.description ?? "network", loss: step.loss.text,
      optimizer: step.optimizer.text, order: step.order,
      precision: step.precision, learningRate: rate, step: state.step, sampleCount: batch.count,
      sample: sample,
      coupling: coupling, cost: arrays["cost"]?.values.first ?? .nan,
      costAfter: try costAfter(arrays), layers: layers, arrays: arrays, trainedArrays: trained,
      parts: parts)
  }

  /// ∂o_i/∂z of each output of one sample for each layer, as `hidden.jacobian.0`: of at most ten
  /// outputs.
  private func jacobians(_ sample: Int) throws -> [String: Numbers<Double>] {
    let prediction = trace.prediction
    // A sample's numbers, those of all its positions where it has several.
    let outputs = prediction.shape.count / batch.count
    let layers = sections.sections.compactMap { section in
      section.dense.map { (section.name, Value(builder: trace.builder, id: $0.z)) }
    }
    var bindings = step.bindings(trace, state, batch, Double.self)
    let seed = trace.builder.leaf(
      .input("output direction"), prediction.shape, prediction.scalarType)
    let found = try adjoints(
      of: prediction, withRespectTo: layers.map(\.1), adjoint: seed)
    var arrays: [String: Numbers<Double>] = [:]
    for output in 0..<min(outputs, 10) {
      var direction = [Double](repeating: 0, count: prediction.shape.count)
      direction[sample * outputs + output] = 1
      bindings[.input("output direction")] = Numbers(prediction.shape, direction)
      let values = try Interpreter<Double>(trace.builder.graph).values(
        of: layers.compactMap { found[$0.1.id] }, bindings: bindings)
      for ((name, z), numbers) in zip(layers.filter { found[$0.1.id] != nil }, values) {
        let width = z.shape.last
        let row = Array(numbers.values[sample * width..<(sample + 1) * width])
        arrays["\(name):jacobian.\(output)"] = Numbers([width], row)
      }
    }
    return arrays
  }

  /// The cost of the same batch with the next parameters.
  private func costAfter(_ arrays: [String: Numbers<Double>]) throws -> Double {
    var bindings = step.bindings(trace, state, batch, Double.self)
    for declaration in trace.declarations {
      guard case .parameter = declaration.kind, let next = arrays["\(declaration.path).next"] else {
        continue
      }
      bindings[.parameter(declaration.path)] = next
    }
    return try Interpreter<Double>(trace.builder.graph)
      .values(of: [trace.cost], bindings: bindings)[0].values[0]
  }

  private func layer(
    _ section: NetworkSections.Section, number: Int, _ arrays: [String: Numbers<Double>]
  ) -> LayerExplanation {
    func tensor(_ name: String) -> Tensor? { arrays[name]?.tensor(.float64) }
    let name = section.name
    let parameters = section.parameters.compactMap { path -> ParameterExplanation? in
      guard let value = tensor(path), let gradient = tensor("\(path).gradient"),
        let declaration = step.declarations.first(where: { $0.path == path }),
        let role = declaration.role
      else { return nil }
      return ParameterExplanation(
        name: path.split(separator: ".").last.map(String.init) ?? path, path: path,
        isTrained: declaration.isTrained, role: role, value: value, gradient: gradient,
        next: tensor("\(path).next") ?? value)
    }
    let output = tensor("\(name):a") ?? Tensor([Double]())
    return LayerExplanation(
      name: name, kind: kind(section), number: number, input: tensor("\(name):in") ?? output,
      weightedInput: tensor("\(name):z"), activation: output, delta: tensor("\(name):delta"),
      adjoint: tensor("\(name):adjoint") ?? Tensor(zeros: output.shape, scalarType: .float64),
      parameters: parameters, operations: operations(section, arrays))
  }

  private func kind(_ section: NetworkSections.Section) -> String {
    func op(_ id: Int) -> String {
      let node = trace.builder.graph.nodes[id]
      return node.labelName ?? node.name
    }
    guard section.dense != nil else {
      var names: [String] = []
      for id in section.nodes where !names.contains(op(id)) { names.append(op(id)) }
      return names.joined(separator: ", ")
    }
    return "dense, " + (section.activation.map(op) ?? "identity")
  }

  /// The ops of a layer, each with what it reads by name.
  private func operations(
    _ section: NetworkSections.Section, _ arrays: [String: Numbers<Double>]
  ) -> [OperationExplanation] {
    let graph = trace.builder.graph
    let ids = section.nodes + [section.activation].compactMap { $0 }
    let numbers = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0 + 1) })
    let outputs = Dictionary(
      sections.sections.map { ($0.output, $0.name) }, uniquingKeysWith: { first, _ in first })
    func name(_ input: Int) -> String {
      if let number = numbers[input] { return "#\(number)" }
      if input == trace.inputValue.id { return "input" }
      if let layer = outputs[input] { return "\(layer).a" }
      switch graph.nodes[input].kind {
      case .leaf(.constant(let value)): return Digits.short(value)
      case .leaf: return graph.nodes[input].name
      case .op: return "\(graph.nodes[input].path) \(graph.nodes[input].name)"
      }
    }
    return ids.compactMap { id in
      guard case .op(let op) = graph.nodes[id].kind, let output = arrays["#\(id)"] else {
        return nil
      }
      return OperationExplanation(
        name: op.name, inputs: graph.nodes[id].inputs.map(name),
        derivative: type(of: op).derivative, output: output.tensor(.float64),
        adjoint: arrays["#\(id).adjoint"]?.tensor(.float64))
    }
  }

  /// The layers that the four equations describe.
  private func denseParts() -> [String: DenseParts] {
    let graph = trace.builder.graph
    var users: [Int: [Int]] = [:]
    for (id, node) in graph.nodes.enumerated() where node.forward == nil && id <= trace.cost.id {
      for input in node.inputs { users[input, default: []].append(id) }
    }
    var parts: [String: DenseParts] = [:]
    var number = 0
    for section in sections.sections {
      guard let dense = section.dense else { continue }
      number += 1
      let output = section.output
      let next = sections.sections.first { other in
        guard let entering = other.dense?.input, entering == output else { return false }
        return users[output]?.count == 1
      }
      let before = sections.sections.first { $0.dense != nil && $0.output == dense.input }
      let isFirst = dense.input == trace.inputValue.id
      let shape = graph.nodes[dense.weight].type.shape
      var activation: ActivationForm?
      if let id = section.activation { activation = ActivationForm(graph.nodes[id]) }
      parts[section.name] = DenseParts(
        number: number, inputs: shape[0], units: shape[1],
        inputNumber: before.flatMap { parts[$0.name]?.number },
        inputArray: isFirst ? "input" : before.map { "\($0.name).a" } ?? "\(section.name).in",
        next: next?.name, isOutput: output == trace.prediction.id, activation: activation,
        weightPath: dense.weightPath, biasPath: dense.biasPath,
        sharesBias: dense.bias.map { graph.nodes[$0].type.shape.count == 1 && shape[1] > 1 }
          ?? false)
    }
    return parts
  }
}
