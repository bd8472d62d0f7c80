import BackpropCore

extension Explanation {
  static let format = "backprop-explanation"
  static let formatVersion = 1
  /// Arrays beyond so many numbers are described, not listed.
  static let listLimit = 10_000

  /// Every number at full precision, for machines: what ``rendered(as:_:width:hasColor:)`` writes as
  /// ``ExplanationFormat/json``.
  ///
  /// ```json
  /// {
  ///   "format": "backprop-explanation", "format_version": 1, "library_version": "0.1.0",
  ///   "network": "2-2-2 sigmoid sigmoid", "loss": "half-squared-error",
  ///   "optimizer": "sgd:learning-rate=0.5", "order": "simultaneous", "precision": "float32",
  ///   "learning_rate": 0.5, "samples": 1, "sample": 0, "coupling": null,
  ///   "cost": 0.2983711087600027, "cost_after": 0.29102777369359933,
  ///   "given": {"input": {…}, "target": {…}, "hidden.weight": {…}, …},
  ///   "layers": [{
  ///     "name": "hidden", "kind": "dense, sigmoid",
  ///     "z": {"shape": [1, 2], "norm": …, "least": …, "greatest": …, "values": [0.3775, 0.3925]},
  ///     "a": {…}, "delta": {…}, "adjoint": {…},
  ///     "parameters": [{"path": "hidden.weight", "trained": true, "gradient": {…}, "next": {…}}],
  ///     "operations": [{"op": "matmul", "of": ["input", "hidden.weight"], "derivative": "…"}]
  ///   }],
  ///   "figures": [{
  ///     "id": "hidden.z[0]", "alias": "net_h1", "title": "weighted input of hidden 0",
  ///     "pass": "forward", "symbol": "z¹₀", "formula": "w¹₀₀ · x₀ + w¹₀₁ · x₁ + b¹",
  ///     "with_numbers": "0.15 · 0.05 + 0.2 · 0.1 + 0.35", "value": 0.3775,
  ///     "uses": ["hidden.weight[0,0]", "input[0]", …]
  ///   }],
  ///   "checks": [{"name": "hidden.weight[0,0]", "analytic": …, "numeric": …, "error": …}],
  ///   "costs": [{"step": 1, "cost": …, "outputs": […]}], "remarks": ["…"]
  /// }
  /// ```
  ///
  /// - `delta` is each sample's error ∂C_x/∂z and null where `coupling` says why there is none;
  ///   `adjoint` is ∂C/∂z of the batch. An array of more than 10,000 numbers has null for `values`.
  /// - `figures` are those that the view shows, in the order in which they are computed: see
  ///   ``Figure``.
  /// - With the form `jacobian`, layers have `jacobian`: ∂o/∂z of the sample by each output.
  /// - With the network's own precision compared, layers have `training_precision`, the same arrays.
  package func json(_ view: ExplanationView) throws -> JSONValue {
    let shown =
      try view.weight.map { try chainRule($0.path, $0.index, view).figures }
      ?? figures(view)
    var members: [JSONValue.Member] = [
      .init("format", .string(Self.format)), .init("format_version", .integer(Self.formatVersion)),
      .init("library_version", .string(version)), .init("network", .string(network)),
      .init("loss", .string(loss)), .init("optimizer", .string(optimizer)),
      .init("order", .string(order.rawValue)), .init("precision", .string(precision.rawValue)),
      .init("learning_rate", .number(learningRate)), .init("samples", .integer(sampleCount)),
      .init("sample", .integer(sample)), .init("coupling", coupling.map { .string($0) } ?? .null),
    ]
    if !isWorksheet {
      members += [.init("cost", .number(cost)), .init("cost_after", .number(costAfter))]
    }
    members.append(.init("given", given))
    if !isWorksheet { members.append(.init("layers", .array(layers.map(json)))) }
    members.append(.init("figures", .array(shown.map(json))))
    guard !isWorksheet else { return .object(members) }
    let checks = checks.map { check -> JSONValue in
      [
        "name": .string(check.name), "analytic": .number(check.analytic),
        "numeric": check.numeric.map { .number($0) } ?? .null, "error": .number(check.error),
      ]
    }
    let costs = costs.map { cost -> JSONValue in
      [
        "step": .integer(cost.step), "cost": .number(cost.cost),
        "outputs": .array(cost.outputs.map { .number($0) }),
      ]
    }
    return .object(
      members + [
        .init("checks", .array(checks)), .init("costs", .array(costs)),
        .init("remarks", .array(remarks.map { .string($0) })),
      ])
  }

