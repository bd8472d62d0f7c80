import BackpropCore
import CBackpropKernels

extension Plan {
  /// Describes every instruction, and the memory of a run.
  ///
  /// - Parameter state: where parameters and variables stand; the one that the plan was made with.
  public func listing(state: StateLayout) -> PlanListing {
    var lister = Lister(self, state: state)
    let described = tables.instructions.indices.map { lister.instruction($0) }
    return PlanListing(
      instructions: described, arenaByteCount: arenaByteCount,
      unsharedByteCount: unsharedByteCount, stateByteCount: state.byteCount,
      constantByteCount: constants.byteCount, scalarByteCount: (scalars.count + keys.count) * 8,
      scratchByteCount: scratchByteCount,
      inputByteCount: inputs.reduce(0) { $0 + $1.type.shape.count * $1.type.scalarType.size })
  }
}

/// Walks over the tables of a plan.
private struct Lister {
  let plan: Plan
  let size: Int
  var names: PieceNames
  /// The number of the instruction at hand, and what is known about it so far.
  var number = 0
  var reads: [PlanListing.Piece] = []
  var writes: [PlanListing.Piece] = []
  var words: [String] = []
  var flops = 0
  var tileProducts = 0

  init(_ plan: Plan, state: StateLayout) {
    (self.plan, size) = (plan, plan.scalarType.size)
    names = PieceNames(plan, state: state)
  }

  mutating func instruction(_ index: Int) -> PlanListing.Instruction {
    let entry = plan.tables.instructions[index]
    (number, reads, writes, words, flops, tileProducts) = (index + 1, [], [], [], 0, 0)
    let record = Int(entry.record)
    let kernel: PlanListing.Kernel
    let size: PlanListing.Size
    switch UInt32(entry.kind) {
    case UInt32(BP_KIND_MAP.rawValue): (kernel, size) = (.map, map(plan.tables.maps[record]))
    case UInt32(BP_KIND_GEMM.rawValue): (kernel, size) = (.gemm, gemm(plan.tables.gemms[record]))
    case UInt32(BP_KIND_FUSED.rawValue):
      let finish = plan.tables.maps[record]
      (kernel, size) = (.fused, gemm(plan.tables.gemms[Int(finish.product)]))
      _ = map(finish)
    case UInt32(BP_KIND_COPY.rawValue): (kernel, size) = (.copy, copy(plan.tables.copies[record]))
    case UInt32(BP_KIND_GATHER.rawValue):
      (kernel, size) = (.gather, indexed(plan.tables.indices[record], adds: false))
    case UInt32(BP_KIND_SCATTER_ADD.rawValue):
      (kernel, size) = (.scatterAdd, indexed(plan.tables.indices[record], adds: true))
    case UInt32(BP_KIND_WINDOW.rawValue):
      (kernel, size) = (.window, window(plan.tables.windows[record]))
    default: (kernel, size) = (.other, .sizes([]))
    }
    return PlanListing.Instruction(
      number: number, kernel: kernel, size: size, words: words, reads: reads, writes: writes,
      flops: flops, tileProducts: tileProducts, taskCount: Int(entry.tasks),
      isParallel: entry.parallel != 0)
  }

  // MARK: memory

  private mutating func read(_ slot: UInt16, _ offset: Int64, _ byteCount: Int) {
    if Int(slot) == BP_SLOT_WINDOW { return }
    let piece = names.piece(slot: slot, offset: Int(offset), byteCount: byteCount)
    func isSame(_ other: PlanListing.Piece) -> Bool {
      other.memory == piece.memory && other.byteOffset == piece.byteOffset
        && other.name == piece.name
    }
    // What this instruction itself has made is still in the cache.
    if writes.contains(where: isSame) { return }
    guard let index = reads.firstIndex(where: isSame) else { return reads.append(piece) }
    if reads[index].byteCount < byteCount { reads[index] = piece }
  }

