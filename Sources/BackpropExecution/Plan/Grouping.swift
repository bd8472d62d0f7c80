import BackpropCore
import CBackpropKernels

/// Nodes that run together: pointwise code over one domain, behind a product of that domain or alone; or a single node of
/// another kind.
final class Group {
  /// What a member leaves behind for each row and column of the domain.
  enum Role {
    /// One element a place.
    case full
    /// One element a row.
    case column
    /// One element a column, complete only when the group has run.
    case columnSum
    /// The domain's elements with others between them, which nobody in the group reads.
    case padded
  }

  /// The number of places of the domain.
  let count: Int
  /// Rows × columns; nil while any cut would do.
  var domain: Domain?
  /// Whether pointwise code may join.
  let isOpen: Bool
  /// The product whose result the code finishes; it is the first member.
  let product: Int?
  /// The nodes, in the order in which they run.
  var members: [Int] = []

  init(count: Int, domain: Domain?, isOpen: Bool, product: Int? = nil) {
    (self.count, self.domain, self.isOpen, self.product) = (count, domain, isOpen, product)
  }

  /// Whether the group has pointwise code to run.
  var hasCode: Bool { isOpen && (product == nil || members.count > 1) }
}

/// Puts nodes into groups. Groups run in their order; a node joins the earliest group that all its operands allow, so
/// the order holds by construction.
///
/// A node whose operands are all there before the step is *deferred*: it joins the first group that reads it. If it
/// cannot (a small computation that a group repeats over rows), it runs in the prologue, before everything.
///
/// A *lazy* node is deferred too, and joins only a group behind those that make its operands.
///
/// A product *waits* for the first node that reads it, and then runs right before: so the code that finishes it can join
/// it, and the gradient of a weight, which only the update reads, runs behind everybody who needs the old weight.
struct Grouping {
  let nodes: [PlanNode]
  let fuses: Bool
  private(set) var prologue: [Group] = []
  private(set) var main: [Group] = []
  /// The group of each node that is in one.
  private(set) var group: [Group?]
  private(set) var role: [Group.Role?]
  private var number: [Int]  // of the node's group in `main`; -1 before everything
  private var isDeferred: [Bool]
  private var isWaiting: [Bool]
  /// Whether a deferred node has joined a group since deferred nodes were last looked through.
  private var hasPulled = false

  init(_ nodes: [PlanNode], outputs: [Int], fuses: Bool) {
    self.nodes = nodes
    self.fuses = fuses
    group = Array(repeating: nil, count: nodes.count)
    role = Array(repeating: nil, count: nodes.count)
    number = Array(repeating: -1, count: nodes.count)
    isDeferred = Array(repeating: false, count: nodes.count)
    isWaiting = Array(repeating: false, count: nodes.count)
    for id in nodes.indices where !nodes[id].kind.isLeaf {
      place(id)
      settle()
    }
    for id in outputs {
      if isWaiting[id] { placeWaiting(id) }
      if isDeferred[id] { placeAlone(id) }
      settle()
    }
  }

  /// All groups in the order in which they run.
  var groups: [Group] { prologue + main }

  /// Places the deferred nodes that read one which has just joined a group: they can no longer run before the step.
  private mutating func settle() {
    guard hasPulled else { return }
    hasPulled = false
    for id in nodes.indices where isDeferred[id] && !nodes[id].isLazy {
      if nodes[id].operands.contains(where: { number[$0.node] >= 0 }) { place(id) }
    }
    settle()
  }

  private mutating func place(_ id: Int) {
    let node = nodes[id]
    if fuses, case .matmul = node.kind {
      isWaiting[id] = true
      return
    }
    placeWaiting(operandsOf: node)
    if case .pad = node.kind, let index = paddingGroup(of: node) {
      join(id, index, .padded)
      return
    }
    guard node.kind.isMap else {
      placeSingle(id)
      return
    }
    if fuses, node.isLazy {
      isDeferred[id] = true
      return
    }
    placeLazyMisfits(of: id)
    let latest = node.operands.map { earliest($0.node) }.max() ?? -1
    if latest < 0 {
      switch node.kind {
      case .pointwise, .multiplyAdd, .uniform:
        isDeferred[id] = true
        return
      default: break
      }
    }
    if fuses {
      for index in main.indices.dropFirst(max(latest, 0)) where main[index].isOpen {
        if let role = roleJoining(id, main[index]),
          node.operands.allSatisfy({ fitsIfLazy($0, beside: role, main[index]) })
        {
          join(id, index, role)
          return
        }
      }
    }
    placeAlone(id)
  }

  /// The number of the first group that may read a node.
  private func earliest(_ id: Int) -> Int {
    guard nodes[id].isLazy, isDeferred[id] else { return number[id] }
    return (nodes[id].operands.map { earliest($0.node) }.max() ?? -1) + 1
  }

  /// Whether an operand, if it is lazy and waits for its reader, can join a group with all that waits for it.
  private func fitsIfLazy(
    _ operand: Operand, beside reader: Group.Role, _ target: Group
  ) -> Bool {
    guard nodes[operand.node].isLazy, isDeferred[operand.node] else { return true }
    return fits(operand, beside: reader, target)
      && nodes[operand.node].operands.allSatisfy { fitsIfLazy($0, beside: .full, target) }
  }

  /// The group that makes images and can leave them with padding too.
  private func paddingGroup(of node: PlanNode) -> Int? {
    let images = node.operands[0].node
    guard fuses, node.domain.count > 0, number[images] >= 0, role[images] == .full,
      let group = group[images],
      group.isOpen, group.count == node.domain.count, (group.domain ?? node.domain) == node.domain
    else { return nil }
    return number[images]
  }