  /// What the step starts from.
  private var given: JSONValue {
    var members: [JSONValue.Member] = []
    for name in ["input", "target"] + layers.flatMap({ $0.parameters.map(\.path) }) {
      if let numbers = arrays[name] { members.append(.init(name, Self.json(numbers))) }
    }
    return .object(members)
  }

  private func json(_ figure: Figure) -> JSONValue {
    var members: [JSONValue.Member] = [.init("id", .string(figure.id))]
    if let alias = aliases[figure.id] { members.append(.init("alias", .string(alias))) }
    members += [
      .init("title", .string(figure.title)), .init("pass", .string(figure.pass.rawValue)),
      .init("symbol", .string(figure.symbolText)),
      .init("formula", figure.formulaText.map { .string($0) } ?? .null),
    ]
    if !isWorksheet {
      members.append(.init("with_numbers", figure.numbersText.map { .string($0) } ?? .null))
    }
    members += [
      .init("value", isWorksheet ? .null : .number(figure.value)),
      .init("uses", .array(figure.uses.map { .string($0) })),
    ]
    return .object(members)
  }

  private func json(_ layer: LayerExplanation) -> JSONValue {
    let names = ["z", "a", "delta", "adjoint"]
    var members: [JSONValue.Member] = [
      .init("name", .string(layer.name)), .init("kind", .string(layer.kind)),
    ]
    func list(_ arrays: [String: Numbers<Double>]) -> [JSONValue.Member] {
      names.map { name in
        .init(name, arrays["\(layer.name):\(name)"].map(Self.json) ?? .null)
      }
    }
    members += list(arrays)
    let jacobian = arrays.keys.filter { $0.hasPrefix("\(layer.name):jacobian.") }.sorted()
    if !jacobian.isEmpty {
      let list = jacobian.map { name in
        JSONValue.Member(String(name.split(separator: ".").last ?? ""), Self.json(arrays[name]!))
      }
      members.append(.init("jacobian", .object(list)))
    }
    if !trainedArrays.isEmpty {
      members.append(.init("training_precision", .object(list(trainedArrays))))
    }
    let parameters = layer.parameters.map { parameter -> JSONValue in
      [
        "path": .string(parameter.path), "trained": .bool(parameter.isTrained),
        "gradient": Self.json(Numbers(parameter.gradient)),
        "next": Self.json(Numbers(parameter.next)),
      ]
    }
    let operations = layer.operations.map { op -> JSONValue in
      [
        "op": .string(op.name), "of": .array(op.inputs.map { .string($0) }),
        "derivative": .string(op.derivative),
      ]
    }
    return .object(
      members + [
        .init("parameters", .array(parameters)), .init("operations", .array(operations)),
      ])
  }

  private static func json(_ numbers: Numbers<Double>) -> JSONValue {
    let values = numbers.values
    return [
      "shape": .array(numbers.shape.sizes.map { .integer($0) }),
      "norm": .number(MatrixBlock.norm(values)), "least": .number(values.min() ?? 0),
      "greatest": .number(values.max() ?? 0),
      "values": values.count <= listLimit ? .array(values.map { .number($0) }) : .null,
    ]
  }
}

extension Document {
  /// The figures of all blocks.
  var figures: [Figure] {
    blocks.compactMap { block in if case .figure(let figure, _) = block { figure } else { nil } }
  }
}
