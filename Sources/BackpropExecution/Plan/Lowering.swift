import BackpropCore

/// Turns a traced graph into plan nodes: ops expanded to primitives, broadcasting spelled out, constants folded, and
/// equal computations made once.
struct Lowerer {
  /// A graph value on its way: the node that holds its numbers, and the shape those have in memory. The numbers of a
  /// value that was broadcast stay small until somebody needs them all.
  struct Lowered {
    var node: Int
    var memory: Shape
    var shape: Shape
  }

  private(set) var nodes: [PlanNode] = []
  private var known: [PlanNode: Int] = [:]
  private var lowered: [Int: Lowered] = [:]
  let real: ScalarType

  init(real: ScalarType) { self.real = real }

  /// Lowers the nodes that `outputs` depend on; gives the plan node of each output, with all its elements.
  mutating func lower(_ builder: GraphBuilder, outputs: [Int]) throws -> [Int] {
    // Expansion appends to the builder's graph, behind the nodes that are walked here.
    for (id, needed) in builder.graph.reachable(from: outputs).enumerated() where needed {
      try lower(id, builder)
    }
    return try outputs.map { try materialized(lowered[$0]!) }
  }

  private mutating func lower(_ id: Int, _ builder: GraphBuilder) throws {
    if lowered[id] != nil { return }
    let node = builder.graph.nodes[id]
    switch node.kind {
    case .leaf(let leaf): lowered[id] = try lower(leaf, node)
    case .op(let op):
      let types = node.inputs.map { builder.graph.nodes[$0].type }
      if case .expanded = op.lowering(types) {
        let first = builder.graph.nodes.count
        let result = try op.expand(node.inputs.map { Value(builder: builder, id: $0) })
        for added in first..<builder.graph.nodes.count { try lower(added, builder) }
        lowered[id] = lowered[result.id]
      } else {
        lowered[id] = try lower(op, types, node, inputs: node.inputs.map { lowered[$0]! })
      }
    }
  }

  private func lower(check scalarType: ScalarType, _ node: Node) throws -> Element {
    switch scalarType {
    case real, .bool: return .real
    case .int32, .uint8: return .int32
    default:
      throw ShapeError(
        node.name, [node.type.shape], path: node.path,
        "a \(real.rawValue) plan cannot hold \(scalarType.rawValue); build the whole graph in one real type"
      )
    }
  }

  private mutating func lower(_ leaf: Leaf, _ node: Node) throws -> Lowered {
    let shape = node.type.shape
    let element = try lower(check: node.type.scalarType, node)
    if case .constant(let value) = leaf {
      return Lowered(node: constant(value, element), memory: [], shape: shape)
    }
    let id = add(
      PlanNode(
        kind: .leaf(leaf), operands: [], domain: Domain(rows: 1, columns: shape.count),
        count: shape.count,
        element: element, isFlexible: true))
    return Lowered(node: id, memory: shape, shape: shape)
  }

  mutating func constant(_ value: Double, _ element: Element = .real) -> Int {
    add(
      PlanNode(
        kind: .constant(value), operands: [], domain: Domain(rows: 1, columns: 1), count: 1,
        element: element,
        isFlexible: true))
  }

  mutating func add(_ node: PlanNode) -> Int {
    if let id = known[node] { return id }
    nodes.append(node)
    known[node] = nodes.count - 1
    return nodes.count - 1
  }

  // MARK: ops

