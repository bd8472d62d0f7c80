import BackpropCore
import CBackpropKernels

/// Writes the instruction tables: decides where every value lives, then turns groups into kernel calls.
struct Emitter {
  /// Where the numbers of a node are.
  enum Place {
    /// In memory: slot and byte offset.
    case memory(slot: Int, offset: Int)
    /// In the arena, at a buffer's place.
    case buffer(Int)
    /// In a virtual register of its group, at a byte offset of scratch.
    case register(offset: Int)
    /// In the window of its product: only the code that finishes the product reads it.
    case window
  }

  let options: PlanOptions
  let state: StateLayout
  let nodes: [PlanNode]
  let grouping: Grouping
  let groups: [Group]
  /// The position of each node's group.
  let position: [Int]
  let outputNodes: [Int]
  let outputTypes: [ValueType]
  let updates: [(path: String, node: Int)]
  /// For each node, the nodes that read it.
  let readers: [[Int]]

  var inputs: [Plan.Input] = []
  var scalars: [String] = []
  var keys: [String] = []
  var results: [Plan.Output] = []
  var memory = MemoryPlanner()
  var places: [Place?]
  var constants: [(bits: UInt64, element: Element)] = []
  var tables = Plan.Tables()
  var descriptions: [String] = []
  var scratchByteCount = 0
  /// The updates that could not be made in place, copied when everything has run.
  var lateUpdates: [(node: Int, path: String)] = []
  /// Partial rows of column sums, by node.
  var partials: [Int: Int] = [:]

  var elementSize: Int { state.scalarType.size }

  init(
    _ builder: GraphBuilder, outputs: [Value], updates: [(path: String, value: Value)],
    state: StateLayout,
    options: PlanOptions
  ) throws {
    self.options = options
    self.state = state
    for update in updates where state[update.path]?.shape != update.value.shape {
      throw ShapeError(
        "plan", [update.value.shape] + (state[update.path].map { [$0.shape] } ?? []),
        path: update.path,
        state[update.path] == nil
          ? "the state has no such array" : "the update's shape is not the array's")
    }
    var lowerer = Lowerer(real: state.scalarType)
    // An update or output that only names another value is a computation of its own: a copy.
    let lowered = lowerer.copyingLeaves(
      try lowerer.lower(builder, outputs: (outputs + updates.map(\.value)).map(\.id)))
    let live = LiveNodes(lowerer.nodes, roots: lowered)
    var roots = lowered.map(live.place)
    if options.fuses {
      let sums = SumFusion(live.nodes, roots: roots)
      roots = roots.map(sums.place)
      let folds = FoldFusion(sums.nodes, roots: roots)
      roots = roots.map(folds.place)
      let used = LiveNodes(folds.nodes, roots: roots)
      roots = roots.map(used.place)
      let anew = Recomputation(
        used.nodes, roots: roots, Grouping(used.nodes, outputs: roots, fuses: true))
      roots = roots.map(anew.place)
      let last = LiveNodes(anew.nodes, roots: roots)
      nodes = last.nodes
      roots = roots.map(last.place)
    } else {
      nodes = live.nodes
    }
    try Self.checkSizes(nodes)
    outputNodes = Array(roots.prefix(outputs.count))
    outputTypes = outputs.map(\.type)
    self.updates = zip(updates, roots.dropFirst(outputs.count)).map { ($0.path, $1) }
    grouping = Grouping(nodes, outputs: roots, fuses: options.fuses)
    groups = grouping.groups
    var position = [Int](repeating: -1, count: nodes.count)
    for (index, group) in groups.enumerated() {
      for member in group.members { position[member] = index }
    }
    self.position = position
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (id, node) in nodes.enumerated() where position[id] >= 0 {
      for operand in node.operands where readers[operand.node].last != id {
        readers[operand.node].append(id)
      }
    }
    self.readers = readers
    places = Array(repeating: nil, count: nodes.count)
  }

