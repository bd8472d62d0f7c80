import CBackpropKernels
import Testing

/// Reductions: the order of a sum is part of the contract, so references add in that order and bits are compared.
@Suite struct ReductionTests {
  static let domains = [(1, 1), (3, 5), (4, 16), (9, 17), (13, 31), (6, 100), (35, 33), (2, 1000)]

  @Test(arguments: [0, 1, 2]) func followTheStatedOrder(kind: Int) {
    check(kind, Float.self)
    check(kind, Double.self)
  }

  /// Sixteen lanes, joined as z with z + 8, + 4, + 2, + 1.
  private static func joined<T: Real>(_ row: ArraySlice<T>, from start: T, _ join: (T, T) -> T) -> T
  {
    var lanes = [T](repeating: start, count: 16)
    for (column, x) in row.enumerated() { lanes[column % 16] = join(lanes[column % 16], x) }
    for half in [8, 4, 2, 1] {
      for lane in 0..<half { lanes[lane] = join(lanes[lane], lanes[lane + half]) }
    }
    return lanes[0]
  }

  private static func maximum<T: Real>(_ x: T, _ y: T) -> T {
    x.isNaN ? x : y.isNaN ? y : x > y ? x : y
  }

  private func check<T: Real>(_ kind: Int, _: T.Type) {
    let first = Int(BP_SLOT_INPUTS), size = MemoryLayout<T>.stride
    for (number, (rows, columns)) in Self.domains.enumerated() {
      var random = RandomNumbers(number)
      var x = T.rounded(random.normals(rows * columns))
      if kind == 1 { x = x.map { ($0 * 2).rounded() } }  // equal numbers, and zeros of both signs
      if kind == 2 {
        for place in stride(from: 7, to: x.count, by: 53) {
          x[place] = [.nan, .infinity][place % 2]
        }
        for place in stride(from: 2, to: x.count, by: 31) { x[place] = -.infinity }
      }
      let pitch = columns + number % 3, blockRows = [rows, 4, 1][number % 3]
      let blocks = (rows + blockRows - 1) / blockRows
      let rowsOfX = (0..<rows).map { x[$0 * columns..<($0 + 1) * columns] }
      let sums = rowsOfX.map { Self.joined($0, from: 0, +) }
      let maxima = rowsOfX.map { Self.joined($0, from: -.infinity, Self.maximum) }
      let places = zip(rowsOfX, maxima).map { row, maximum in
        Int32(row.firstIndex { $0.isNaN || $0 == maximum }! - row.startIndex)
      }
      var columnSums: [T] = []
      for block in 0..<blocks {
        for c in 0..<columns {
          let part = (block * blockRows..<min(rows, (block + 1) * blockRows)).map {
            x[$0 * columns + c]
          }
          // Four chains of every fourth row.
          let chains = (0..<min(4, part.count)).map { chain in
            stride(from: chain + 4, to: part.count, by: 4).reduce(part[chain]) { $0 + part[$1] }
          }
          columnSums.append(
            chains.count == 4
              ? (chains[0] + chains[1]) + (chains[2] + chains[3])
              : chains.dropFirst().reduce(chains[0], +))
        }
      }
      let source = GuardedMemory(
        byteCount: ((rows - 1) * pitch + columns) * size, slack: Int(BP_SLACK),
        fill: GuardedMemory.poison)
      source.write(x[...], rows: rows, pitch: pitch)
      let results = [rows * size, rows * size, rows * 4, blocks * columns * size].map {
        GuardedMemory(byteCount: $0, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
      }
      var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
      bases += [source.address] + results.map { $0.address }
      let a = bp_operand.rows(first, stride: pitch)
      let codes = [
        bp_code(BP_OP_ROW_SUM, .rows(first + 1, stride: 1), a),
        bp_code(BP_OP_ROW_MAX, .rows(first + 2, stride: 1), a),
        bp_code(BP_OP_ROW_ARGMAX, .rows(first + 3, stride: 1), a),
        bp_code(BP_OP_COLUMN_SUM, .rows(first + 4, stride: columns), a),
      ]
      for path in Path.supported {
        MapRun.run(
          path, T.self, codes, &bases, rows: rows, columns: columns, block: (blockRows, columns))
        let place = "\(rows)×\(columns), kind \(kind), \(T.self), \(path)"
        let got = results.map { $0 }
        #expect(sameBits(got[0].take(T.self, rows: 1, width: rows, pitch: 0), sums), "\(place)")
        #expect(sameBits(got[1].take(T.self, rows: 1, width: rows, pitch: 0), maxima), "\(place)")
        #expect(got[2].take(Int32.self, rows: 1, width: rows, pitch: 0) == places, "\(place)")
        #expect(
          sameBits(got[3].take(T.self, rows: blocks, width: columns, pitch: columns), columnSums),
          "\(place)")
        for memory in results { #expect(memory.strayCount == 0, "\(place): writes outside") }
        // Columns may be cut anywhere where no row is reduced.
        MapRun.run(
          path, T.self, [codes[3]], &bases, rows: rows, columns: columns, block: (blockRows, 24))
        #expect(
          sameBits(got[3].take(T.self, rows: blocks, width: columns, pitch: columns), columnSums),
          "\(place), in blocks of columns")
        #expect(results[3].strayCount == 0, "\(place): writes outside")
      }
    }
  }

  /// A repeated element is reduced like a row of them.
  @Test func reduceRepeatedElements() {
    let first = Int(BP_SLOT_INPUTS), x: [Float] = [0.1, -3, 7], columns = 37
    let source = GuardedMemory(byteCount: 12, slack: Int(BP_SLACK), fill: GuardedMemory.poison)
    source.write(x[...], rows: 1, pitch: 0)
    let results = [12, 12, 12, columns * 4].map {
      GuardedMemory(byteCount: $0, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    }
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
    bases += [source.address] + results.map { $0.address }
    let a = bp_operand.repeated(first, stride: 1)
    let codes = [
      bp_code(BP_OP_ROW_SUM, .rows(first + 1, stride: 1), a),
      bp_code(BP_OP_ROW_MAX, .rows(first + 2, stride: 1), a),
      bp_code(BP_OP_ROW_ARGMAX, .rows(first + 3, stride: 1), a),
      bp_code(BP_OP_COLUMN_SUM, .rows(first + 4, stride: columns), a),
    ]
    let sums = x.map { x in Self.joined([Float](repeating: x, count: columns)[...], from: 0, +) }
    for path in Path.supported {
      MapRun.run(path, Float.self, codes, &bases, rows: 3, columns: columns, block: (3, columns))
      #expect(sameBits(results[0].take(Float.self, rows: 1, width: 3, pitch: 0), sums))
      #expect(results[1].take(Float.self, rows: 1, width: 3, pitch: 0) == x)
      #expect(results[2].take(Int32.self, rows: 1, width: 3, pitch: 0) == [0, 0, 0])
      let down = results[3].take(Float.self, rows: 1, width: columns, pitch: 0)
      #expect(down == .init(repeating: Float(0.1) - 3 + 7, count: columns))
      for memory in results { #expect(memory.strayCount == 0, "\(path): writes outside") }
    }
  }
}
