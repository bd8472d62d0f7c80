import CBackpropKernels
import Testing

/// Words of code that are exact or correctly rounded: the very number, on every path and in every layout.
@Suite struct ExactOperationTests {
  @Test func giveTheNumbersOfSwift() {
    check(Float.self)
    check(Double.self)
  }

  private func check<T: Real>(_: T.Type) {
    let (rows, columns) = (31, 101), count = rows * columns
    var random = RandomNumbers(5)
    let x = Array(samples(T.self, seed: 1, count: count).prefix(count))
    // Each special number meets others of its kind.
    let y = x.shuffled(using: &random), z = y.shuffled(using: &random)
    for operation in ExactOperation<T>.all {
      let expected = x.indices.map { operation.value(x[$0], y[$0], z[$0]) }
      for path in Path.supported {
        for (padding, block) in [(0, (31, 101)), (0, (4, 101)), (5, (31, 37))] {
          let (values, strays) = MapRun.run(
            path, T.self, operation.op, a: x, b: operation.inputs > 1 ? y : [],
            c: operation.inputs > 2 ? z : [], rows: rows, columns: columns, padding: padding,
            block: block, result: T.self)
          #expect(strays == 0, "\(operation.name), \(path): \(strays) bytes written outside")
          let place = firstDifference(values, expected)
          #expect(
            place == nil,
            "\(operation.name), \(T.self), \(path): of \(x[place ?? 0]), \(y[place ?? 0]), \(z[place ?? 0])"
          )
        }
      }
    }
  }

  @Test func convertIntegers() {
    checkIntegers(Float.self)
    checkIntegers(Double.self)
  }

  private func checkIntegers<T: Real>(_: T.Type) {
    let columns = 77
    var random = RandomNumbers(9)
    var integers: [Int32] = [0, 1, -1, .max, .min, .max - 64, 16_777_217, -16_777_219]
    while integers.count < 3 * columns { integers.append(Int32(truncatingIfNeeded: random.next())) }
    let x = Array(samples(T.self, seed: 2, count: 3 * columns).prefix(3 * columns))
    let expected = x.map { x in
      x.isNaN ? 0 : x >= 0x1p31 ? Int32.max : x <= -0x1p31 ? .min : Int32(x)
    }
    for path in Path.supported {
      let loaded = MapRun.run(
        path, T.self, BP_OP_LOAD_INT32, a: integers, rows: 3, columns: columns, padding: 2,
        block: (2, 30), result: T.self)
      #expect(loaded.strays == 0 && sameBits(loaded.values, integers.map { T($0) }), "\(path)")
      let stored = MapRun.run(
        path, T.self, BP_OP_STORE_INT32, a: x, rows: 3, columns: columns, padding: 2,
        block: (2, 30), result: Int32.self)
      #expect(stored.strays == 0 && stored.values == expected, "\(T.self), \(path)")
    }
  }
}