  /// Checks that all sizes fit the kernels' tables, which count in 32 bits.
  private static func checkSizes(_ nodes: [PlanNode]) throws {
    for node in nodes {
      var sizes = [node.count, node.domain.rows, node.domain.columns]
      switch node.kind {
      case .matmul(let product), .foldedProduct(let product, _):
        sizes += [product.m, product.n, product.k]
      default: break
      }
      guard let most = sizes.max(), most > Int32.max else { continue }
      throw ShapeError(
        "plan", [],
        "a value of \(most) elements; at most \(Int32.max) fit: take smaller batches, or a smaller network"
      )
    }
  }

  /// Decides all places and writes all tables.
  mutating func emit() throws {
    try placeLeaves()
    placeUpdates()
    placeBuffers()
    memory.place()
    for group in groups {
      if group.hasCode { emitMap(group) } else { emitSingle(group.members[0]) }
    }
    for late in lateUpdates { emitLateUpdate(late.node, late.path) }
    results = zip(outputNodes, outputTypes).map { node, type in
      Plan.Output(type: type, byteOffset: address(node).offset, element: nodes[node].element)
    }
  }

  // MARK: places

  private mutating func placeLeaves() throws {
    for (id, node) in nodes.enumerated() {
      switch node.kind {
      case .constant(let value):
        places[id] = .memory(slot: BP_SLOT_CONSTANTS, offset: constantOffset(value, node.element))
      case .leaf(.parameter(let path)), .leaf(.variable(let path)):
        guard let entry = state[path] else {
          throw ShapeError("plan", path: path, "the state has no such array")
        }
        places[id] = .memory(slot: BP_SLOT_STATE, offset: entry.byteOffset)
      case .leaf(.scalar(let name)):
        scalars.append(name)
        places[id] = .memory(slot: BP_SLOT_SCALARS, offset: (scalars.count - 1) * 8)
      case .leaf(.key(let path)):
        keys.append(path)
        places[id] = nil  // behind the scalars, once their number is known
      case .leaf(.input(let name)):
        inputs.append(
          Plan.Input(
            name: name,
            type: ValueType([node.count], node.element == .int32 ? .int32 : state.scalarType)))
        places[id] = .memory(slot: BP_SLOT_INPUTS + inputs.count - 1, offset: 0)
      default: break
      }
    }
    var key = 0
    for (id, node) in nodes.enumerated() {
      guard case .leaf(.key) = node.kind else { continue }
      places[id] = .memory(slot: BP_SLOT_SCALARS, offset: (scalars.count + key) * 8)
      key += 1
    }
  }

  /// The byte offset of a constant; equal bits are stored once.
  private mutating func constantOffset(_ value: Double, _ element: Element) -> Int {
    let bits: UInt64 =
      switch element {
      case .int32: UInt64(UInt32(bitPattern: Int32.nearest(value)))
      case .real: elementSize == 8 ? value.bitPattern : UInt64(Float(value).bitPattern)
      }
    if let index = constants.firstIndex(where: { $0.bits == bits && $0.element == element }) {
      return index * 8
    }
    constants.append((bits, element))
    return (constants.count - 1) * 8
  }

  /// The constants as memory.
  func constantStorage() -> Storage {
    let storage = Storage(byteCount: constants.count * 8)
    for (index, constant) in constants.enumerated() {
      storage.pointer(to: UInt64.self)[index] = constant.bits
    }
    return storage
  }

  /// An update is written straight over the old value where nobody needs that any more.
  private mutating func placeUpdates() {
    var taken = Set<Int>()
    for update in updates {
      let node = update.node
      if taken.insert(node).inserted, places[node] == nil, !outputNodes.contains(node),
        isInPlaceLegal(node, update.path), let entry = state[update.path]
      {
        places[node] = .memory(slot: BP_SLOT_STATE, offset: entry.byteOffset)
      } else {
        lateUpdates.append((node, update.path))
      }
    }
  }

