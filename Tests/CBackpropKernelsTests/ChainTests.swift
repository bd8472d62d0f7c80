import CBackpropKernels
import Testing

/// Instructions that run as one give the bits that they give one by one.
@Suite struct ChainTests {
  @Test(arguments: [(1, 1), (5, 37), (3, 256), (9, 100)])
  func twoMomentsGiveTheSameBits(rows: Int, columns: Int) {
    for path in Path.supported {
      for padding in [0, 3] {
        check(path, Float.self, rows, columns, padding)
        check(path, Double.self, rows, columns, padding)
      }
    }
  }

  private func check<T: Real>(
    _ path: Path, _: T.Type, _ rows: Int, _ columns: Int, _ padding: Int
  ) {
    var codes = Self.codes(columns: columns, padding: padding)
    #expect(bp_chain_length(codes, Int32(codes.count)) == 8)
    let alone = run(path, T.self, codes, rows, columns, padding)
    codes[0].chain = 8
    let together = run(path, T.self, codes, rows, columns, padding)
    for (one, two) in zip(alone, together) {
      #expect(sameBits(one, two), "\(T.self), \(path), \(rows) × \(columns), padding \(padding)")
    }
  }

  /// The moments m and v, and the quotient d, of gradients that include zeros, denormals, infinities and NaNs.
  private func run<T: Real>(
    _ path: Path, _: T.Type, _ codes: [bp_code], _ rows: Int, _ columns: Int, _ padding: Int
  ) -> [[T]] {
    let pitch = columns + padding, count = (rows - 1) * pitch + columns
    let size = MemoryLayout<T>.stride
    var random = RandomNumbers(3)
    let arrays: [[T]] = (0..<3).map { _ in
      Array(
        samples(T.self, seed: 4, count: rows * columns).shuffled(using: &random)
          .prefix(rows * columns))
    }
    var memories = arrays.map { elements in
      let memory = GuardedMemory(
        byteCount: count * size, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
      memory.write(elements[...], rows: rows, pitch: pitch)
      return memory
    }
    memories.append(
      GuardedMemory(byteCount: count * size, slack: Int(BP_SLACK), fill: GuardedMemory.canary))
    let numbers: [T] = [0.9, 0.1, 0.999, 0.001, 1.5, 1e-8]
    let scalars = GuardedMemory(
      byteCount: 6 * size, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    scalars.write(numbers[...], rows: 1, pitch: 6)
    let scratch = GuardedMemory(
      byteCount: 2 * Self.registerBytes, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    let first = Int(BP_SLOT_INPUTS)
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
    bases[Int(BP_SLOT_SCRATCH)] = scratch.address
    bases += memories.map { $0.address } + [scalars.address]
    var sized = codes
    for index in sized.indices {
      for operand in [\bp_code.a, \.b, \.c] where sized[index][keyPath: operand].splat == 1 {
        sized[index][keyPath: operand].offset *= Int64(size)
      }
    }
    MapRun.run(
      path, T.self, sized, &bases, rows: rows, columns: columns,
      block: (max(1, min(rows, 512 / columns)), columns))
    let values = memories.map { $0.take(T.self, rows: rows, width: columns, pitch: pitch) }
    for memory in memories { #expect(memory.strayCount == 0, "bytes written outside") }
    return values
  }

  private static let registerBytes = 8192

  /// The chain, with m, v, g, d and the numbers as inputs; offsets of numbers count elements.
  private static func codes(columns: Int, padding: Int) -> [bp_code] {
    let first = Int(BP_SLOT_INPUTS), pitch = columns + padding
    let (m, v, g, d) = (
      bp_operand.rows(first, stride: pitch), bp_operand.rows(first + 1, stride: pitch),
      bp_operand.rows(first + 2, stride: pitch), bp_operand.rows(first + 3, stride: pitch)
    )
    func number(_ index: Int) -> bp_operand {
      bp_operand(
        offset: Int64(index), stride: 0, slot: UInt16(first + 4), splat: 1, local: 0)
    }
    func register(_ index: Int) -> bp_operand {
      bp_operand(
        offset: Int64(index * registerBytes), stride: Int32(columns), slot: UInt16(BP_SLOT_SCRATCH),
        splat: 0, local: 1)
    }
    let (s, t) = (register(0), register(1))
    return [
      bp_code(BP_OP_MULTIPLY, s, m, number(0), s), bp_code(BP_OP_FMA, m, number(1), g, s),
      bp_code(BP_OP_MULTIPLY, s, g, g, s), bp_code(BP_OP_MULTIPLY, t, v, number(2), t),
      bp_code(BP_OP_FMA, v, number(3), s, t), bp_code(BP_OP_SQRT, t, v, t, t),
      bp_code(BP_OP_FMA, t, t, number(4), number(5)), bp_code(BP_OP_DIVIDE, d, m, t, t),
    ]
  }

  /// A register that is read later must be written; other links are other computations.
  @Test func leavesAloneWhatIsNoChain() {
    let codes = Self.codes(columns: 16, padding: 0)
    func length(_ change: (inout [bp_code]) -> Void) -> Int32 {
      var codes = codes
      change(&codes)
      return bp_chain_length(codes, Int32(codes.count))
    }
    let d = codes[7].d
    #expect(length { _ in } == 8)
    #expect(length { $0.removeLast() } == 0)
    #expect(length { $0[2].b = d } == 0)
    #expect(length { $0[5].a = d } == 0)
    #expect(length { $0[0].b = d } == 0)
    #expect(length { $0[4].op = UInt16(BP_OP_FNMA.rawValue) } == 0)
    #expect(length { $0.append(bp_code(BP_OP_COPY, d, codes[0].d, d, d)) } == 0)
    #expect(
      length {
        $0.append(bp_code(BP_OP_COPY, codes[0].d, d, d, d))
        $0.append(bp_code(BP_OP_COPY, d, codes[0].d, d, d))
      } == 8)
  }
}
