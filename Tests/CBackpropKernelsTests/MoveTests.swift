import CBackpropKernels
import Testing

/// Copies by strides, gather and scatter-add.
@Suite struct MoveTests {
  static let first = Int(BP_SLOT_INPUTS)

  /// Sizes, and for source and destination the strides and the number of elements.
  struct Move: Sendable {
    let sizes: [Int], from: [Int], sourceCount: Int, to: [Int], count: Int

    static let all = [
      Move(sizes: [1], from: [1], sourceCount: 1, to: [1], count: 1),
      Move(sizes: [37], from: [1], sourceCount: 37, to: [1], count: 37),
      Move(sizes: [5, 7], from: [1, 5], sourceCount: 35, to: [7, 1], count: 35),  // transposed
      Move(sizes: [4, 6], from: [0, 1], sourceCount: 6, to: [6, 1], count: 24),  // broadcast
      Move(sizes: [4, 6], from: [1, 0], sourceCount: 4, to: [6, 1], count: 24),
      Move(sizes: [3, 5], from: [5, 1], sourceCount: 15, to: [11, 1], count: 27),  // a part
      Move(sizes: [3, 4], from: [20, 3], sourceCount: 50, to: [4, 1], count: 12),  // a slice
      Move(sizes: [2, 3, 4], from: [4, 8, 1], sourceCount: 24, to: [12, 4, 1], count: 24),
      Move(
        sizes: [2, 3, 4, 5], from: [1, 2, 6, 24], sourceCount: 120, to: [60, 20, 5, 1],
        count: 120),
      Move(sizes: [6], from: [-1], sourceCount: 6, to: [1], count: 6),  // reversed
      Move(sizes: [3, 0, 2], from: [1, 1, 1], sourceCount: 4, to: [2, 2, 1], count: 4),
      Move(
        sizes: [2, 1, 2, 1, 2, 1, 2, 3], from: [24, 24, 12, 12, 6, 6, 3, 1], sourceCount: 48,
        to: [3, 3, 6, 6, 12, 12, 24, 1], count: 48),
    ]

    /// The places that a copy reads and writes, in order.
    var pairs: [(from: Int, to: Int)] {
      let start = from[0] < 0 ? sourceCount - 1 : 0
      return (0..<sizes.reduce(1, *)).map { number in
        var rest = number, place = (from: start, to: 0)
        for axis in sizes.indices.reversed() {
          place.from += rest % sizes[axis] * from[axis]
          place.to += rest % sizes[axis] * to[axis]
          rest /= sizes[axis]
        }
        return place
      }
    }
  }

  @Test(arguments: Move.all.indices) func copiesByStrides(number: Int) {
    check(Move.all[number], Float.self)
    check(Move.all[number], Double.self)
  }

  private func check<T: Real>(_ move: Move, _: T.Type) {
    let size = MemoryLayout<T>.stride
    let x = (0..<move.sourceCount).map { T($0 + 1) }
    let source = GuardedMemory(byteCount: x.count * size, slack: 0, fill: GuardedMemory.poison)
    source.write(x[...], rows: 1, pitch: 0)
    let destination = GuardedMemory(
      byteCount: move.count * size, slack: 0, fill: GuardedMemory.canary)
    var record = bp_copy()
    (record.rank, record.elementSize) = (Int32(move.sizes.count), Int32(size))
    record.source.slot = UInt16(Self.first)
    record.source.offset = Int64(move.from[0] < 0 ? (move.sourceCount - 1) * size : 0)
    record.destination.slot = UInt16(Self.first + 1)
    withUnsafeMutableBytes(of: &record.sizes) { fill($0, move.sizes) }
    withUnsafeMutableBytes(of: &record.sourceStrides) { fill($0, move.from) }
    withUnsafeMutableBytes(of: &record.destinationStrides) { fill($0, move.to) }
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: Self.first)
    bases += [source.address, destination.address]
    for path in Path.supported {
      ProgramRun.copy(record, path, bases)
      for (from, to) in move.pairs {
        let got = destination.take(T.self, rows: 1, width: 1, pitch: 0, at: to)
        #expect(got == [x[from]], "\(move), \(T.self): element \(to)")
      }
      #expect(destination.strayCount == 0, "\(move), \(T.self): writes outside")
    }
  }

  private func fill(_ field: UnsafeMutableRawBufferPointer, _ numbers: [Int]) {
    for (index, number) in numbers.enumerated() {
      field.storeBytes(of: Int64(number), toByteOffset: index * 8, as: Int64.self)
    }
  }

  @Test(arguments: [(1, 1, 1), (5, 3, 4), (40, 17, 9), (3, 300, 2), (0, 3, 4), (30, 1, 5)])
  func gathersAndScatters(count: Int, width: Int, rows: Int) {
    check(count, width, rows, Float.self)
    check(count, width, rows, Double.self)
  }

  private func check<T: Real>(_ count: Int, _ width: Int, _ rows: Int, _: T.Type) {
    let size = MemoryLayout<T>.stride
    var random = RandomNumbers(count)
    // Some indices outside: gather holds them inside, scatter-add passes them over.
    var index = (0..<count).map { _ in Int32.random(in: -2...Int32(rows + 1), using: &random) }
    if count > 3 { (index[0], index[1]) = (.min, .max) }
    let table = T.rounded(random.normals(rows * width))
    let x = T.rounded(random.normals(count * width))
    func memory<E>(_ elements: [E]) -> GuardedMemory {
      let memory = GuardedMemory(
        byteCount: elements.count * MemoryLayout<E>.stride, slack: 0, fill: GuardedMemory.poison)
      memory.write(elements[...], rows: 1, pitch: 0)
      return memory
    }
    let (tables, xs, indices) = (memory(table), memory(x), memory(index))
    let gathered = GuardedMemory(
      byteCount: count * width * size, slack: 0, fill: GuardedMemory.canary)
    let sums = GuardedMemory(byteCount: rows * width * size, slack: 0, fill: GuardedMemory.canary)
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: Self.first)
    bases += [tables, xs, indices, gathered, sums].map { $0.address }
    func record(_ source: Int, _ destination: Int) -> bp_index {
      func slot(_ number: Int) -> bp_address {
        bp_address(offset: 0, slot: UInt16(Self.first + number))
      }
      return bp_index(
        source: slot(source), index: slot(2), destination: slot(destination), count: Int32(count),
        width: Int32(width), rows: Int32(rows))
    }
    var expectedSums = [T](repeating: 0, count: rows * width), expected: [T] = []
    for (i, row) in index.enumerated() {
      let held = Int(max(0, min(row, Int32(rows - 1))))
      expected += table[held * width..<(held + 1) * width]
      guard row >= 0, row < rows else { continue }
      for j in 0..<width { expectedSums[Int(row) * width + j] += x[i * width + j] }
    }
    for path in Path.supported {
      ProgramRun.index(BP_KIND_GATHER, record(0, 3), T.code, path, bases)
      ProgramRun.index(BP_KIND_SCATTER_ADD, record(1, 4), T.code, path, bases)
      #expect(gathered.take(T.self, rows: 1, width: count * width, pitch: 0) == expected)
      #expect(
        sameBits(sums.take(T.self, rows: 1, width: rows * width, pitch: 0), expectedSums),
        "\(count) rows of \(width) into \(rows)")
      #expect(gathered.strayCount == 0 && sums.strayCount == 0)
    }
  }
}
