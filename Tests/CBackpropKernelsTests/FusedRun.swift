import CBackpropKernels

/// Code that follows a product, its memory, and the ways to run both.
///
/// The results are named by their slots: whole values (`m × n`), columns (one element a row) and sums of columns (one
/// row for each block of rows).
final class FusedRun<T: Real> {
  enum Words: CaseIterable { case elementwise, columnSums, rowReductions }

  let product: Product, words: Words, isWindow: Bool
  private let run: ProductRun<T>
  private let blockRows: Int, blockColumns: Int
  private let bias, whole, other, column, sums: GuardedMemory
  private static var size: Int { MemoryLayout<T>.stride }
  private var size: Int { Self.size }

  private static var slotBias: Int { 10 }
  private static var slotWhole: Int { 11 }
  private static var slotOther: Int { 12 }
  private static var slotColumn: Int { 13 }
  private static var slotSums: Int { 14 }

  /// `strip`: the elements of a block. Blocks of rows must divide the regions that a product is cut into.
  init(_ product: Product, _ operands: Operands<T>, _ words: Words, isWindow: Bool, strip: Int) {
    (self.product, self.words, self.isWindow) = (product, words, isWindow)
    run = ProductRun(product, operands)
    let (m, n) = (product.m, product.n)
    blockColumns = words == .rowReductions ? n : min(n, strip, 512)
    var rows = min(m, max(1, strip / blockColumns))
    var record = product.record
    let region = product.tileRows > 0 ? Int(BP_REGION_ROWS) : Int(bp_gemm_region_rows(&record))
    if region < m {
      rows = min(region, 1 << (Int.bitWidth - 1 - rows.leadingZeroBitCount))
    }
    blockRows = rows
    func memory(_ count: Int) -> GuardedMemory {
      GuardedMemory(
        byteCount: count * Self.size, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    }
    bias = memory(n)
    (whole, other, column) = (memory(m * n), memory(m * n), memory(m))
    sums = memory((m + rows - 1) / rows * n)
    var random = RandomNumbers(n)
    bias.write(T.rounded(random.normals(n))[...], rows: 1, pitch: n)
  }

  private var registerBytes: Int { (blockRows * padded(blockColumns) * size + 63) / 64 * 64 }

  /// The code, with the product's result at an operand.
  private func codes(_ c: bp_operand) -> [bp_code] {
    let n = product.n, pitch = padded(blockColumns)
    let bias = bp_operand.rows(Self.slotBias, stride: 0)
    let whole = bp_operand.rows(Self.slotWhole, stride: n)
    let other = bp_operand.rows(Self.slotOther, stride: n)
    let r0 = bp_operand.register(0, stride: pitch),
      r1 = bp_operand.register(
        registerBytes, stride: pitch)
    let column = bp_operand.rows(Self.slotColumn, stride: 1)
    let repeated = bp_operand.repeated(Self.slotColumn, stride: 1)
    switch words {
    case .elementwise:
      return [
        bp_code(BP_OP_ADD, r0, c, bias), bp_code(BP_OP_SIGMOID, r1, r0),
        bp_code(BP_OP_IOTA, r0), bp_code(BP_OP_FMA, whole, r1, c, r0),
        bp_code(BP_OP_UNIFORM, r0, bias), bp_code(BP_OP_RELU, r1, c),
        bp_code(BP_OP_MULTIPLY, other, r0, r1),
      ]
    case .columnSums:
      return [
        bp_code(BP_OP_MULTIPLY, r0, c, c), bp_code(BP_OP_TANH, r1, c),
        bp_code(BP_OP_SUBTRACT, whole, r1, r0),
        bp_code(BP_OP_COLUMN_SUM, .rows(Self.slotSums, stride: n), r0),
      ]
    case .rowReductions:
      return [
        bp_code(BP_OP_ROW_MAX, column, c), bp_code(BP_OP_SUBTRACT, r0, c, repeated),
        bp_code(BP_OP_EXP, r0, r0), bp_code(BP_OP_ROW_SUM, column, r0),
        bp_code(BP_OP_DIVIDE, whole, r0, repeated),
        bp_code(BP_OP_LOG, column, column, column: true),
        bp_code(BP_OP_SUBTRACT, other, c, repeated),
      ]
    }
  }

  struct Results {
    var product: [T], whole: [T], other: [T], column: [T], sums: [T]
    /// Bytes that were changed outside of the results.
    var strays: Int
  }

  /// Fused, or the product and then the map, on one path.
  func run(_ path: Path, fused: Bool, threads: Int) -> Results {
    var record = product.record
    var c = bp_operand.rows(Int(BP_SLOT_ARENA), stride: product.layoutC.pitch)
    if fused && isWindow {
      record.isWindow = 1
      record.c = bp_address(offset: 0, slot: UInt16(BP_SLOT_WINDOW))
      record.ldc = Int64(padded(min(product.n, 512)))
      c = .rows(Int(BP_SLOT_WINDOW), stride: Int(record.ldc))
    }
    let codes = codes(c)
    var map = bp_map(
      rows: Int32(product.m), columns: Int32(product.n), blockRows: Int32(blockRows),
      blockColumns: Int32(blockColumns), firstCode: 0, codeCount: Int32(codes.count), product: 0,
      productScratch: Int64(2 * registerBytes))
    let scratch = GuardedMemory(
      byteCount: 2 * registerBytes + bp_gemm_scratch(&record, T.code), slack: 0,
      fill: GuardedMemory.poison)
    var bases = run.bases
    bases[Int(BP_SLOT_SCRATCH)] = scratch.address
    for (slot, memory) in [
      (Self.slotBias, bias), (Self.slotWhole, whole), (Self.slotOther, other),
      (Self.slotColumn, column), (Self.slotSums, sums),
    ] { bases[Int(slot)] = memory.address }
    run.fillStart()
    if fused {
      for task in (0..<bp_gemm_tasks(&record, Int32(threads))).reversed() {
        bp_fused_run(path.code, T.code, &map, codes, &record, &bases, Int32(threads), task)
      }
    } else {
      bases[Int(BP_SLOT_SCRATCH)] = scratch.address + 2 * registerBytes
      for task in 0..<bp_gemm_tasks(&record, 1) {
        bp_gemm_run(path.code, T.code, &record, &bases, 1, task)
      }
      bases[Int(BP_SLOT_SCRATCH)] = scratch.address
      for task in 0..<bp_map_tasks(&map) {
        bp_map_run(path.code, T.code, &map, codes, bases, task)
      }
    }
    return take(hasProduct: !(fused && isWindow))
  }

  private func take(hasProduct: Bool) -> Results {
    let (m, n) = (product.m, product.n)
    func all(_ memory: GuardedMemory, _ isUsed: Bool, rows: Int, width: Int) -> [T] {
      isUsed ? memory.take(T.self, rows: rows, width: width, pitch: width) : []
    }
    let c = hasProduct ? run.takeResult() : []
    var results = Results(
      product: c, whole: all(whole, true, rows: m, width: n),
      other: all(other, words != .columnSums, rows: m, width: n),
      column: all(column, words == .rowReductions, rows: m, width: 1),
      sums: all(
        sums, words == .columnSums, rows: (m + blockRows - 1) / blockRows, width: n), strays: 0)
    results.strays =
      run.strayCount + whole.strayCount + other.strayCount + column.strayCount + sums.strayCount
    return results
  }
}
