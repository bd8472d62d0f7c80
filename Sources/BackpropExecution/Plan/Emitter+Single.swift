import BackpropCore
import CBackpropKernels

/// Nodes that run alone: products, copies, gather and scatter.
extension Emitter {
  /// Writes the instructions of a node that is not pointwise code.
  mutating func emitSingle(_ id: Int) {
    let node = nodes[id]
    guard node.count > 0 else { return }
    switch node.kind {
    case .matmul(let product): emitProduct(id, product)
    case .copy(let sizes, let strides, let offset): emitCopy(id, sizes, strides, offset)
    case .concatenate(let outer, let widths): emitConcatenation(id, outer, widths)
    case .gather(let rows, let width):
      emitIndexed(id, BP_KIND_GATHER, count: node.count / max(width, 1), width: width, rows: rows)
    case .scatterAdd(let rows, let width):
      let source = nodes[node.operands[0].node].count
      emitIndexed(id, BP_KIND_SCATTER_ADD, count: source / max(width, 1), width: width, rows: rows)
    case .pad(let images): emitPadding(id, images)
    case .window(let move, let images): emitWindows(id, move, images)
    case .foldedProduct(let product, let images): emitFoldedProduct(id, product, images)
    default: preconditionFailure("pointwise code in a group that is not a map")
    }
  }

  func pointer(_ id: Int, extra: Int = 0) -> bp_address {
    let (slot, offset) = address(id)
    return bp_address(offset: Int64(offset + extra), slot: UInt16(slot))
  }

  mutating func append(
    _ kind: bp_kind, record: Int, tasks: Int32, work: Int, _ text: String
  ) {
    tables.instructions.append(
      bp_instruction(
        kind: UInt16(kind.rawValue), parallel: work >= options.serialThreshold ? 1 : 0,
        record: Int32(record),
        tasks: tasks))
    descriptions.append(text)
  }

  private mutating func emitProduct(_ id: Int, _ product: MatrixProduct) {
    var gemm = record(id, product)
    gemm.c = pointer(id)
    (gemm.tileRows, gemm.tileColumns) = tile(product)
    scratchByteCount = max(scratchByteCount, bp_gemm_scratch(&gemm, real))
    tables.gemms.append(gemm)
    append(
      BP_KIND_GEMM, record: tables.gemms.count - 1,
      tasks: bp_gemm_tasks(&gemm, Int32(BP_MOST_THREADS)),
      work: work(product), words(id, product))
  }

  var real: bp_real { elementSize == 8 ? BP_FLOAT64 : BP_FLOAT32 }

  /// A product's record without its result.
  func record(_ id: Int, _ product: MatrixProduct) -> bp_gemm {
    let operands = nodes[id].operands
    var gemm = bp_gemm()
    (gemm.m, gemm.n, gemm.k) = (Int32(product.m), Int32(product.n), Int32(product.k))
    gemm.transposeA = product.transposeA ? 1 : 0
    gemm.transposeB = product.transposeB ? 1 : 0
    gemm.isBfloat16 = options.roundsFactors && elementSize == 4 ? 1 : 0
    gemm.batch = Int32(product.batch)
    gemm.batchA = Int64(product.distanceA)
    gemm.batchB = Int64(product.distanceB)
    gemm.batchC = Int64(product.m * product.n)
    gemm.a = pointer(operands[0].node)
    gemm.b = pointer(operands[1].node)
    gemm.start.slot = UInt16(BP_SLOT_NONE)
    if operands.count == 3 {
      gemm.start = pointer(operands[2].node)
      gemm.ldstart = operands[2].access == .row ? 0 : Int64(product.n)
      gemm.batchStart = operands[2].access == .row ? 0 : gemm.batchC
    }
    gemm.lda = Int64(product.transposeA ? product.m : product.k)
    gemm.ldb = Int64(product.transposeB ? product.k : product.n)
    gemm.ldc = Int64(product.n)
    if let view = product.view { gemm.view = bp_view(view) }
    return gemm
  }

  /// The floating-point operations of a product.
  func work(_ product: MatrixProduct) -> Int {
    2 * product.m * product.n * product.k * product.batch
  }