  private mutating func lower(
    _ op: any Op, _ types: [ValueType], _ node: Node, inputs: [Lowered]
  ) throws -> Lowered {
    let shape = node.type.shape
    let element = try lower(check: node.type.scalarType, node)
    func whole(_ id: Int) -> Lowered { Lowered(node: id, memory: shape, shape: shape) }

    switch op.lowering(types) {
    case .expanded: preconditionFailure("expanded before")
    case .pointwise(let primitive):
      return try pointwise(primitive, inputs, shape, element)
    case .reshape:
      let input = inputs[0]
      if input.memory.count == 1 { return Lowered(node: input.node, memory: [], shape: shape) }
      return whole(try materialized(input))
    case .copy(let strides, let offset):
      return try copy(inputs[0], strides: strides, offset: offset, to: shape, element)
    case .reduce(let reduction, let axes):
      let resolved = types[0].shape.resolved(axes: axes) ?? []
      return whole(try reduce(reduction, materialized(inputs[0]), types[0].shape, resolved))
    case .matmul(let transposeA, let transposeB):
      return whole(try matmul(inputs, transposeA, transposeB, shape))
    case .concatenate(let axis):
      let axis = axis < 0 ? axis + shape.rank : axis
      let outer = Shape(Array(shape.sizes.prefix(axis))).count
      let operands = try inputs.map { Operand(node: try materialized($0), access: .full) }
      let widths = types.map { outer == 0 ? 0 : $0.shape.count / outer }
      return whole(
        add(
          PlanNode(
            kind: .concatenate(outer: outer, widths: widths), operands: operands,
            domain: flat(shape), count: shape.count,
            element: element, isFlexible: false)))
    case .gather:
      let rows = types[0].shape[0]
      return whole(
        try indexed(.gather(rows: rows, width: types[0].shape.count / max(rows, 1)), inputs, shape))
    case .scatterAdd:
      return whole(
        try indexed(
          .scatterAdd(rows: shape[0], width: shape.count / max(shape[0], 1)), inputs, shape))
    case .window(let move, let window):
      return whole(try windows(move, window, inputs, types, shape))
    case .uniform:
      let key = Operand(node: try materialized(inputs[0]), access: .scalar)
      // Not flexible: element i of the value must be element i of the domain, and flat it is for every cut.
      return whole(
        add(
          PlanNode(
            kind: .uniform, operands: [key], domain: flat(shape), count: shape.count,
            element: .real, isFlexible: true)))
    }
  }

  func flat(_ shape: Shape) -> Domain { Domain(rows: 1, columns: shape.count) }

  /// The node that holds all elements of a value, repeated ones too.
  mutating func materialized(_ value: Lowered) throws -> Int {
    if value.memory.count == value.shape.count, !isConstant(value.node) { return value.node }
    let element = nodes[value.node].element
    if element == .int32 {
      return strided(
        value.node, strides: spreadStrides(value.memory, value.shape), offset: 0, value.shape,
        .int32)
    }
    return try pointwise(.copy, [value], value.shape, element, keepingConstants: true).node
  }

  /// A node of its own with the numbers of a leaf.
  mutating func copyOfLeaf(_ leaf: Int) -> Int {
    let node = nodes[leaf]
    if node.element == .int32 {
      return add(
        PlanNode(
          kind: .copy(sizes: [node.count], strides: [1], offset: 0),
          operands: [Operand(node: leaf, access: .full)],
          domain: node.domain, count: node.count, element: .int32, isFlexible: false))
    }
    return add(
      PlanNode(
        kind: .pointwise(.copy), operands: [Operand(node: leaf, access: .full)],
        domain: node.domain, count: node.count,
        element: .real, isFlexible: true))
  }

  private func isConstant(_ node: Int) -> Bool {
    if case .constant = nodes[node].kind { true } else { false }
  }

  private mutating func indexed(_ kind: PlanKind, _ inputs: [Lowered], _ shape: Shape) throws -> Int
  {
    let operands = try inputs.map { Operand(node: try materialized($0), access: .full) }
    return add(
      PlanNode(
        kind: kind, operands: operands, domain: flat(shape), count: shape.count, element: .real,
        isFlexible: false))
  }

  // MARK: pointwise

