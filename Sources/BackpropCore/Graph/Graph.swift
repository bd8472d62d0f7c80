/// Where a value that no op computes comes from.
public enum Leaf: Hashable, Sendable {
  /// Data bound at each step, by name.
  case input(String)
  /// A trained parameter, by path.
  case parameter(String)
  /// Saved but not trained: running statistics, optimiser slots; by path.
  case variable(String)
  /// A run-time scalar such as the learning rate, by name: changing it compiles nothing.
  case scalar(String)
  /// A random key, by path; every step binds a new one.
  case key(String)
  /// A number known when the graph is built.
  case constant(Double)
}

/// The part that a value plays in a layer, kept for explanations.
public enum Label: String, Hashable, Sendable {
  /// z = W·a + b.
  case weightedInput
  /// a = σ(z).
  case activation
}

/// One value of a graph: a leaf, or an op with its inputs.
public struct Node: Sendable {
  /// What computes the value.
  public enum Kind: Sendable {
    case leaf(Leaf)
    case op(any Op)
  }

  /// What computes the value.
  public let kind: Kind
  /// The numbers of the nodes it reads; always lower than its own.
  public let inputs: [Int]
  /// Shape and scalar type.
  public let type: ValueType
  /// The path of the layer that made it; empty outside layers.
  public let path: String
  /// For a node of a backward pass, the forward node that it belongs to.
  public let forward: Int?
  /// The part it plays in its layer.
  public internal(set) var label: Label?
  /// What an activation is called that several ops make together, as in `mish`; nil for one op.
  public internal(set) var labelName: String?

  /// The op's or leaf's name.
  public var name: String {
    switch kind {
    case .op(let op): op.name
    case .leaf(.input(let name)), .leaf(.parameter(let name)), .leaf(.variable(let name)),
      .leaf(.scalar(let name)), .leaf(.key(let name)):
      name
    case .leaf(.constant(let value)): "\(value)"
    }
  }
}

/// A finished computation: nodes in an order in which they can be computed. A value, free to share.
public struct Graph: Sendable {
  /// The nodes; each reads only nodes before it.
  public internal(set) var nodes: [Node] = []

  /// Which nodes are needed to compute the given ones.
  package func reachable(from outputs: [Int]) -> [Bool] {
    var reached = [Bool](repeating: false, count: nodes.count)
    for output in outputs { reached[output] = true }
    for id in nodes.indices.reversed() where reached[id] {
      for input in nodes[id].inputs { reached[input] = true }
    }
    return reached
  }
}

/// A graph under construction. Values belong to the builder that made them.
public final class GraphBuilder {
  /// What has been built so far.
  public private(set) var graph = Graph()
  /// The path of the layer that is being traced.
  public internal(set) var path = ""
  /// While a backward pass is built: the forward node whose derivative is being added.
  var forward: Int?

  /// Starts an empty graph.
  public init() {}

  /// Adds an op.
  ///
  /// - Throws: ``ShapeError`` with the layer's path if the inputs do not fit.
  public func add(_ op: some Op, _ inputs: [Value]) throws -> Value {
    do {
      let type = try op.result(of: inputs.map(\.type))
      return append(.op(op), inputs.map(\.id), type)
    } catch var error as ShapeError {
      if error.path.isEmpty { error.path = path }
      throw error
    }
  }

  /// Adds a leaf.
  public func leaf(_ leaf: Leaf, _ shape: Shape, _ scalarType: ScalarType) -> Value {
    append(.leaf(leaf), [], ValueType(shape, scalarType))
  }

  /// Adds a number known now, as a scalar.
  public func constant(_ value: Double, _ scalarType: ScalarType) -> Value {
    leaf(.constant(value), [], scalarType)
  }

  private func append(_ kind: Node.Kind, _ inputs: [Int], _ type: ValueType) -> Value {
    graph.nodes.append(
      Node(kind: kind, inputs: inputs, type: type, path: path, forward: forward, label: nil))
    return Value(builder: self, id: graph.nodes.count - 1)
  }

  func setLabel(_ label: Label, _ name: String?, of id: Int) {
    (graph.nodes[id].label, graph.nodes[id].labelName) = (label, name)
  }
}
