import BackpropCore

/// Lets later groups compute anew what is cheap, in place of reading what an earlier group would have to store for them:
/// a store less for each such value, and no more reads. The mask of a rectifier is an example, or what is left of an
/// array when its mean is taken off.
///
/// The copies are *lazy*: each joins the group of the reader that it was made for (``Grouping``). They are the same
/// instructions on the same operands, so bits do not change.
struct Recomputation {
  private let old: [PlanNode]
  private let grouping: Grouping
  private let isRoot: [Bool]
  /// For each node, the nodes that read it.
  private let readers: [[Int]]
  /// For each node, the position of the last group that reads it.
  private var lastUse: [Int]
  /// The position of each node's group; -1 for what is there before the step.
  private let position: [Int]
  /// What makes a value anew, operands first, for each value that is no longer stored.
  private var chains: [Int: Chain] = [:]
  private(set) var nodes: [PlanNode] = []
  private var place: [Int]

  /// The nodes that make a value from what is stored.
  private struct Chain {
    /// Operands before those that read them; the value is the last.
    var members: [Int] = []
    /// The arrays, one element for each of the value's, that they read.
    var leaves: Set<Int> = []
  }

  /// The longest chain; more than a few instructions cost what a read does.
  private static let limit = 6

  /// Rewrites nodes; ``place(of:)`` tells where a node went.
  ///
  /// - Parameters:
  ///   - old: all nodes, none of them lazy.
  ///   - roots: those that must be stored.
  ///   - grouping: how they would run.
  init(_ old: [PlanNode], roots: [Int], _ grouping: Grouping) {
    (self.old, self.grouping) = (old, grouping)
    var isRoot = [Bool](repeating: false, count: old.count)
    for root in roots { isRoot[root] = true }
    self.isRoot = isRoot
    var position = [Int](repeating: -1, count: old.count)
    for (index, group) in grouping.groups.enumerated() {
      for member in group.members { position[member] = index }
    }
    self.position = position
    var readers = [[Int]](repeating: [], count: old.count)
    for (id, node) in old.enumerated() {
      for operand in node.operands where readers[operand.node].last != id {
        readers[operand.node].append(id)
      }
    }
    self.readers = readers
    lastUse = readers.map { $0.map { position[$0] }.max() ?? -1 }
    place = Array(repeating: -1, count: old.count)
    for id in old.indices {
      guard let chain = chain(replacing: id) else { continue }
      chains[id] = chain
      for leaf in chain.leaves { lastUse[leaf] = max(lastUse[leaf], lastUse[id]) }
    }
    write()
  }

  /// The number of an old node among the new ones.
  func place(of id: Int) -> Int { place[id] }

  /// What would make a value anew for every later group that reads it, if that pays.
  private func chain(replacing id: Int) -> Chain? {
    guard let group = grouping.group[id], !isRoot[id], isCheap(id) else { return nil }
    let later = readers[id].filter { grouping.group[$0] !== group }
    guard !later.isEmpty, let chain = collected(id, Chain()),
      later.allSatisfy({ canCompute(chain, of: id, for: $0) })
    else { return nil }
    // The memory of one array is free, since the value's own is: others must be there anyway.
    let last = later.map { position[$0] }.max() ?? -1
    guard chain.leaves.filter({ lastUse[$0] < last }).count <= 1 else { return nil }
    for target in Set(later.map { position[$0] }) {
      let known = read(by: grouping.groups[target], besides: id)
      guard chain.leaves.subtracting(known).count <= 1 else { return nil }
    }
    return chain
  }

  /// The arrays that a group reads from memory, whatever it makes anew included.
  private func read(by group: Group, besides id: Int) -> Set<Int> {
    var arrays = Set<Int>()
    for member in group.members {
      for operand in old[member].operands
      where operand.access == .full && operand.node != id
        && grouping.group[operand.node] !== group
      {
        arrays.formUnion(chains[operand.node]?.leaves ?? [operand.node])
      }
    }
    return arrays
  }

  /// Whether a reader's group could compute a value that the reader takes place by place.
  private func canCompute(_ chain: Chain, of id: Int, for reader: Int) -> Bool {
    guard let target = grouping.group[reader], old[reader].kind.isMap,
      grouping.role[reader] != .column,
      old[reader].operands.allSatisfy({ $0.node != id || $0.access == .full })
    else { return false }
    return chain.members.allSatisfy {
      old[$0].count == target.count && (old[$0].isFlexible || old[$0].domain == target.domain)
    }
  }

  private func isCheap(_ id: Int) -> Bool {
    switch old[id].kind {
    case .multiplyAdd: true
    case .pointwise(let primitive):
      switch primitive {
      case .copy, .negate, .abs, .relu, .add, .subtract, .multiply, .minimum, .maximum, .less,
        .lessEqual, .equal, .notEqual, .select:
        true
      default: false
      }
    default: false
    }
  }

  /// A chain with all that a node needs; nil if it would read what is not stored.
  private func collected(_ id: Int, _ start: Chain) -> Chain? {
    if start.members.contains(id) { return start }
    guard start.members.count < Self.limit else { return nil }
    var chain = start
    for operand in old[id].operands where operand.access == .full {
      let inner = operand.node
      if case .constant = old[inner].kind { continue }
      if let known = chains[inner] {
        for member in known.members where !chain.members.contains(member) {
          chain.members.append(member)
        }
        chain.leaves.formUnion(known.leaves)
      } else if let group = grouping.group[inner], group === grouping.group[id] {
        // From as far back as possible: what a longer chain reads is often read beside it.
        if isCheap(inner), let deeper = collected(inner, chain) {
          chain = deeper
        } else if isStored(inner) {
          chain.leaves.insert(inner)
        } else {
          return nil
        }
      } else if case .leaf(let leaf) = old[inner].kind, leaf.isState {
        return nil  // an update in place must not wait for this
      } else {
        chain.leaves.insert(inner)
      }
    }
    chain.members.append(id)
    return chain.members.count <= Self.limit ? chain : nil
  }

  /// Whether a value reaches memory as it is.
  private func isStored(_ id: Int) -> Bool {
    isRoot[id]
      || chains[id] == nil && readers[id].contains { grouping.group[$0] !== grouping.group[id] }
  }

  private mutating func write() {
    // Copies by the group that they are for.
    var copies: [Int: [Int: Int]] = [:]
    for (id, node) in old.enumerated() {
      var node = node
      for index in node.operands.indices {
        let operand = node.operands[index].node
        if let chain = chains[operand], let target = grouping.group[id],
          target !== grouping.group[operand]
        {
          let key = position[id]
          for member in chain.members where copies[key]?[member] == nil {
            var copy = old[member]
            copy.isLazy = true
            for inner in copy.operands.indices {
              let source = copy.operands[inner].node
              copy.operands[inner].node = copies[key]?[source] ?? place[source]
            }
            nodes.append(copy)
            copies[key, default: [:]][member] = nodes.count - 1
          }
          node.operands[index].node = copies[key]?[operand] ?? place[operand]
        } else {
          node.operands[index].node = place[operand]
        }
      }
      nodes.append(node)
      place[id] = nodes.count - 1
    }
  }
}

extension Leaf {
  /// Whether the step may change it.
  fileprivate var isState: Bool {
    switch self {
    case .parameter, .variable: true
    default: false
    }
  }
}