  private mutating func pointwise(
    _ primitive: Primitive, _ inputs: [Lowered], _ shape: Shape, _ element: Element,
    keepingConstants: Bool = false
  ) throws -> Lowered {
    if !keepingConstants, let folded = fold(primitive, inputs, shape) { return folded }
    // A computation over operands that are all small stays small: it is broadcast when it is used.
    let wanted =
      primitive == .iota || keepingConstants
      ? shape : inputs.reduce(Shape([])) { $0.broadcast(with: $1.memory) ?? shape }
    let axes = wanted.sizes.indices.filter { wanted.sizes[$0] != 1 }
    var split: Int? = primitive == .iota ? max(axes.count - 1, 0) : nil
    var operands: [Operand] = []
    for input in inputs {
      var access = access(of: input.memory, in: wanted, axes)
      if case .some((let kind, let place)) = access, kind == .row || kind == .column {
        if split == nil { split = place }
        if split != place { access = nil }
      }
      if let access {
        operands.append(Operand(node: input.node, access: access.0))
      } else {
        operands.append(Operand(node: spread(input, to: wanted), access: .full))
      }
    }
    let domain: Domain
    if let split {
      let sizes = axes.map { wanted.sizes[$0] }
      domain = Domain(rows: sizes[..<split].reduce(1, *), columns: sizes[split...].reduce(1, *))
    } else {
      domain = flat(wanted)
    }
    let id = add(
      PlanNode(
        kind: .pointwise(primitive), operands: operands, domain: domain, count: wanted.count,
        element: element,
        isFlexible: split == nil))
    return Lowered(node: id, memory: wanted, shape: shape)
  }

  /// How an operand of shape `memory` is read by a computation of shape `shape`; `axes` are those of size ≠ 1. For rows
  /// and columns also the number of leading axes that make the rows. Nil if it takes a copy.
  private func access(of memory: Shape, in shape: Shape, _ axes: [Int]) -> (Access, Int)? {
    if memory.count == shape.count { return (.full, 0) }
    if memory.count == 1 { return (.scalar, 0) }
    let repeated = axes.map { axis -> Bool in
      let own = axis - (shape.rank - memory.rank)
      return own < 0 || memory.sizes[own] == 1
    }
    let leading = repeated.prefix { $0 }.count
    if !repeated[leading...].contains(true) { return (.row, leading) }
    let kept = repeated.prefix { !$0 }.count
    if !repeated[kept...].contains(false) { return (.column, kept) }
    return nil
  }

  /// All elements of an operand that no simple access describes, copied out.
  mutating func spread(_ input: Lowered, to shape: Shape) -> Int {
    strided(
      input.node, strides: spreadStrides(input.memory, shape), offset: 0, shape,
      nodes[input.node].element)
  }

  func spreadStrides(_ memory: Shape, _ shape: Shape) -> [Int] {
    let padding = shape.rank - memory.rank
    return shape.sizes.indices.map { axis in
      axis < padding || memory.sizes[axis - padding] == 1 ? 0 : memory.strides[axis - padding]
    }
  }

  /// Constant folding, and the identities x·1 = x, x + 0 = x, x − 0 = x, x / 1 = x.
  private mutating func fold(_ primitive: Primitive, _ inputs: [Lowered], _ shape: Shape)
    -> Lowered?
  {
    func number(_ input: Lowered) -> Double? {
      if case .constant(let value) = nodes[input.node].kind { value } else { nil }
    }
    func same(_ input: Lowered) -> Lowered {
      Lowered(node: input.node, memory: input.memory, shape: shape)
    }
    guard inputs.count == 2 else {
      if primitive == .copy, inputs.count == 1 { return same(inputs[0]) }
      if primitive == .negate, let a = number(inputs[0]) {
        return Lowered(node: constant(-a), memory: [], shape: shape)
      }
      return nil
    }
    let (a, b) = (number(inputs[0]), number(inputs[1]))
    if let a, let b {
      let value: Double? =
        switch primitive {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        default: nil
        }
      if let value { return Lowered(node: constant(value), memory: [], shape: shape) }
    }
    switch primitive {
    case .multiply where a == 1: return same(inputs[1])
    case .multiply where b == 1, .divide where b == 1: return same(inputs[0])
    case .add where a == 0: return same(inputs[1])
    case .add where b == 0, .subtract where b == 0: return same(inputs[0])
    default: return nil
    }
  }
}