  private func isInPlaceLegal(_ node: Int, _ path: String) -> Bool {
    let old = nodes.indices.filter { id in
      switch nodes[id].kind {
      case .leaf(.parameter(path)), .leaf(.variable(path)): true
      default: false
      }
    }
    // Column sums are written when their group has run, or block by block: never over something still read.
    if grouping.role[node] == .columnSum {
      return old.allSatisfy { readers[$0].allSatisfy { position[$0] < position[node] } }
    }
    let group = groups[position[node]]
    for reader in old.flatMap({ readers[$0] }) {
      if position[reader] > position[node] { return false }
      if position[reader] < position[node] { continue }
      if case .matmul = nodes[reader].kind {
        // A product may start at the old value: each element is read before it is written.
        guard nodes[reader].operands.prefix(2).allSatisfy({ !old.contains($0.node) }),
          nodes[reader].operands.last?.access == .full, grouping.role[node] == .full
        else { return false }
        continue
      }
      // In the same group: only element by element, and not after the new value is written.
      guard group.isOpen, grouping.role[reader] == .full, grouping.role[node] == .full,
        nodes[reader].operands.allSatisfy({ !old.contains($0.node) || $0.access == .full }),
        group.members.firstIndex(of: reader)! <= group.members.firstIndex(of: node)!
      else { return false }
    }
    return true
  }

  /// Every value that somebody outside its group reads gets a buffer.
  private mutating func placeBuffers() {
    let kept = Set(outputNodes + lateUpdates.map(\.node))
    for (index, group) in groups.enumerated() {
      for member in group.members where places[member] == nil {
        let outside = readers[member].filter { position[$0] != index }
        let isNeeded =
          kept.contains(member) || !outside.isEmpty || !group.hasCode
          || grouping.role[member] == .columnSum || (member == group.product && !fitsWindow(member))
        guard isNeeded else {
          if member == group.product { places[member] = .window }
          continue
        }
        let last =
          kept.contains(member) ? groups.count : outside.map { position[$0] }.max() ?? index
        places[member] = .buffer(memory.add(byteCount: byteCount(member), first: index, last: last))
      }
      if group.hasCode {
        let map = cut(group)
        let blocks = (map.rows + map.blockRows - 1) / map.blockRows
        for member in group.members where grouping.role[member] == .columnSum && blocks > 1 {
          partials[member] = memory.add(
            byteCount: Int(blocks) * nodes[member].count * elementSize, first: index, last: index)
        }
      }
    }
  }

  /// Whether a product is done in one block of k, so that its result can stay in a window.
  private func fitsWindow(_ id: Int) -> Bool {
    guard case .matmul(let product) = nodes[id].kind else { return false }
    return product.k <= Int(BP_WINDOW_STEPS)
  }

  private func byteCount(_ id: Int) -> Int {
    nodes[id].count * (nodes[id].element == .int32 ? 4 : elementSize)
  }

  /// The slot and byte offset of a value in memory.
  func address(_ id: Int) -> (slot: Int, offset: Int) {
    switch places[id] {
    case .memory(let slot, let offset): (slot, offset)
    case .buffer(let buffer): (BP_SLOT_ARENA, memory.buffers[buffer].offset)
    case .register, .window, nil: preconditionFailure("node \(id) is not in memory")
    }
  }

  /// Whether a value stands in memory, and not only where its group alone can see it.
  func isInMemory(_ id: Int) -> Bool {
    switch places[id] {
    case .memory, .buffer: true
    case .register, .window, nil: false
    }
  }
}

extension Lowerer {
  /// Replaces roots that are leaves by copies of them.
  mutating func copyingLeaves(_ roots: [Int]) -> [Int] {
    roots.map { root in
      guard nodes[root].kind.isLeaf else { return root }
      return copyOfLeaf(root)
    }
  }
}
