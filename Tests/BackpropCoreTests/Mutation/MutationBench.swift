import BackpropCore
import BackpropTesting

/// The derivatives of a sample with one node at a time mutated, compared with differences as
/// `checkOp` compares them.
struct MutationBench {
  let sample: OpSample
  private let laboratory: OpLaboratory

  init(_ sample: OpSample) throws {
    self.sample = sample
    laboratory = try OpLaboratory(
      inputs: sample.inputs, scalarTypes: sample.scalarTypes, build: sample.build)
  }

  /// Every mutant of the nodes that the op's derivatives added to the graph.
  func outcomes() throws -> [Outcome] {
    try laboratory.passes.flatMap(outcomes)
  }

  private func outcomes(_ pass: OpLaboratory.Pass) throws -> [Outcome] {
    let checker = try laboratory.checker(pass, keepsLines: true)
    let graph = laboratory.graph
    let own = try Run(graph, pass.derivatives, laboratory.bindings)
    let other = try Run(graph, pass.derivatives, otherBindings())
    func passes(_ derivatives: [Numbers<Double>]) throws -> Bool {
      try laboratory.check(pass, checker, derivatives, tolerance: 1e-7).allSatisfy(\.passed)
    }
    guard try passes(own.derivatives()) else { throw Unfit(sample: sample.name) }
    let reached = graph.reachable(from: pass.derivatives.map(\.id))
    return try pass.nodes.filter { reached[$0] && belongsToOp($0, graph) }.flatMap { id in
      try Mutant.all(of: graph.nodes[id], number: id, in: graph).map { mutant in
        let changed = own.derivatives(of: mutant)
        let fate: Fate =
          if try !passes(changed.derivatives) { .killed } else {
            fate([changed, other.derivatives(of: mutant)])
          }
        return Outcome(
          op: sample.op.name, sample: sample.name, order: pass.order.rawValue,
          mutation: mutant.mutation, place: place(mutant, graph), fate: fate)
      }
    }
  }

  /// The check of the sample fails before anything is mutated.
  struct Unfit: Error { let sample: String }

  private func fate(_ runs: [Run.Result]) -> Fate {
    if runs.contains(where: \.changesDerivatives) { return .survivor }
    return runs.contains(where: \.changesNode) ? .unread : .same
  }

  /// Whether a node of a backward pass stands for a node of the op itself, and not for the weighted
  /// sum around it.
  private func belongsToOp(_ id: Int, _ graph: Graph) -> Bool {
    var id = id
    while let forward = graph.nodes[id].forward { id = forward }
    return laboratory.opNodes.contains(id)
  }

  /// Other numbers from the same ranges, and other weights.
  private func otherBindings() -> [Leaf: Numbers<Double>] {
    var bindings = laboratory.bindings
    for (leaf, numbers) in bindings {
      guard case .input(let name) = leaf, let index = Int(name.dropFirst("input ".count)) else {
        continue
      }
      if index >= sample.inputs.count {
        let normals = RandomKey(99).folded(name).normals(numbers.shape.count)
        bindings[leaf] = Numbers(numbers.shape, normals)
      } else if sample.scalarTypes[index].isReal {
        bindings[leaf] = Numbers(numbers.shape, numbers.values.reversed())
      }
    }
    return bindings
  }

  private func place(_ mutant: Mutant, _ graph: Graph) -> String {
    let node = graph.nodes[mutant.node]
    let forward = node.forward.map { " of \(graph.nodes[$0].name)" } ?? ""
    let inputs = node.inputs.enumerated().map { index, input in
      (mutant.operands.contains(index) ? "*" : "") + graph.nodes[input].name
    }
    let arguments = inputs.isEmpty ? "" : "(\(inputs.joined(separator: ", ")))"
    return "\(node.name)\(arguments)\(forward)"
  }
}

/// All numbers of a graph, of which those behind a mutated node are computed again.
private struct Run {
  struct Result {
    let derivatives: [Numbers<Double>]
    let changesNode, changesDerivatives: Bool
  }

  let graph: Graph
  let outputs: [Int]
  let values: [Int: Numbers<Double>]

  init(_ graph: Graph, _ outputs: [Value], _ bindings: [Leaf: Numbers<Double>]) throws {
    (self.graph, self.outputs) = (graph, outputs.map(\.id))
    values = try Interpreter(graph).allValues(of: self.outputs, bindings: bindings)
  }

  func derivatives() -> [Numbers<Double>] { outputs.compactMap { values[$0] } }

  func derivatives(of mutant: Mutant) -> Result {
    var changed: [Int: Numbers<Double>] = [:]
    func inputs(_ node: Node) -> [Numbers<Double>] {
      node.inputs.compactMap { changed[$0] ?? values[$0] }
    }
    func set(_ id: Int, _ value: Numbers<Double>) {
      if let right = values[id], !isSame(right.values, value.values) { changed[id] = value }
    }
    let node = graph.nodes[mutant.node]
    if let right = values[mutant.node] {
      set(mutant.node, mutant.value(node, right, inputs: inputs(node)))
    }
    let changesNode = !changed.isEmpty
    for (id, node) in graph.nodes.enumerated()
    where id > mutant.node && values[id] != nil
      && node.inputs.contains(where: { changed[$0] != nil })
    {
      if case .op(let op) = node.kind { set(id, op.evaluate(inputs(node), result: node.type)) }
    }
    return Result(
      derivatives: outputs.compactMap { changed[$0] ?? values[$0] }, changesNode: changesNode,
      changesDerivatives: outputs.contains { changed[$0] != nil })
  }

  private func isSame(_ a: [Double], _ b: [Double]) -> Bool {
    zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }
}
