/// The adjoints of matrices that several products share, kept until all of these are known.
///
/// For products `y_t = a_t · B` the adjoint of B is `Σ_t a_tᵀ · g_t`. A recurrent network has one for each
/// time, each with few rows, and each would go through all of B's adjoint again. Put behind each other
/// they are one product, `[a_1; a_2; …]ᵀ · [g_1; g_2; …]`, of the same numbers but for the order of sums.
struct SharedMatrixAdjoints {
  private struct Part {
    /// The node of the product.
    let node: Int
    let a, adjoint: Value
  }

  /// The matrices that more than one product has on its right.
  private let shared: Set<Int>
  /// By the number of the matrix, from the last product to the first.
  private var parts: [Int: [Part]] = [:]

  /// Looks for shared matrices among the nodes up to one that derivatives go through.
  init(_ graph: Graph, upTo last: Int, needed: [Bool]) {
    var counts: [Int: Int] = [:]
    for id in 0...last where needed[id] && Self.isPlainProduct(id, graph) {
      counts[graph.nodes[id].inputs[1], default: 0] += 1
    }
    shared = Set(counts.filter { $0.value > 1 && needed[$0.key] }.keys)
  }

  private static func isPlainProduct(_ id: Int, _ graph: Graph) -> Bool {
    guard case .op(let op) = graph.nodes[id].kind, op as? MatMul == MatMul() else { return false }
    return graph.nodes[id].inputs.allSatisfy { graph.nodes[$0].type.shape.rank == 2 }
  }

  /// Whether a node is a product whose right matrix is shared: then its part is kept.
  mutating func add(_ node: Int, _ adjoint: Value) -> Bool {
    let graph = adjoint.builder.graph
    guard Self.isPlainProduct(node, graph) else { return false }
    let inputs = graph.nodes[node].inputs
    guard shared.contains(inputs[1]), inputs[0] != inputs[1] else { return false }
    let a = Value(builder: adjoint.builder, id: inputs[0])
    parts[inputs[1], default: []].append(Part(node: node, a: a, adjoint: adjoint))
    return true
  }

  /// What the products add to the adjoint of a matrix; nil if there is none. All nodes behind the
  /// matrix must have been looked at.
  mutating func take(_ id: Int) throws -> Value? {
    guard let parts = parts.removeValue(forKey: id), let first = parts.first else { return nil }
    let builder = first.adjoint.builder
    (builder.forward, builder.path) = (first.node, builder.graph.nodes[first.node].path)
    guard parts.count > 1 else { return try first.a.matmul(first.adjoint, transposeA: true) }
    let others = parts.dropFirst()
    let rows = try first.a.concatenated(with: others.map(\.a), axis: 0)
    let adjoints = try first.adjoint.concatenated(with: others.map(\.adjoint), axis: 0)
    return try rows.matmul(adjoints, transposeA: true)
  }
}
