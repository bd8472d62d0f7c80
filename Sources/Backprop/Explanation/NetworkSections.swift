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

  /// Finds the layers.
  ///
  /// - Parameter batch: the number of samples.
  init(_ trace: StepTrace, batch: Int) {
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
    // Several ops that make one activation together: each belongs to the layer, the last is a.
    var members: [Int: Int] = [:]
    for id in ids where graph.nodes[id].labelName != nil {
      guard let found = Self.composite(id, graph, users) else { continue }
      owner[id] = found.z
      for member in found.members where member != id { members[member] = found.z }
    }
    var places: [String: Int] = [:]
    var repeated: Set<Int> = []
    for id in ids {
      let node = graph.nodes[id]
      if let z = owner[id], let place = places[graph.nodes[z].path],
        sections[place].dense?.z == z
      {
        sections[place].activation = id
        continue
      }
      if let z = members[id], let place = places[graph.nodes[z].path],
        sections[place].dense?.z == z
      {
        sections[place].nodes.append(id)
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
      guard node.label == .weightedInput else { continue }
      // A layer used twice, or with weights that are used twice, has no one z.
      if sections[place].dense != nil { repeated.insert(place) }
      let dense = Self.dense(id, graph, batch)
      if dense.map({ users[$0.weight]?.count == 1 }) ?? false { sections[place].dense = dense }
    }
    for place in sections.indices where sections[place].dense != nil {
      // What goes on behind a is no part of the four equations.
      if sections[place].nodes.last.map({ $0 > sections[place].output }) ?? false {
        repeated.insert(place)
      }
    }
    for place in repeated {
      sections[place].nodes += [sections[place].activation].compactMap { $0 }
      sections[place].nodes.sort()
      (sections[place].dense, sections[place].activation) = (nil, nil)
    }
    for declaration in trace.declarations {
      // The first layer that reads it: that is where it was declared, but for shared places.
      let reader = users[declaration.value.id]?.first
      if let place = sections.firstIndex(where: { reader.map($0.nodes.contains) ?? false }) {
        sections[place].parameters.append(declaration.path)
      }
    }
  }

  /// The ops that make an activation of one weighted input, and of constants alone; nil if it reads
  /// anything else, or if anything else reads what is between.
  private static func composite(
    _ last: Int, _ graph: Graph, _ users: [Int: [Int]]
  ) -> (z: Int, members: Set<Int>)? {
    var (members, waiting): (Set<Int>, [Int]) = ([last], [last])
    var z: Int?
    while let id = waiting.popLast() {
      for input in graph.nodes[id].inputs where !members.contains(input) {
        let node = graph.nodes[input]
        if node.label == .weightedInput, z ?? input == input {
          z = input
          continue
        }
        switch node.kind {
        case .leaf(.constant): break
        case .op where node.label == nil:
          members.insert(input)
          waiting.append(input)
        default: return nil
        }
      }
    }
    guard let z, (users[z] ?? []).allSatisfy(members.contains) else { return nil }
    let isClosed = members.allSatisfy { member in
      member == last || (users[member] ?? []).allSatisfy(members.contains)
    }
    return isClosed ? (z, members) : nil
  }

  private static func isActivation(_ node: Node) -> Bool {
    guard case .op(let op) = node.kind, node.inputs.count == 1 else { return false }
    return op is any UnaryOp || op is Softmax || op is LogSoftmax
  }

  /// The parts of a weighted input [batch, units].
  private static func dense(_ z: Int, _ graph: Graph, _ batch: Int) -> Dense? {
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
      node.type.shape[0] == batch,
      let weight = parameter(node.inputs[1]), bias.map({ parameter($0) != nil }) ?? true
    else { return nil }
    return Dense(
      input: node.inputs[0], weight: node.inputs[1], z: z, bias: bias, weightPath: weight,
      biasPath: bias.flatMap(parameter))
  }
}