  private mutating func write(_ slot: UInt16, _ offset: Int64, _ byteCount: Int) {
    writes.append(
      names.write(slot: slot, offset: Int(offset), byteCount: byteCount, by: number))
  }

  // MARK: kernels

  private mutating func map(_ map: bp_map) -> PlanListing.Size {
    let (rows, columns) = (Int(map.rows), Int(map.columns))
    for code in plan.tables.codes[Int(map.firstCode)..<Int(map.firstCode + map.codeCount)] {
      let word = Word(code.op)
      words.append(word.name)
      flops += word.flops * (code.column != 0 ? rows : rows * columns)
      for operand in [code.a, code.b, code.c].prefix(word.operands) where operand.local == 0 {
        let bytes =
          switch UInt32(code.op) {
          case UInt32(BP_OP_LOAD_INT32.rawValue): 4
          case UInt32(BP_OP_UNIFORM.rawValue): 8
          default: size
          }
        read(
          operand.slot, operand.offset, bytes * elements(operand, rows, columns, code.column != 0))
      }
      if code.d.local == 0 { write(code.d.slot, code.d.offset, resultBytes(code, map)) }
    }
    return .domain(rows: rows, columns: columns)
  }

  /// How many elements of memory an operand runs through.
  private func elements(
    _ operand: bp_operand, _ rows: Int, _ columns: Int, _ isColumn: Bool
  ) -> Int {
    if isColumn { return operand.stride == 0 ? 1 : rows }
    return (operand.stride == 0 ? 1 : rows) * (operand.splat != 0 ? 1 : columns)
  }

  private func resultBytes(_ code: bp_code, _ map: bp_map) -> Int {
    let (rows, columns) = (Int(map.rows), Int(map.columns))
    switch UInt32(code.op) {
    case UInt32(BP_OP_ROW_SUM.rawValue), UInt32(BP_OP_ROW_MAX.rawValue): return rows * size
    case UInt32(BP_OP_ROW_ARGMAX.rawValue): return rows * 4
    case UInt32(BP_OP_COLUMN_SUM.rawValue):
      let blocks = (rows + Int(map.blockRows) - 1) / Int(map.blockRows)
      return blocks * columns * size
    case UInt32(BP_OP_PAD.rawValue):
      let margins = plan.constants.pointer(to: bp_margins.self, at: Int(code.b.offset)).pointee
      let places = Int(margins.height) * Int(margins.width)
      let line = Int(margins.left + margins.width + margins.right)
      return rows / places * Int(margins.top + margins.height + margins.bottom) * line * columns
        * size
    case UInt32(BP_OP_STORE_INT32.rawValue): return (code.column != 0 ? rows : rows * columns) * 4
    default: return (code.column != 0 ? rows : rows * columns) * size
    }
  }

  private mutating func gemm(_ gemm: bp_gemm) -> PlanListing.Size {
    let (m, n, k, count) = (Int(gemm.m), Int(gemm.n), Int(gemm.k), max(Int(gemm.batch), 1))
    flops = 2 * m * n * k * count
    tileProducts = withUnsafePointer(to: gemm) {
      Int(bp_gemm_tile_products(plan.options.path.code, plan.real, $0))
    }
    // Operands by part, even where two are the same memory: the formula names each.
    func times(_ distance: Int64) -> Int { distance == 0 ? 1 : count }
    func piece(_ address: bp_address, _ elements: Int) -> PlanListing.Piece {
      names.piece(
        slot: address.slot, offset: Int(address.offset), byteCount: elements * size)
    }
    // Of windows over images each element is touched once.
    let left =
      gemm.view.isUsed != 0 ? gemm.view.imageElements(rows: gemm.transposeA != 0 ? k : m) : m * k
    reads = [piece(gemm.a, left * times(gemm.batchA)), piece(gemm.b, k * n * times(gemm.batchB))]
    if Int(gemm.start.slot) != BP_SLOT_NONE {
      let elements = (gemm.ldstart == 0 ? n : m * n) * times(gemm.batchStart)
      reads.append(piece(gemm.start, elements))
    }
    if gemm.isWindow == 0 { write(gemm.c.slot, gemm.c.offset, m * n * count * size) }
    return .product(
      m: m, n: n, k: k, transposesA: gemm.transposeA != 0, transposesB: gemm.transposeB != 0,
      count: count)
  }

