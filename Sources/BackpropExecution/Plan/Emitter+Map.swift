import BackpropCore
import CBackpropKernels

/// Pointwise groups.
extension Emitter {
  /// The domain of a group and the blocks it is cut into, by shape alone.
  func cut(_ group: Group) -> bp_map {
    let domain = group.domain ?? Domain(rows: 1, columns: group.count)
    let strip = options.strip
    let needsWholeRows = group.members.contains { member in
      if case .rowReduce = nodes[member].kind { true } else { false }
    }
    let most = group.product == nil ? strip : min(strip, Self.regionColumns)
    let blockColumns = needsWholeRows ? domain.columns : min(domain.columns, most)
    var blockRows = min(domain.rows, max(1, strip / max(blockColumns, 1)))
    if let product = product(of: group), unitRows(product) < domain.rows {
      blockRows = min(unitRows(product), 1 << (Int.bitWidth - 1 - blockRows.leadingZeroBitCount))
    }
    return bp_map(
      rows: Int32(domain.rows), columns: Int32(domain.columns), blockRows: Int32(max(blockRows, 1)),
      blockColumns: Int32(max(blockColumns, 1)), firstCode: 0, codeCount: 0, product: -1,
      productScratch: 0)
  }

  /// Columns of a product that are finished together, at most: as wide as a window.
  static let regionColumns = 512

  /// The rows that are finished together, a power of two unless they are all: blocks must divide them.
  private func unitRows(_ product: MatrixProduct) -> Int {
    // Rounded factors are packed, in blocks of rows.
    if tile(product, wholeRows: true).0 > 0 || options.roundsFactors { return Int(BP_REGION_ROWS) }
    var gemm = bp_gemm()
    (gemm.m, gemm.n) = (Int32(product.m), Int32(product.n))
    return Int(bp_gemm_region_rows(&gemm))
  }

  private func product(of group: Group) -> MatrixProduct? {
    guard let id = group.product, case .matmul(let product) = nodes[id].kind else { return nil }
    return product
  }

  /// Writes a group: code for its members in order, and the second pass of column sums over several blocks.
  mutating func emitMap(_ group: Group) {
    guard group.count > 0 else { return }
    var map = cut(group)
    var registers = RegisterFile(
      fullBytes: Int(map.blockRows) * registerPitch(map) * elementSize,
      columnBytes: Self.padded(Int(map.blockRows)) * elementSize)
    map.firstCode = Int32(tables.codes.count)
    var words: [String] = []
    for (index, member) in group.members.enumerated() where member != group.product {
      let node = nodes[member]
      let role = grouping.role[member]!
      var code = bp_code()
      code.op = UInt16(opcode(node.kind).rawValue)
      code.column = role == .column && !isRowReduction(node.kind) ? 1 : 0
      // A row reduction leaves a column, but reads whole rows.
      let reading = isRowReduction(node.kind) ? .full : role
      let operands = node.operands.map { operand($0, of: reading, map, group) }
      // Registers that are read here for the last time are free for the result: code works element by element. A
      // reduction still reads while it writes, and 64-bit results would run over the 32-bit numbers not yet read.
      let isElementwise =
        !isRowReduction(node.kind) && ![.columnSum, .padded].contains(role)
        && node.kind != .pointwise(.fromInt32)
      if isElementwise { registers.release(dying(at: index, in: group), places) }
      if !isInMemory(member) {
        places[member] = .register(offset: registers.allocate(isFull: role == .full))
      }
      if !isElementwise { registers.release(dying(at: index, in: group), places) }
      code.d = destination(member, role, map)
      code.a = operands.first ?? code.d
      code.b = operands.count > 1 ? operands[1] : code.d
      code.c = operands.count > 2 ? operands[2] : code.d
      if case .pad(let images) = node.kind { code.b = margins(of: images) }
      tables.codes.append(code)
      words.append(
        word(node.kind) + (code.column == 1 ? "'" : "") + (isInMemory(member) ? "→" : ""))
    }
    map.codeCount = Int32(words.count)
    markChains(in: Int(map.firstCode)..<tables.codes.count)
    if let product = product(of: group) {
      appendFused(&map, group.product!, product, registers.byteCount, words)
    } else {
      scratchByteCount = max(scratchByteCount, registers.byteCount)
      append(map, work: group.count * words.count, words.joined(separator: " "))
    }
    for member in group.members where partials[member] != nil { emitColumnFold(member, map) }
    for member in group.members { if !isInMemory(member) { places[member] = nil } }
  }

