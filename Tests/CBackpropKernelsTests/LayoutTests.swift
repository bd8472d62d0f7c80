import CBackpropKernels
import Testing

/// How operands stand over a domain: whole rows, a repeated row, a repeated column, one number, columns, registers.
@Suite struct LayoutTests {
  /// Element (r, c) of an operand is elements[r·stride + (splat ? 0 : c)].
  struct Layout: Sendable {
    let stride: @Sendable (_ columns: Int) -> Int
    let splat: Bool

    static let all = [
      Layout(stride: { $0 }, splat: false), Layout(stride: { $0 + 3 }, splat: false),
      Layout(stride: { _ in 0 }, splat: false), Layout(stride: { _ in 1 }, splat: true),
      Layout(stride: { _ in 0 }, splat: true),
    ]

    func operand(_ slot: Int, _ columns: Int, offset: Int) -> bp_operand {
      splat
        ? .repeated(slot, stride: stride(columns), offset: offset)
        : .rows(slot, stride: stride(columns), offset: offset)
    }
  }

  static let domains = [(1, 1), (1, 50), (7, 1), (5, 16), (6, 37), (19, 33), (3, 160)]

  @Test func everyLayoutOfThreeOperands() {
    check(Float.self)
    check(Double.self)
  }

  private func check<T: Real>(_: T.Type) {
    let first = Int(BP_SLOT_INPUTS), size = MemoryLayout<T>.stride
    for (number, (rows, columns)) in Self.domains.enumerated() {
      for choice in 0..<125 {
        let layouts = [choice % 5, choice / 5 % 5, choice / 25].map { Layout.all[$0] }
        var random = RandomNumbers(choice)
        var memories: [GuardedMemory] = [], elements: [[T]] = []
        for layout in layouts {
          let count = (rows - 1) * layout.stride(columns) + (layout.splat ? 1 : columns)
          // Two elements in front: operands have offsets.
          elements.append(T.rounded(random.normals(count + 2)))
          memories.append(
            GuardedMemory(
              byteCount: (count + 2) * size, slack: Int(BP_SLACK), fill: GuardedMemory.poison))
          memories.last!.write(elements.last![...], rows: 1, pitch: 0)
        }
        let pitch = columns + choice % 3
        let d = GuardedMemory(
          byteCount: ((rows - 1) * pitch + columns) * size, slack: Int(BP_SLACK),
          fill: GuardedMemory.canary)
        var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
        bases += memories.map { $0.address } + [d.address]
        let operands = layouts.enumerated().map { index, layout in
          layout.operand(first + index, columns, offset: 2 * size)
        }
        var expected: [T] = []
        for r in 0..<rows {
          for c in 0..<columns {
            let x = layouts.indices.map { index in
              elements[index][
                2 + r * layouts[index].stride(columns) + (layouts[index].splat ? 0 : c)]
            }
            expected.append(x[2].addingProduct(x[0], x[1]))
          }
        }
        let code = bp_code(
          BP_OP_FMA, .rows(first + 3, stride: pitch), operands[0], operands[1], operands[2])
        for path in Path.supported {
          MapRun.run(
            path, T.self, [code], &bases, rows: rows, columns: columns,
            block: [(rows, columns), (2, columns), (3, 16)][(choice + number) % 3])
          let values = d.take(T.self, rows: rows, width: columns, pitch: pitch)
          #expect(
            d.strayCount == 0, "\(rows)×\(columns), layouts \(choice), \(path): writes outside")
          #expect(
            sameBits(values, expected), "\(rows)×\(columns), layouts \(choice), \(T.self), \(path)")
        }
      }
    }
  }

  /// Words of one input take the same layouts, and column code walks down a column.
  @Test func elementaryFunctionsAndColumns() {
    let (rows, columns) = (11, 45), first = Int(BP_SLOT_INPUTS)
    var random = RandomNumbers(4)
    let x = Float.rounded(random.normals(rows * (columns + 3)))
    let source = GuardedMemory(
      byteCount: x.count * 4, slack: Int(BP_SLACK), fill: GuardedMemory.poison)
    source.write(x[...], rows: 1, pitch: 0)
    let d = GuardedMemory(
      byteCount: rows * columns * 4, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    let column = GuardedMemory(
      byteCount: rows * 4, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    var bases = [UnsafeMutableRawPointer?](repeating: nil, count: first)
    bases += [source.address, d.address, column.address]
    for op in [BP_OP_EXP, BP_OP_TANH, BP_OP_SIN, BP_OP_SQRT, BP_OP_TRUNCATE] {
      for path in Path.supported {
        let plain = MapRun.run(
          path, Float.self, op, a: x, rows: 1, columns: x.count, block: (1, x.count),
          result: Float.self
        ).values
        for (number, layout) in Layout.all.enumerated() {
          MapRun.run(
            path, Float.self,
            [
              bp_code(
                op, .rows(first + 1, stride: columns), layout.operand(first, columns, offset: 0)),
              bp_code(
                op, .rows(first + 2, stride: 1), .rows(first, stride: number % 2), column: true),
            ], &bases, rows: rows, columns: columns, block: (4, number % 2 == 0 ? columns : 32))
          let values = d.take(Float.self, rows: rows, width: columns, pitch: columns)
          let place = values.indices.first { place in
            let from =
              place / columns * layout.stride(columns) + (layout.splat ? 0 : place % columns)
            return !sameBits([values[place]], [plain[from]])
          }
          #expect(place == nil, "operation \(op.rawValue), layout \(number), \(path)")
          let down = column.take(Float.self, rows: 1, width: rows, pitch: rows)
          #expect(sameBits(down, (0..<rows).map { plain[$0 * (number % 2)] }))
          #expect(d.strayCount == 0 && column.strayCount == 0)
        }
      }
    }
  }
}