  private mutating func copy(_ copy: bp_copy) -> PlanListing.Size {
    let sizes = withUnsafeBytes(of: copy.sizes) { bytes in
      (0..<Int(copy.rank)).map { Int(bytes.load(fromByteOffset: $0 * 8, as: Int64.self)) }
    }
    let strides = withUnsafeBytes(of: copy.sourceStrides) { bytes in
      (0..<Int(copy.rank)).map { Int(bytes.load(fromByteOffset: $0 * 8, as: Int64.self)) }
    }
    let distinct = zip(sizes, strides).reduce(1) { $0 * ($1.1 == 0 ? 1 : $1.0) }
    let element = Int(copy.elementSize)
    read(copy.source.slot, copy.source.offset, distinct * element)
    write(copy.destination.slot, copy.destination.offset, sizes.reduce(1, *) * element)
    return .sizes(sizes)
  }

  private mutating func indexed(_ index: bp_index, adds: Bool) -> PlanListing.Size {
    let (count, width, rows) = (Int(index.count), Int(index.width), Int(index.rows))
    // At most as many rows of a table as it has.
    read(index.source.slot, index.source.offset, (adds ? count : min(count, rows)) * width * size)
    read(index.index.slot, index.index.offset, count * 4)
    write(
      index.destination.slot, index.destination.offset, (adds ? rows : count) * width * size)
    flops = adds ? count * width : 0
    return .domain(rows: count, columns: width)
  }

  private mutating func window(_ window: bp_window) -> PlanListing.Size {
    let samples = Int(window.samples), channels = Int(window.channels)
    let image = samples * Int(window.y.length) * Int(window.x.length) * channels
    let windows = samples * Int(window.y.count) * Int(window.x.count) * channels
    let places = windows * Int(window.y.size) * Int(window.x.size)
    func read(_ address: bp_address, _ elements: Int) {
      self.read(address.slot, address.offset, elements * size)
    }
    let result: Int
    switch UInt32(window.move) {
    case UInt32(BP_WINDOW_PAD.rawValue):
      read(window.a, image)
      result = windows
    case UInt32(BP_WINDOW_UNFOLD.rawValue):
      read(window.a, image)
      result = places
    case UInt32(BP_WINDOW_FOLD.rawValue):
      if window.product >= 0 {
        _ = gemm(plan.tables.gemms[Int(window.product)])
        writes = []
      } else {
        read(window.a, places)
      }
      flops += places
      result = image
    case UInt32(BP_WINDOW_MAX.rawValue), UInt32(BP_WINDOW_SUM.rawValue):
      read(window.a, image)
      flops = places
      result = windows
    case UInt32(BP_WINDOW_MAX_PICK.rawValue):
      read(window.a, image)
      read(window.b, windows)
      read(window.c, image)
      flops = 2 * places
      result = windows
    case UInt32(BP_WINDOW_MAX_SPREAD.rawValue):
      read(window.a, image)
      read(window.b, windows)
      read(window.c, windows)
      flops = 2 * places
      result = image
    default:
      read(window.a, windows)
      flops = places
      result = image
    }
    write(window.destination.slot, window.destination.offset, result * size)
    return .sizes([samples, Int(window.y.length), Int(window.x.length), channels])
  }
}

extension bp_view {
  /// The elements of the images that the windows lie over, at most.
  func imageElements(rows: Int) -> Int {
    let samples = Int64(rows) / max(positions.low * positions.middle, 1)
    return Int(samples * positions.highStride)
  }
}