  /// Marks instructions that run as one.
  private mutating func markChains(in range: Range<Int>) {
    tables.codes[range].withUnsafeMutableBufferPointer { codes in
      var place = 0
      while let start = codes.baseAddress, place < codes.count {
        let length = bp_chain_length(start + place, Int32(codes.count - place))
        codes[place].chain = UInt32(length)
        place += max(Int(length), 1)
      }
    }
  }

  /// Writes a product and the code that finishes it.
  private mutating func appendFused(
    _ map: inout bp_map, _ id: Int, _ product: MatrixProduct, _ registerBytes: Int,
    _ words: [String]
  ) {
    var gemm = record(id, product)
    let wholeRows = map.blockColumns == map.columns && map.columns <= BP_WHOLE_ROWS
    (gemm.tileRows, gemm.tileColumns) = tile(product, wholeRows: wholeRows)
    if case .window = places[id] {
      gemm.isWindow = 1
      gemm.c = bp_address(offset: 0, slot: UInt16(BP_SLOT_WINDOW))
      gemm.ldc = Int64(windowPitch(product.n))
    } else {
      gemm.c = pointer(id)
    }
    map.product = Int32(tables.gemms.count)
    map.productScratch = Int64((registerBytes + 63) / 64 * 64)
    scratchByteCount = max(
      scratchByteCount, Int(map.productScratch) + bp_gemm_scratch(&gemm, real))
    tables.gemms.append(gemm)
    tables.maps.append(map)
    append(
      BP_KIND_FUSED, record: tables.maps.count - 1,
      tasks: bp_gemm_tasks(&gemm, Int32(BP_MOST_THREADS)),
      work: work(product),
      self.words(id, product)
        + ", in \(map.blockRows)×\(map.blockColumns): \(words.joined(separator: " "))")
  }

  /// Elements from row to row of a window.
  private func windowPitch(_ columns: Int) -> Int { min(columns, Self.regionColumns) }

  /// Elements from row to row of a register. Whole rows stand as in memory, without gaps, so that code runs through all
  /// of them at once.
  private func registerPitch(_ map: bp_map) -> Int {
    map.blockColumns == map.columns ? Int(map.columns) : Self.padded(Int(map.blockColumns))
  }

  /// Adds up the partial rows that the blocks of a column sum left, in the order of the blocks.
  private mutating func emitColumnFold(_ member: Int, _ map: bp_map) {
    let blocks = (map.rows + map.blockRows - 1) / map.blockRows
    var fold = bp_map(
      rows: blocks, columns: map.columns, blockRows: blocks,
      blockColumns: min(map.columns, Int32(options.strip)),
      firstCode: Int32(tables.codes.count), codeCount: 1, product: -1, productScratch: 0)
    var code = bp_code()
    code.op = UInt16(BP_OP_COLUMN_SUM.rawValue)
    code.a = bp_operand(
      offset: Int64(memory.buffers[partials[member]!].offset), stride: map.columns,
      slot: UInt16(BP_SLOT_ARENA), splat: 0, local: 0)
    code.d = memoryOperand(member, stride: map.columns, splat: false)
    (code.b, code.c) = (code.d, code.d)
    tables.codes.append(code)
    fold.codeCount = 1
    append(fold, work: Int(blocks) * Int(map.columns), "column-sum of blocks")
  }

