import BackpropCore

/// The layers of a traced network, found by paths and labels.
///
/// Every op of the forward pass belongs to the layer whose path it was made under. An activation
/// that stands outside, as in `dense.relu()`, belongs to the layer whose weighted input it takes.
struct NetworkSections {
  /// One layer.
  struct Section {
    /// The path; `network` for what stands outside of all layers.
    let name: String
    /// The path of an activation that is a layer of its own, as in a `Sequential`.
    var activationName: String?
    /// The ops, in order.
    var nodes: [Int] = []
    /// The parts of z = x·W + b; nil for a layer of another form.
    var dense: Dense?
    /// The node of a = σ(z).
    var activation: Int?
    /// The parameters that it declares.
    var parameters: [String] = []

    /// The node that the layer gives to the next.
    var output: Int { activation ?? dense?.z ?? nodes.last! }
  }

  /// A layer z = x·W + b.
  struct Dense {
    let input, weight, z: Int
    let bias: Int?
    let weightPath: String
    let biasPath: String?
  }

  /// The layers, in the order of their first op.
  private(set) var sections: [Section] = []

  init(_ trace: StepTrace) {
    let graph = trace.builder.graph
    let last = trace.prediction.id
    let reached = graph.reachable(from: [last])
    let ids = (0...last).filter { id in
      guard reached[id], case .op = graph.nodes[id].kind else { return false }
      return true
    }
    var users: [Int: [Int]] = [:]
    for id in ids { for input in graph.nodes[id].inputs { users[input, default: []].append(id) } }

    var owner: [Int: Int] = [:]
    for id in ids where graph.nodes[id].label == .weightedInput {
      guard let user = users[id].flatMap({ $0.count == 1 ? $0[0] : nil }), user <= last,
        Self.isActivation(graph.nodes[user])
      else { continue }
      owner[user] = id
    }
    var places: [String: Int] = [:]
    for id in ids {
      let node = graph.nodes[id]
      if let z = owner[id] {
        let place = places[graph.nodes[z].path]!
        sections[place].activation = id
        if node.path != graph.nodes[z].path, !node.path.isEmpty {
          sections[place].activationName = node.path
        }
        continue
      }
      let place: Int
      if let known = places[node.path] {
        place = known
      } else {
        place = sections.count
        places[node.path] = place
        sections.append(Section(name: node.path.isEmpty ? "network" : node.path))
      }
      sections[place].nodes.append(id)
      if node.label == .weightedInput, sections[place].dense == nil {
        sections[place].dense = Self.dense(id, graph)
      }
    }
    for declaration in trace.declarations {
      let parts = declaration.path.split(separator: ".")
      let path = parts.dropLast().joined(separator: ".")
      if let place = places[path] { sections[place].parameters.append(declaration.path) }
    }
  }

  private static func isActivation(_ node: Node) -> Bool {
    guard case .op(let op) = node.kind, node.inputs.count == 1 else { return false }
    return op is any UnaryOp || op is Softmax
  }

  /// The parts of a weighted input [samples, units].
  private static func dense(_ z: Int, _ graph: Graph) -> Dense? {
    func parameter(_ id: Int) -> String? {
      if case .leaf(.parameter(let path)) = graph.nodes[id].kind { path } else { nil }
    }
    var product = z
    var bias: Int?
    if case .op(let op) = graph.nodes[z].kind, op is Add {
      (product, bias) = (graph.nodes[z].inputs[0], graph.nodes[z].inputs[1])
    }
    let node = graph.nodes[product]
    guard case .op(let op) = node.kind, op as? MatMul == MatMul(), node.type.shape.rank == 2,
      let weight = parameter(node.inputs[1]), bias.map({ parameter($0) != nil }) ?? true
    else { return nil }
    return Dense(
      input: node.inputs[0], weight: node.inputs[1], z: z, bias: bias, weightPath: weight,
      biasPath: bias.flatMap(parameter))
  }
}
