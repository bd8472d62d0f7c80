import CBackpropKernels
import Testing

/// Numbers that come from their place alone: columns' numbers, and Philox4x32-10.
@Suite struct UniformTests {
  /// Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
  static func philox(_ counter: UInt64, _ key: (UInt32, UInt32)) -> [UInt32] {
    var c = [UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, 0], key = key
    for _ in 0..<10 {
      let (x, y) = (0xd251_1f53 * UInt64(c[0]), 0xcd9e_8d57 * UInt64(c[2]))
      c = [
        UInt32(y >> 32) ^ c[1] ^ key.0, UInt32(truncatingIfNeeded: y),
        UInt32(x >> 32) ^ c[3] ^ key.1, UInt32(truncatingIfNeeded: x),
      ]
      key = (key.0 &+ 0x9e37_79b9, key.1 &+ 0xbb67_ae85)
    }
    return c
  }

  /// From Random123's file of known answers.
  @Test func referenceKnowsTheAnswers() {
    #expect(Self.philox(0, (0, 0)) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
  }

  @Test func comeFromTheirPlaces() {
    check(Float.self)
    check(Double.self)
  }

  private func check<T: Real>(_: T.Type) {
    let first = Int(BP_SLOT_INPUTS), size = MemoryLayout<T>.stride
    let key: [UInt32] = [0x1234_5678, 0x9abc_def0]
    let source = GuardedMemory(byteCount: 8, slack: Int(BP_SLACK), fill: GuardedMemory.poison)
    source.write(key[...], rows: 1, pitch: 0)
    for (rows, columns, block) in [
      (1, 1, (1, 1)), (5, 7, (2, 7)), (9, 130, (4, 33)), (3, 64, (3, 64)), (40, 3, (7, 2)),
    ] {
      let results = [rows * columns, rows, rows * columns, rows].map {
        GuardedMemory(byteCount: $0 * size, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
      }
      var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
      bases += [source.address] + results.map { $0.address }
      let a = bp_operand.rows(first, stride: 0)
      let codes = [
        bp_code(BP_OP_UNIFORM, .rows(first + 1, stride: columns), a),
        bp_code(BP_OP_UNIFORM, .rows(first + 2, stride: 1), a, column: true),
        bp_code(BP_OP_IOTA, .rows(first + 3, stride: columns)),
        bp_code(BP_OP_IOTA, .rows(first + 4, stride: 1), column: true),
      ]
      let uniform = (0..<rows * columns).map { place in
        T(Self.philox(UInt64(place / 4), (key[0], key[1]))[place % 4] >> 8) * 0x1p-24
      }
      for path in Path.supported {
        MapRun.run(path, T.self, codes, &bases, rows: rows, columns: columns, block: block)
        let place = "\(rows)×\(columns), \(T.self), \(path)"
        let all = results.map { memory in
          memory.take(T.self, rows: 1, width: memory.byteCount / size, pitch: 0)
        }
        #expect(all[0] == uniform, "\(place)")
        #expect(all[1] == Array(uniform.prefix(rows)), "\(place)")
        #expect(all[2] == (0..<rows * columns).map { T($0 % columns) }, "\(place)")
        #expect(all[3] == .init(repeating: 0, count: rows), "\(place)")
        for memory in results { #expect(memory.strayCount == 0, "\(place): writes outside") }
      }
    }
  }
}