  private mutating func append(_ map: bp_map, work: Int, _ words: String) {
    tables.maps.append(map)
    var last = map
    let tasks = bp_map_tasks(&last)
    tables.instructions.append(
      bp_instruction(
        kind: UInt16(BP_KIND_MAP.rawValue), parallel: work >= options.serialThreshold ? 1 : 0,
        record: Int32(tables.maps.count - 1), tasks: tasks))
    descriptions.append(
      "map \(map.rows)×\(map.columns) in \(map.blockRows)×\(map.blockColumns): \(words)")
  }

  static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  private func isRowReduction(_ kind: PlanKind) -> Bool {
    if case .rowReduce = kind { true } else { false }
  }

  /// The members whose registers nobody reads after a place in the group.
  private func dying(at index: Int, in group: Group) -> [Int] {
    var seen: [Int] = []
    for operand in nodes[group.members[index]].operands where !seen.contains(operand.node) {
      let isRead = group.members[(index + 1)...].contains { later in
        nodes[later].operands.contains { $0.node == operand.node }
      }
      if !isRead, grouping.group[operand.node] === group { seen.append(operand.node) }
    }
    return seen
  }

  // MARK: operands

  private func memoryOperand(_ id: Int, stride: Int32, splat: Bool) -> bp_operand {
    let (slot, offset) = address(id)
    return bp_operand(
      offset: Int64(offset), stride: stride, slot: UInt16(slot), splat: splat ? 1 : 0, local: 0)
  }

  private func registerOperand(_ offset: Int, stride: Int32, splat: Bool) -> bp_operand {
    bp_operand(
      offset: Int64(offset), stride: stride, slot: UInt16(BP_SLOT_SCRATCH), splat: splat ? 1 : 0,
      local: 1)
  }

  private func operand(_ operand: Operand, of role: Group.Role, _ map: bp_map, _ group: Group)
    -> bp_operand
  {
    let id = operand.node
    if grouping.group[id] === group, let operandRole = grouping.role[id] {
      // Made in this group: where it stands does not change how it is walked over.
      let isColumn = operandRole == .column
      let stride: Int32
      if case .register(let offset) = places[id] {
        stride = isColumn ? 1 : Int32(registerPitch(map))
        return registerOperand(offset, stride: stride, splat: isColumn && role != .column)
      }
      if case .window = places[id] {
        return bp_operand(
          offset: 0, stride: Int32(windowPitch(nodes[id].domain.columns)),
          slot: UInt16(BP_SLOT_WINDOW), splat: 0, local: 0)
      }
      return memoryOperand(
        id, stride: isColumn ? 1 : map.columns, splat: isColumn && role != .column)
    }
    if role == .column {
      return memoryOperand(id, stride: operand.access == .scalar ? 0 : 1, splat: false)
    }
    return switch operand.access {
    case .full: memoryOperand(id, stride: map.columns, splat: false)
    case .row: memoryOperand(id, stride: 0, splat: false)
    case .column: memoryOperand(id, stride: 1, splat: true)
    case .scalar: memoryOperand(id, stride: 0, splat: true)
    }
  }

  private func destination(_ id: Int, _ role: Group.Role, _ map: bp_map) -> bp_operand {
    if case .register(let offset) = places[id] {
      return registerOperand(
        offset, stride: role == .column ? 1 : Int32(registerPitch(map)),
        splat: false)
    }
    switch role {
    case .full: return memoryOperand(id, stride: map.columns, splat: false)
    case .column: return memoryOperand(id, stride: 1, splat: false)
    case .padded: return memoryOperand(id, stride: map.columns, splat: false)
    case .columnSum:
      guard let partial = partials[id] else {
        return memoryOperand(id, stride: map.columns, splat: false)
      }
      return bp_operand(
        offset: Int64(memory.buffers[partial].offset), stride: map.columns,
        slot: UInt16(BP_SLOT_ARENA),
        splat: 0, local: 0)
    }
  }

