import BackpropCore

/// Joins sums with what they add, where nobody else reads it.
///
/// Matrix products start at the addend instead of at zero: `x + A·B` becomes one product whose accumulators begin at x,
/// and `w − s·(A·B)` becomes `w + A·(−s·B)`. A bias costs nothing then, and the update of a weight is one product in
/// place. The scale goes into the smaller operand, where it is an instruction in the group that makes that operand.
///
/// Elementwise, `x + a·b` and `x − a·b` become one fused multiply-add, which rounds once.
struct SumFusion {
  private let old: [PlanNode]
  private let readers: [Int]
  private(set) var nodes: [PlanNode] = []
  private var known: [PlanNode: Int] = [:]
  private var place: [Int]

  /// A sum that a matrix product takes in.
  private struct Match {
    var product: Int
    var start: Operand
    var scale: Operand?
    var isNegative: Bool
    var absorbed: [Int]
  }

  /// Rewrites nodes; ``place(of:)`` tells where a node went.
  init(_ nodes: [PlanNode], roots: [Int]) {
    old = nodes
    var readers = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for operand in node.operands { readers[operand.node] += 1 } }
    for root in roots { readers[root] += 1 }
    self.readers = readers
    place = Array(repeating: -1, count: nodes.count)
    var matches: [Int: Match] = [:]
    var absorbed = Set<Int>()
    for id in nodes.indices {
      if let match = match(id), absorbed.isDisjoint(with: match.absorbed) {
        matches[id] = match
        absorbed.formUnion(match.absorbed)
      }
    }
    var multiplyAdds: [Int: PlanNode] = [:]
    for id in nodes.indices where matches[id] == nil {
      guard let (node, term) = multiplyAdd(id), !absorbed.contains(term) else { continue }
      multiplyAdds[id] = node
      absorbed.insert(term)
    }
    for id in nodes.indices where !absorbed.contains(id) {
      place[id] = matches[id].map { rewrite($0) } ?? add(moved(multiplyAdds[id] ?? nodes[id]))
    }
  }

  /// The number of an old node among the new ones.
  func place(of id: Int) -> Int { place[id] }

  private func match(_ id: Int) -> Match? {
    let node = old[id]
    guard let isAddition = isAddition(id) else { return nil }
    for (start, term) in isAddition ? [(0, 1), (1, 0)] : [(0, 1)] {
      let term = node.operands[term]
      guard term.access == .full, readers[term.node] == 1 else { continue }
      if let product = product(term.node), fits(node.operands[start], product, in: node) {
        guard isAddition else { continue }  // −A·B alone has no scalar to take the sign
        return Match(
          product: term.node, start: node.operands[start], scale: nil, isNegative: false,
          absorbed: [term.node])
      }
      guard case .pointwise(.multiply) = old[term.node].kind else { continue }
      for (scale, factor) in [(0, 1), (1, 0)] {
        let scale = old[term.node].operands[scale], factor = old[term.node].operands[factor]
        guard scale.access == .scalar, factor.access == .full, readers[factor.node] == 1,
          let product = product(factor.node), fits(node.operands[start], product, in: node)
        else { continue }
        return Match(
          product: factor.node, start: node.operands[start], scale: scale,
          isNegative: !isAddition,
          absorbed: [factor.node, term.node])
      }
    }
    return nil
  }

  /// A sum of a product of elements as one node over the old ones, and the product's number.
  private func multiplyAdd(_ id: Int) -> (PlanNode, Int)? {
    guard let isAddition = isAddition(id), old[id].element == .real else { return nil }
    for position in isAddition ? [1, 0] : [1] {
      let sum = old[id], term = sum.operands[position]
      let factors = old[term.node]
      guard case .pointwise(.multiply) = factors.kind, term.access == .full,
        readers[term.node] == 1, factors.count == sum.count,
        sum.domain == factors.domain || sum.isFlexible || factors.isFlexible
      else { continue }
      // Operands of what may be cut in any way are full or scalar: they suit the other's domain.
      var node = sum.isFlexible ? factors : sum
      node.kind = .multiplyAdd(isNegative: !isAddition)
      node.operands = factors.operands + [sum.operands[1 - position]]
      node.isFlexible = sum.isFlexible && factors.isFlexible
      return (node, term.node)
    }
    return nil
  }

  /// Whether a node adds (true) or subtracts (false).
  private func isAddition(_ id: Int) -> Bool? {
    switch old[id].kind {
    case .pointwise(.add): true
    case .pointwise(.subtract): false
    default: nil
    }
  }

  private func product(_ id: Int) -> MatrixProduct? {
    if case .matmul(let product) = old[id].kind, old[id].operands.count == 2 {
      product
    } else {
      nil
    }
  }

  /// Whether a product can start at an operand: a value of its own shape, or one row for all of its rows. What would be
  /// computed for this sum alone is no start: as code behind the product it needs no memory.
  private func fits(_ start: Operand, _ product: MatrixProduct, in sum: PlanNode) -> Bool {
    switch start.access {
    case .full: readers[start.node] > 1 || !old[start.node].kind.isMap
    case .row: sum.domain.columns == product.n
    case .column, .scalar: false
    }
  }

  private mutating func rewrite(_ match: Match) -> Int {
    var node = moved(old[match.product])
    if var scale = match.scale {
      scale.node = place[scale.node]
      if match.isNegative {
        scale.node = add(
          PlanNode(
            kind: .pointwise(.negate), operands: [Operand(node: scale.node, access: .full)],
            domain: Domain(rows: 1, columns: 1), count: 1, element: .real, isFlexible: true))
      }
      let (a, b) = (nodes[node.operands[0].node].count, nodes[node.operands[1].node].count)
      let side = a < b ? 0 : 1
      let count = min(a, b)
      node.operands[side].node = add(
        PlanNode(
          kind: .pointwise(.multiply), operands: [node.operands[side], scale],
          domain: Domain(rows: 1, columns: count), count: count, element: .real, isFlexible: true))
    }
    var start = match.start
    start.node = place[start.node]
    node.operands.append(start)
    return add(node)
  }

  private func moved(_ node: PlanNode) -> PlanNode {
    var node = node
    for index in node.operands.indices {
      node.operands[index].node = place[node.operands[index].node]
    }
    return node
  }

  private mutating func add(_ node: PlanNode) -> Int {
    if let id = known[node] { return id }
    nodes.append(node)
    known[node] = nodes.count - 1
    return nodes.count - 1
  }
}

/// The nodes that the roots depend on: what is left when dead code has gone.
struct LiveNodes {
  private(set) var nodes: [PlanNode] = []
  private var places: [Int]

  /// Keeps what `roots` need, in the same order.
  init(_ all: [PlanNode], roots: [Int]) {
    var live = [Bool](repeating: false, count: all.count)
    for root in roots { live[root] = true }
    for id in all.indices.reversed() where live[id] {
      for operand in all[id].operands { live[operand.node] = true }
    }
    places = Array(repeating: -1, count: all.count)
    for id in all.indices where live[id] {
      var node = all[id]
      for index in node.operands.indices {
        node.operands[index].node = places[node.operands[index].node]
      }
      places[id] = nodes.count
      nodes.append(node)
    }
  }

  /// The number of a node among the live ones.
  func place(of id: Int) -> Int { places[id] }
}
