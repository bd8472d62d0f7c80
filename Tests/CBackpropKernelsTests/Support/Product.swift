import CBackpropKernels

/// A product to be tested: shape, strides, and the way it is cut.
struct Product: CustomStringConvertible, Sendable {
  enum Start: CaseIterable { case none, row, matrix, inPlace }

  var m, n, k: Int
  var transposeA = false, transposeB = false
  var start = Start.none
  var batch = 1
  /// Elements behind every row of a matrix.
  var padding = 0
  var tileRows = 0, tileColumns = 0
  /// Operands stand in front of an inaccessible page, or behind one.
  var atStart = false

  init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }

  var description: String {
    "\(m)×\(n)×\(k)\(transposeA ? " Aᵀ" : "")\(transposeB ? " Bᵀ" : ""), start \(start)"
      + ", batch \(batch), padding \(padding), tiles \(tileRows)×\(tileColumns)"
  }

  var work: Int { m * n * k * batch }
  /// As the kernels decide it (gemm.c).
  var mayUseAMX: Bool { m >= 32 && n >= 16 && k >= 32 && m * n * k >= 1 << 20 }

  /// Rows and columns as a matrix stands in memory.
  struct Layout {
    var rows, width, padding, batch: Int
    var pitch: Int { width + padding }
    var distance: Int { rows * pitch + padding }
    var count: Int {
      rows == 0 || width == 0 || batch == 0
        ? 0 : (batch - 1) * distance + (rows - 1) * pitch + width
    }
  }

  private func layout(_ rows: Int, _ width: Int) -> Layout {
    Layout(rows: rows, width: width, padding: padding, batch: batch)
  }
  var layoutA: Layout { transposeA ? layout(k, m) : layout(m, k) }
  var layoutB: Layout { transposeB ? layout(n, k) : layout(k, n) }
  var layoutC: Layout { layout(m, n) }
  var layoutStart: Layout {
    switch start {
    case .none, .inPlace: Layout(rows: 0, width: 0, padding: 0, batch: 0)
    case .row: Layout(rows: min(1, m), width: n, padding: 0, batch: 1)
    case .matrix: Layout(rows: m, width: n, padding: 2 * padding, batch: batch)
    }
  }

  static let slotA = BP_SLOT_INPUTS, slotB = BP_SLOT_INPUTS + 1, slotStart = BP_SLOT_INPUTS + 2

  var record: bp_gemm {
    var gemm = bp_gemm()
    (gemm.m, gemm.n, gemm.k, gemm.batch) = (Int32(m), Int32(n), Int32(k), Int32(batch))
    (gemm.transposeA, gemm.transposeB) = (transposeA ? 1 : 0, transposeB ? 1 : 0)
    (gemm.a.slot, gemm.b.slot) = (UInt16(Self.slotA), UInt16(Self.slotB))
    gemm.c.slot = UInt16(BP_SLOT_ARENA)
    (gemm.lda, gemm.batchA) = (Int64(layoutA.pitch), Int64(layoutA.distance))
    (gemm.ldb, gemm.batchB) = (Int64(layoutB.pitch), Int64(layoutB.distance))
    (gemm.ldc, gemm.batchC) = (Int64(layoutC.pitch), Int64(layoutC.distance))
    switch start {
    case .none: gemm.start.slot = UInt16(BP_SLOT_NONE)
    case .row: gemm.start.slot = UInt16(Self.slotStart)
    case .matrix:
      gemm.start.slot = UInt16(Self.slotStart)
      (gemm.ldstart, gemm.batchStart) = (
        Int64(layoutStart.pitch), Int64(layoutStart.distance)
      )
    case .inPlace:
      gemm.start = gemm.c
      (gemm.ldstart, gemm.batchStart) = (gemm.ldc, gemm.batchC)
    }
    (gemm.tileRows, gemm.tileColumns) = (Int32(tileRows), Int32(tileColumns))
    return gemm
  }
}

/// The numbers of a product: A [batch, m, k], B [batch, k, n] and start [batch, m, n] (or [n]), row by row, whatever
/// the strides.
struct Operands<T: Real> {
  var a, b, start: [T]

  init(_ product: Product, a: [Double], b: [Double], start: [Double]) {
    (self.a, self.b, self.start) = (T.rounded(a), T.rounded(b), T.rounded(start))
  }

  /// Numbers about 1, of both signs.
  init(_ product: Product, seed: Int) {
    var random = RandomNumbers(seed)
    self.init(
      product, a: random.even(product.batch * product.m * product.k),
      b: random.even(product.batch * product.k * product.n),
      start: random.even(Self.startCount(product)))
  }

  static func startCount(_ product: Product) -> Int {
    switch product.start {
    case .none: 0
    case .row: product.n
    case .matrix, .inPlace: product.batch * product.m * product.n
    }
  }
}