  // MARK: names

  private func opcode(_ kind: PlanKind) -> bp_op {
    switch kind {
    case .pointwise(let primitive): primitive.opcode
    case .multiplyAdd(let isNegative): isNegative ? BP_OP_FNMA : BP_OP_FMA
    case .uniform: BP_OP_UNIFORM
    case .rowReduce(.sum): BP_OP_ROW_SUM
    case .rowReduce(.max): BP_OP_ROW_MAX
    case .rowReduce(.argmax): BP_OP_ROW_ARGMAX
    case .columnSum: BP_OP_COLUMN_SUM
    case .pad: BP_OP_PAD
    default: preconditionFailure("not pointwise code")
    }
  }

  private func word(_ kind: PlanKind) -> String {
    switch kind {
    case .pointwise(let primitive): primitive.rawValue
    case .multiplyAdd(let isNegative): isNegative ? "fnma" : "fma"
    case .uniform: "uniform"
    case .rowReduce(let reduction): "row-\(reduction.rawValue)"
    case .columnSum: "column-sum"
    case .pad: "pad"
    default: ""
    }
  }
}

/// Virtual registers of one group: pieces of scratch, used again when their value is dead.
struct RegisterFile {
  let fullBytes: Int
  let columnBytes: Int
  private(set) var byteCount = 0
  private var freeFull: [Int] = []
  private var freeColumn: [Int] = []
  private var isFull: [Int: Bool] = [:]

  init(fullBytes: Int, columnBytes: Int) {
    self.fullBytes = (fullBytes + 63) / 64 * 64
    self.columnBytes = (columnBytes + 63) / 64 * 64
  }

  /// A free register's byte offset.
  mutating func allocate(isFull full: Bool) -> Int {
    if let free = full ? freeFull.popLast() : freeColumn.popLast() { return free }
    let offset = byteCount
    byteCount += full ? fullBytes : columnBytes
    isFull[offset] = full
    return offset
  }

  /// Gives back the registers of values, in the order given.
  mutating func release(_ values: [Int], _ places: [Emitter.Place?]) {
    for value in values {
      guard case .register(let offset) = places[value] else { continue }
      if isFull[offset] == true { freeFull.append(offset) } else { freeColumn.append(offset) }
    }
  }
}

extension Primitive {
  var opcode: bp_op {
    switch self {
    case .copy: BP_OP_COPY
    case .negate: BP_OP_NEGATE
    case .sqrt: BP_OP_SQRT
    case .exp: BP_OP_EXP
    case .expm1: BP_OP_EXPM1
    case .log: BP_OP_LOG
    case .log1p: BP_OP_LOG1P
    case .abs: BP_OP_ABS
    case .sign: BP_OP_SIGN
    case .sin: BP_OP_SIN
    case .cos: BP_OP_COS
    case .erf: BP_OP_ERF
    case .sigmoid: BP_OP_SIGMOID
    case .tanh: BP_OP_TANH
    case .relu: BP_OP_RELU
    case .truncate: BP_OP_TRUNCATE
    case .fromInt32: BP_OP_LOAD_INT32
    case .toInt32: BP_OP_STORE_INT32
    case .add: BP_OP_ADD
    case .subtract: BP_OP_SUBTRACT
    case .multiply: BP_OP_MULTIPLY
    case .divide: BP_OP_DIVIDE
    case .power: BP_OP_POWER
    case .minimum: BP_OP_MINIMUM
    case .maximum: BP_OP_MAXIMUM
    case .less: BP_OP_LESS
    case .lessEqual: BP_OP_LESS_EQUAL
    case .equal: BP_OP_EQUAL
    case .notEqual: BP_OP_NOT_EQUAL
    case .select: BP_OP_SELECT
    case .iota: BP_OP_IOTA
    }
  }
}