  /// Gives groups of their own to lazy operands that no group with their reader could compute.
  private mutating func placeLazyMisfits(of id: Int) {
    let reader = nodes[id]
    for operand in reader.operands where nodes[operand.node].isLazy && isDeferred[operand.node] {
      placeLazyMisfits(of: operand.node)
      let node = nodes[operand.node]
      let mayJoin =
        operand.access == .full && node.count == reader.domain.count && roleAlone(reader) != .column
        && (node.isFlexible || reader.isFlexible || node.domain == reader.domain)
      if !mayJoin { placeAlone(operand.node) }
    }
  }

  /// Places a node that is not pointwise code, at the end.
  private mutating func placeSingle(_ id: Int) {
    let node = nodes[id]
    for operand in node.operands where isDeferred[operand.node] {
      placeAlone(operand.node)
      settle()
    }
    var domain = node.domain
    var product: Int?
    if fuses, case .matmul(let matmul) = node.kind, matmul.batch == 1, node.count > 0 {
      product = id
      domain = Domain(rows: matmul.m, columns: matmul.n)
    }
    append(
      id, to: Group(count: node.count, domain: domain, isOpen: product != nil, product: product),
      .full)
  }

  private mutating func placeWaiting(_ id: Int) {
    isWaiting[id] = false
    placeWaiting(operandsOf: nodes[id])
    placeSingle(id)
  }

  private mutating func placeWaiting(operandsOf node: PlanNode) {
    for operand in node.operands where isWaiting[operand.node] { placeWaiting(operand.node) }
  }

  /// Gives a node a group of its own, at the end.
  private mutating func placeAlone(_ id: Int) {
    let node = nodes[id]
    let created = Group(
      count: node.domain.count, domain: node.isFlexible ? nil : node.domain, isOpen: true)
    main.append(created)
    join(id, main.count - 1, roleAlone(node))
  }

  private func roleAlone(_ node: PlanNode) -> Group.Role {
    switch node.kind {
    case .rowReduce: .column
    case .columnSum: .columnSum
    default: .full
    }
  }

  private mutating func append(_ id: Int, to created: Group, _ role: Group.Role) {
    main.append(created)
    created.members.append(id)
    (group[id], self.role[id], number[id]) = (created, role, main.count - 1)
  }

  /// The part that a node would play in a group, or nil if it cannot join.
  private func roleJoining(_ id: Int, _ group: Group) -> Group.Role? {
    let node = nodes[id]
    if group.product != nil, case .rowReduce = node.kind,
      node.domain.columns > Int(BP_WHOLE_ROWS)
    {
      return nil  // a product leaves wider rows in pieces
    }
    // Places of the domain: cut as the group is, or as the node is if the group is not cut.
    if node.domain.count == group.count,
      group.domain == nil || node.isFlexible || node.domain == group.domain
    {
      let fits = node.operands.allSatisfy { operand in
        guard self.group[operand.node] === group, let role = self.role[operand.node] else {
          return true
        }
        switch (role, operand.access) {
        case (.full, .full), (.column, .column): return true
        case (.column, .scalar): return (group.domain ?? node.domain).rows == 1
        default: return false
        }
      }
      if fits { return roleAlone(node) }
    }
    // One element a row, beside a member that has one too.
    if node.kind.isElementwise, let domain = group.domain, node.isFlexible,
      node.count == domain.rows
    {
      let inside = node.operands.filter { self.group[$0.node] === group }
      if !inside.isEmpty,
        inside.allSatisfy({ role[$0.node] == .column && ($0.access == .full || domain.rows == 1) })
      {
        return .column
      }
    }
    return nil
  }

  private mutating func join(_ id: Int, _ index: Int, _ role: Group.Role) {
    let joined = main[index]
    if !nodes[id].isFlexible, role != .column || !isColumnOf(id, joined) {
      joined.domain = joined.domain ?? nodes[id].domain
    }
    // First whatever cannot join goes to the prologue, with all it reads; then the rest joins.
    sendMisfits(of: id, beside: role, joined)
    pull(operandsOf: id, index)
    hasPulled = hasPulled || isDeferred[id]
    isDeferred[id] = false
    joined.members.append(id)
    (group[id], self.role[id], number[id]) = (joined, role, index)
  }

  private func isColumnOf(_ id: Int, _ group: Group) -> Bool {
    if case .rowReduce = nodes[id].kind { return false }
    return nodes[id].count != group.count
  }

  /// Whether a deferred operand can join the group of its reader.
  private func fits(_ operand: Operand, beside reader: Group.Role, _ target: Group) -> Bool {
    let node = nodes[operand.node]
    return fuses && operand.access == .full && reader != .column && node.count == target.count
      && (node.isFlexible || target.domain == nil || target.domain == node.domain)
  }

  private mutating func sendMisfits(of id: Int, beside role: Group.Role, _ target: Group) {
    for operand in nodes[id].operands where isDeferred[operand.node] {
      if fits(operand, beside: role, target) {
        sendMisfits(of: operand.node, beside: .full, target)
      } else {
        pullToPrologue(operand.node)
      }
    }
  }

  /// Takes the operands that are still deferred into the group, each behind its own.
  private mutating func pull(operandsOf id: Int, _ index: Int) {
    for operand in nodes[id].operands where isDeferred[operand.node] {
      join(operand.node, index, .full)
    }
  }

  private mutating func pullToPrologue(_ id: Int) {
    for inner in nodes[id].operands where isDeferred[inner.node] { pullToPrologue(inner.node) }
    isDeferred[id] = false
    let created = Group(
      count: nodes[id].domain.count, domain: nodes[id].isFlexible ? nil : nodes[id].domain,
      isOpen: true)
    created.members = [id]
    prologue.append(created)
    (group[id], role[id], number[id]) = (created, .full, -1)
  }
}
