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
  ///
  /// - Parameter tolerance: that of `checkOp` unless told.
  func outcomes(tolerance: Double = 1e-7) throws -> [Outcome] {
    try laboratory.passes.flatMap { try outcomes($0, tolerance) }
  }

  private func outcomes(_ pass: OpLaboratory.Pass, _ tolerance: Double) throws -> [Outcome] {
    let checker = try laboratory.checker(pass, keepsLines: true)
    let graph = laboratory.graph
    let own = try Run(graph, pass.derivatives, laboratory.bindings)
    let other = try Run(graph, pass.derivatives, otherBindings())
    func passes(_ derivatives: [Numbers<Double>]) throws -> Bool {
      try laboratory.check(pass, checker, derivatives, tolerance: tolerance).allSatisfy(\.passed)
    }
    guard try passes(own.derivatives()) else { throw Unfit(sample: sample.name) }
    let reached = graph.reachable(from: pass.derivatives.map(\.id))
    return try pass.nodes.filter { reached[$0] && belongsToOp($0, graph) }.flatMap { id in
      try Mutant.all(of: graph.nodes[id], number: id, in: graph).map { mutant in
        let changed = own.derivatives(of: mutant)
        let fate: Fate =
          if try !passes(changed.derivatives) { .killed } else {
            fate(mutant, graph, [changed, other.derivatives(of: mutant)])
          }
        return Outcome(
          op: sample.op.name, sample: sample.name, order: pass.order.rawValue,
          mutation: mutant.mutation, place: place(mutant, graph), fate: fate)
      }
    }
  }

  /// The check of the sample fails before anything is mutated.
  struct Unfit: Error { let sample: String }

  private func fate(_ mutant: Mutant, _ graph: Graph, _ runs: [Run.Result]) -> Fate {
    if runs.contains(where: \.changesDerivatives) { return .survivor }
    if runs.contains(where: \.changesNode) { return .unread }
    let node = graph.nodes[mutant.node]
    let keepsElements =
      mutant.mutation == .replaced
      && graph.nodes[node.inputs[mutant.operands[0]]].type.shape.count == node.type.shape.count
    let isArranging =
      switch node.kind {
      case .op(let op):
        op is Reshape || op is Broadcast || op is Sum || op is Mean || op is Slice
          || op is Concatenate
      case .leaf: false
      }
    let isNothing =
      node.type.shape.count == 0 || isZero(mutant.node, graph)
      || mutant.operands.allSatisfy { isZero(node.inputs[$0], graph) } && !mutant.operands.isEmpty
    return isNothing || isArranging && (keepsElements || node.kind.isBroadcast) ? .empty : .unread
  }

  /// Whether a node is the constant 0, repeated or not.
  private func isZero(_ id: Int, _ graph: Graph) -> Bool {
    let node = graph.nodes[id]
    switch node.kind {
    case .leaf(.constant(let number)): return number == 0
    case .leaf: return false
    case .op(let op): return op is Broadcast && isZero(node.inputs[0], graph)
    }
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

  /// The piece of a derivative that a mutated node is, the same in all samples: `multiply 2 of tanh`
  /// is the third product of tanh's derivative, `sum 1 of multiply 2 of tanh` the second sum of that
  /// product's own derivative.
  private func place(_ mutant: Mutant, _ graph: Graph) -> String {
    let operands = mutant.operands.map { " \($0)" }.joined()
    return piece(mutant.node, graph) + (operands.isEmpty ? "" : ", operand\(operands)")
  }

  private func piece(_ id: Int, _ graph: Graph) -> String {
    let node = graph.nodes[id]
    guard let forward = node.forward else { return node.name }
    let before = graph.nodes[..<id].count { $0.forward == forward && $0.name == node.name }
    return "\(node.name) \(before) of \(piece(forward, graph))"
  }
}

extension Node.Kind {
  fileprivate var isBroadcast: Bool {
    if case .op(let op) = self { op is Broadcast } else { false }
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
