import CBackpropKernels

/// A product in guarded memory, ready to run on any path with any number of threads.
final class ProductRun<T: Real> {
  let product: Product
  private let operands: Operands<T>
  private let a, b, start, c, scratch: GuardedMemory
  private(set) var bases: [UnsafeMutableRawPointer?]

  init(_ product: Product, _ operands: Operands<T>) {
    (self.product, self.operands) = (product, operands)
    let size = MemoryLayout<T>.stride, slack = Int(BP_SLACK), atStart = product.atStart
    func memory(_ layout: Product.Layout, _ fill: UInt8) -> GuardedMemory {
      GuardedMemory(byteCount: layout.count * size, slack: slack, fill: fill, atStart: atStart)
    }
    a = memory(product.layoutA, GuardedMemory.poison)
    b = memory(product.layoutB, GuardedMemory.poison)
    start = memory(product.layoutStart, GuardedMemory.poison)
    c = memory(product.layoutC, GuardedMemory.canary)
    var record = product.record
    scratch = GuardedMemory(
      byteCount: bp_gemm_scratch(&record, T.code), slack: 0, fill: GuardedMemory.poison)
    bases = .init(repeating: nil, count: 16)
    bases[Int(BP_SLOT_SCRATCH)] = scratch.address
    bases[Int(BP_SLOT_ARENA)] = c.address
    bases[Int(Product.slotA)] = a.address
    bases[Int(Product.slotB)] = b.address
    bases[Int(Product.slotStart)] = start.address
    let (m, n, k) = (product.m, product.n, product.k)
    Self.write(operands.a, m, k, product.layoutA, transposed: product.transposeA, a)
    Self.write(operands.b, k, n, product.layoutB, transposed: product.transposeB, b)
    if product.start == .row || product.start == .matrix {
      let layout = product.layoutStart
      Self.write(operands.start, layout.rows, layout.width, layout, transposed: false, start)
    }
  }

  private static func write(
    _ elements: [T], _ rows: Int, _ columns: Int, _ layout: Product.Layout, transposed: Bool,
    _ memory: GuardedMemory
  ) {
    var stored = elements
    if transposed {
      for batch in 0..<layout.batch {
        for i in 0..<rows {
          for j in 0..<columns {
            stored[(batch * columns + j) * rows + i] = elements[(batch * rows + i) * columns + j]
          }
        }
      }
    }
    let count = rows * columns
    for batch in 0..<layout.batch {
      memory.write(
        stored[batch * count..<(batch + 1) * count], rows: layout.rows, pitch: layout.pitch,
        at: batch * layout.distance)
    }
  }

  /// The result, and the number of bytes outside of it that were changed.
  func run(_ path: Path, threads: Int = 1, flushing: Bool = false) -> (values: [T], strays: Int) {
    fillStart()
    var record = product.record
    if flushing {
      runFlushing(path, &record)
    } else {
      let tasks = bp_gemm_tasks(&record, Int32(threads))
      // Backwards, since the order of tasks is left to chance.
      for task in stride(from: tasks - 1, through: 0, by: -1) {
        bp_gemm_run(path.code, T.code, &record, &bases, Int32(threads), task)
      }
    }
    return (takeResult(), c.strayCount)
  }

  /// Writes what C holds before the product.
  func fillStart() {
    guard product.start == .inPlace else { return }
    Self.write(
      operands.start, product.m, product.n, product.layoutC, transposed: false, c)
  }

  /// The bytes of C that were changed outside of the result; call ``takeResult()`` before.
  var strayCount: Int { c.strayCount }

  func takeResult() -> [T] {
    let layout = product.layoutC
    var values: [T] = []
    values.reserveCapacity(product.batch * product.m * product.n)
    for batch in 0..<product.batch {
      values += c.take(
        T.self, rows: layout.rows, width: layout.width, pitch: layout.pitch,
        at: batch * layout.distance)
    }
    return values
  }

  /// As an instruction of a program that flushes denormals.
  private func runFlushing(_ path: Path, _ record: inout bp_gemm) {
    let instruction = bp_instruction(
      kind: UInt16(BP_KIND_GEMM.rawValue), parallel: 0, record: 0,
      tasks: bp_gemm_tasks(&record, 1))
    withUnsafePointer(to: &record) { gemms in
      withUnsafePointer(to: instruction) { instructions in
        var program = bp_program()
        (program.path, program.real, program.flushDenormals) = (path.code, T.code, 1)
        (program.slotCount, program.instructionCount) = (16, 1)
        (program.instructions, program.gemms) = (instructions, gemms)
        bp_program_run(&program, 0, 1, &bases, scratch.address, nil)
      }
    }
  }
}