  /// A product in words.
  func words(_ id: Int, _ product: MatrixProduct) -> String {
    let operands = nodes[id].operands
    return "gemm \(product.m)×\(product.n)×\(product.k)" + (product.transposeA ? " Aᵀ" : "")
      + (product.transposeB ? " Bᵀ" : "") + (options.roundsFactors ? " in bfloat16" : "")
      + (product.batch > 1 ? " · \(product.batch)" : "")
      + (product.view.map { " of windows \($0.words)" } ?? "")
      + (operands.count == 3 ? " + \(operands[2].access == .row ? "row" : "matrix")" : "")
  }

  /// The tile of a product that one thread computes: by shape alone, so that the table is the same for every machine.
  ///
  /// Columns are cut first, since a cut by rows makes every thread pack the whole of B.
  func tile(_ product: MatrixProduct, wholeRows: Bool = false) -> (Int32, Int32) {
    guard product.m * product.n * product.k >= options.serialThreshold / 2 else { return (0, 0) }
    if !wholeRows, product.n >= 256 || product.m == 1 {
      return (0, product.n >= 2048 ? 512 : product.n >= 512 || product.m == 1 ? 256 : 128)
    }
    if product.n == 1 { return (256, 0) }
    return (32, 0)
  }

  private mutating func emitCopy(_ id: Int, _ sizes: [Int], _ strides: [Int], _ offset: Int) {
    let source = pointer(
      nodes[id].operands[0].node, extra: offset * (nodes[id].element == .int32 ? 4 : elementSize))
    appendCopy(
      source, pointer(id), sizes: sizes, from: strides, to: Shape(sizes).strides, nodes[id].element,
      "copy \(Shape(sizes)) by \(strides)")
  }

  private mutating func emitConcatenation(_ id: Int, _ outer: Int, _ widths: [Int]) {
    let total = widths.reduce(0, +)
    var start = 0
    for (operand, width) in zip(nodes[id].operands, widths) where width > 0 {
      let size = nodes[id].element == .int32 ? 4 : elementSize
      appendCopy(
        pointer(operand.node), pointer(id, extra: start * size), sizes: [outer, width],
        from: [width, 1],
        to: [total, 1], nodes[id].element, "copy \(outer)×\(width) into columns \(start)…")
      start += width
    }
  }

  private mutating func appendCopy(
    _ source: bp_address, _ destination: bp_address, sizes: [Int], from: [Int], to: [Int],
    _ element: Element,
    _ text: String
  ) {
    precondition(sizes.count <= BP_MAX_RANK, "a copy of more than \(BP_MAX_RANK) axes")
    var copy = bp_copy()
    (copy.source, copy.destination) = (source, destination)
    copy.rank = Int32(sizes.count)
    copy.elementSize = element == .int32 ? 4 : Int32(elementSize)
    withUnsafeMutableBytes(of: &copy.sizes) { Self.fill($0, sizes) }
    withUnsafeMutableBytes(of: &copy.sourceStrides) { Self.fill($0, from) }
    withUnsafeMutableBytes(of: &copy.destinationStrides) { Self.fill($0, to) }
    tables.copies.append(copy)
    append(BP_KIND_COPY, record: tables.copies.count - 1, tasks: 1, work: 0, text)
  }

  private static func fill(_ field: UnsafeMutableRawBufferPointer, _ numbers: [Int]) {
    for (index, number) in numbers.enumerated() {
      field.storeBytes(of: Int64(number), toByteOffset: index * 8, as: Int64.self)
    }
  }

  private mutating func emitIndexed(_ id: Int, _ kind: bp_kind, count: Int, width: Int, rows: Int) {
    let operands = nodes[id].operands
    tables.indices.append(
      bp_index(
        source: pointer(operands[0].node), index: pointer(operands[1].node),
        destination: pointer(id),
        count: Int32(count), width: Int32(width), rows: Int32(rows)))
    let name = kind == BP_KIND_GATHER ? "gather" : "scatter-add"
    append(
      kind, record: tables.indices.count - 1, tasks: 1, work: 0,
      "\(name) \(count)×\(width), table \(rows)")
  }

  /// Copies an update that could not be made in place.
  mutating func emitLateUpdate(_ node: Int, _ path: String) {
    guard let entry = state[path], nodes[node].count > 0 else { return }
    let (slot, offset) = address(node)
    appendCopy(
      bp_address(offset: Int64(offset), slot: UInt16(slot)),
      bp_address(offset: Int64(entry.byteOffset), slot: UInt16(BP_SLOT_STATE)),
      sizes: [nodes[node].count], from: [1], to: [1], nodes[node].element, "copy into \(path)")
  }
}
