import CBackpropKernels

/// Runs one word of code over guarded memory.
enum MapRun {
  /// d = op(a, b, c) over `rows` × `columns`, in blocks; all operands are whole values with `padding` elements behind
  /// each row. `T` is the type of the plan, `A` and `D` those of a and d.
  static func run<T: Real, A, D>(
    _ path: Path, _: T.Type, _ op: bp_op, a: [A], b: [T] = [], c: [T] = [], rows: Int,
    columns: Int, padding: Int = 0, block: (rows: Int, columns: Int), result: D.Type
  ) -> (values: [D], strays: Int) {
    let pitch = columns + padding, count = rows == 0 ? 0 : (rows - 1) * pitch + columns
    func memory<E>(_ elements: [E]) -> GuardedMemory {
      let memory = GuardedMemory(
        byteCount: elements.isEmpty ? 0 : count * MemoryLayout<E>.stride, slack: Int(BP_SLACK),
        fill: GuardedMemory.poison)
      memory.write(elements[...], rows: elements.isEmpty ? 0 : rows, pitch: pitch)
      return memory
    }
    let sources = (memory(a), memory(b), memory(c))
    let d = GuardedMemory(
      byteCount: count * MemoryLayout<D>.stride, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    let first = Int(BP_SLOT_INPUTS)
    let operands = (0..<4).map { bp_operand.rows(first + $0, stride: pitch) }
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
    bases += [sources.0.address, sources.1.address, sources.2.address, d.address]
    run(
      path, T.self, [bp_code(op, operands[3], operands[0], operands[1], operands[2])], &bases,
      rows: rows, columns: columns, block: block)
    let values = d.take(D.self, rows: rows, width: columns, pitch: pitch)
    return (values, d.strayCount)
  }

  /// Runs code over a domain, its blocks backwards.
  static func run<T: Real>(
    _ path: Path, _: T.Type, _ codes: [bp_code], _ bases: inout [UnsafeMutableRawPointer?],
    rows: Int, columns: Int, block: (rows: Int, columns: Int)
  ) {
    var map = bp_map(
      rows: Int32(rows), columns: Int32(columns), blockRows: Int32(block.rows),
      blockColumns: Int32(block.columns), firstCode: 0, codeCount: Int32(codes.count), product: -1,
      productScratch: 0)
    for task in (0..<bp_map_tasks(&map)).reversed() {
      bp_map_run(path.code, T.code, &map, codes, bases, task)
    }
  }
}

/// Numbers at which functions change their ways: zeros, denormals, bounds, halves, infinities, NaNs; and random ones.
func samples<T: Real>(_: T.Type, seed: Int, count: Int) -> [T] {
  var numbers: [T] = [
    0, .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown,
  ]
  numbers += [.greatestFiniteMagnitude, .infinity, .nan, .ulpOfOne, 1, T(1).nextDown, T(1).nextUp]
  numbers += [0.5, 1.5, 2, 2.5, 3, 10, 20, 40, 88.7, 89, 104, 127, 150, 709.7, 746, 0x1p22, 0x1p23]
  numbers += [0x1p24, 0x1p31, 2147483647, 0x1p52, 0x1p53, 0.625, 0.92, 3.95, 6, .pi, 0.7071067]
  numbers += numbers.map { -$0 }
  var random = RandomNumbers(seed)
  while numbers.count < count {
    let spread = [1, 1e-3, 30, 300][numbers.count % 4]
    numbers.append(T(random.normal() * spread))
    numbers.append(T(random.normal() * exponential(20 * random.normal())))
  }
  return numbers
}
