/// Computes a graph node by node, in plain Swift, with each op's own `evaluate`.
///
/// It shares no code with the compiled plan, and so is the independent oracle of it; explanations and the search for
/// the first NaN read their numbers from it too.
public struct Interpreter<R: RealNumber>: Sendable {
  /// The graph.
  public let graph: Graph

  /// Makes an interpreter.
  public init(_ graph: Graph) { self.graph = graph }

  /// The values of the given nodes.
  ///
  /// - Parameters:
  ///   - outputs: the nodes.
  ///   - bindings: the numbers of every leaf that the outputs depend on, except constants. Keys are
  ///     bound as two whole numbers, the words of the key.
  /// - Throws: ``ShapeError`` if a leaf is not bound, or bound to another shape.
  public func values(of outputs: [Value], bindings: [Leaf: Numbers<R>]) throws -> [Numbers<R>] {
    let found = try values(ofNodes: outputs.map(\.id), bindings: bindings)
    return outputs.map { found[$0.id]! }
  }

  /// The values of the given nodes alone, by node number: what they depend on is let go of as soon as
  /// nobody needs it any more.
  package func values(
    ofNodes outputs: [Int], bindings: [Leaf: Numbers<R>]
  ) throws -> [Int: Numbers<R>] {
    try compute(outputs, bindings, keepsAll: false)
  }

  /// The values of the given nodes and of everything they depend on, by node number.
  public func allValues(of outputs: [Int], bindings: [Leaf: Numbers<R>]) throws -> [Int: Numbers<R>]
  {
    try compute(outputs, bindings, keepsAll: true)
  }

  private func compute(
    _ outputs: [Int], _ bindings: [Leaf: Numbers<R>], keepsAll: Bool
  ) throws -> [Int: Numbers<R>] {
    var values: [Int: Numbers<R>] = [:]
    let reachable = graph.reachable(from: outputs)
    var lastUse = [Int](repeating: .max, count: graph.nodes.count)
    if !keepsAll {
      for (id, needed) in reachable.enumerated() where needed {
        for input in graph.nodes[id].inputs { lastUse[input] = id }
      }
      for output in outputs { lastUse[output] = .max }
    }
    for (id, needed) in reachable.enumerated() where needed {
      let node = graph.nodes[id]
      switch node.kind {
      case .leaf(.constant(let value)):
        values[id] = Numbers(node.type.shape, repeating: R(value))
      case .leaf(let leaf):
        guard let bound = bindings[leaf] else {
          throw ShapeError(
            "interpreter", [node.type.shape], path: node.path, "'\(node.name)' is not bound")
        }
        guard bound.shape == node.type.shape else {
          throw ShapeError(
            "interpreter", [bound.shape, node.type.shape], path: node.path,
            "'\(node.name)' is bound to the first shape; expected the second")
        }
        values[id] = bound
      case .op(let op):
        values[id] = op.evaluate(node.inputs.map { values[$0]! }, result: node.type)
        for input in node.inputs where lastUse[input] == id { values[input] = nil }
      }
    }
    return values
  }
}
