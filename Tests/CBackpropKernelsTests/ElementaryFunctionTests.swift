import CBackpropKernels
import ElementaryFunctions
import Testing

/// The elementary functions: their errors in units in the last place, and the same bits on every path. Here at samples;
/// Tests/ElementaryRange goes through all numbers.
@Suite struct ElementaryFunctionTests {
  @Test(arguments: ElementaryFunction.all.indices) func staysNearTheExactValue(number: Int) {
    let function = ElementaryFunction.all[number]
    check(function, bound: function.bounds.float32) { (x: Float, y: Float) in
      ulps(y, function.exact(Double(x)))
    }
    check(function, bound: function.bounds.float64) { (x: Double, y: Double) in
      ulps(y, function.exactWide(Wide(x)))
    }
  }

  private func check<T: Real>(
    _ function: ElementaryFunction, bound: Double, error: (T, T) -> Double
  ) {
    let (rows, columns) = (41, 250)
    let x = Array(samples(T.self, seed: 3, count: rows * columns).prefix(rows * columns))
    var first: [T]?
    for path in Path.supported {
      let (values, strays) = MapRun.run(
        path, T.self, function.op, a: x, rows: rows, columns: columns,
        padding: path == .avx2 ? 3 : 0,
        block: (7, 90), result: T.self)
      #expect(strays == 0, "\(function), \(path): \(strays) bytes written outside")
      if let first {
        let place = firstDifference(values, first)
        #expect(place == nil, "\(function), \(T.self), \(path): bits differ for \(x[place ?? 0])")
        continue
      }
      first = values
      var worst = 0.0, at = x[0], got = x[0]
      for (x, y) in zip(x, values) {
        let distance = error(x, y)
        if distance > worst { (worst, at, got) = (distance, x, y) }
      }
      #expect(
        worst <= bound,
        "\(function), \(T.self): \(worst) ulp at \(at): \(got), not \(function.exactWide(Wide(at)))"
      )
    }
  }

  /// What no bound in ulp says: signs of zeros, and the values at the ends.
  @Test func keepsSignsAndEnds() {
    let x: [Float] = [0, -0.0, .infinity, -.infinity, .nan]
    let expected: [(bp_op, [Float])] = [
      (BP_OP_EXP, [1, 1, .infinity, 0, .nan]),
      (BP_OP_EXPM1, [0, -0.0, .infinity, -1, .nan]),
      (BP_OP_LOG, [-.infinity, -.infinity, .infinity, .nan, .nan]),
      (BP_OP_LOG1P, [0, -0.0, .infinity, .nan, .nan]),
      (BP_OP_ERF, [0, -0.0, 1, -1, .nan]),
      (BP_OP_SIGMOID, [0.5, 0.5, 1, 0, .nan]),
      (BP_OP_TANH, [0, -0.0, 1, -1, .nan]),
      (BP_OP_SQRT, [0, -0.0, .infinity, .nan, .nan]),
      (BP_OP_SIN, [0, -0.0, .nan, .nan, .nan]),
      (BP_OP_COS, [1, 1, .nan, .nan, .nan]),
    ]
    for path in Path.supported {
      for (op, y) in expected {
        let values = MapRun.run(
          path, Float.self, op, a: x, rows: 1, columns: x.count, block: (1, x.count),
          result: Float.self
        ).values
        #expect(sameBits(values, y), "operation \(op.rawValue), \(path): \(values), not \(y)")
      }
    }
  }

  /// Where denormals are flushed they are zeros to every function, the C library's among them.
  @Test func takesDenormalsForZerosWhereTheyAreFlushed() {
    let x: [Float] = [1e-40, -1e-40], none: [Float] = [0, 0]
    let expected: [(bp_op, [Float], [Float])] = [
      (BP_OP_EXP, none, [1, 1]), (BP_OP_EXPM1, none, [0, -0.0]),
      (BP_OP_LOG, none, [-.infinity, -.infinity]), (BP_OP_LOG1P, none, [0, -0.0]),
      (BP_OP_ERF, none, [0, -0.0]), (BP_OP_SIGMOID, none, [0.5, 0.5]),
      (BP_OP_TANH, none, [0, -0.0]), (BP_OP_SQRT, none, [0, -0.0]),
      (BP_OP_SIN, none, [0, -0.0]), (BP_OP_COS, none, [1, 1]),
      (BP_OP_POWER, [0.5, 0.5], [0, 0]), (BP_OP_POWER, [-1, -1], [.infinity, -.infinity]),
      (BP_OP_POWER, x, [1, 1]),
    ]
    let first = Int(BP_SLOT_INPUTS)
    let map = bp_map(
      rows: 1, columns: 2, blockRows: 1, blockColumns: 2, firstCode: 0, codeCount: 1, product: -1,
      productScratch: 0)
    let memories = (0..<3).map { _ in
      GuardedMemory(byteCount: 8, slack: Int(BP_SLACK), fill: GuardedMemory.poison)
    }
    let bases =
      [UnsafeMutableRawPointer?](repeating: nil, count: first) + memories.map { $0.address }
    let operands = (0..<3).map { bp_operand.rows(first + $0, stride: 2) }
    for path in Path.supported {
      for (op, y, values) in expected {
        memories[0].write(x[...], rows: 1, pitch: 2)
        memories[1].write(y[...], rows: 1, pitch: 2)
        ProgramRun.flushingMap(
          map, [bp_code(op, operands[2], operands[0], operands[1])], BP_FLOAT32, path, bases)
        let got = memories[2].take(Float.self, rows: 1, width: 2, pitch: 2)
        #expect(
          sameBits(got, values), "operation \(op.rawValue), \(path): \(got), not \(values)")
      }
    }
  }

  @Test func powersAreTheLibrarys() {
    typealias Power = ElementaryFunction.Power
    checkPowers(bound: Power.bounds.float32) { (x: Float, y: Float, got: Float) in
      ulps(got, Power.exact(Double(x), Double(y)))
    }
    checkPowers(bound: Power.bounds.float64) { (x: Double, y: Double, got: Double) in
      ulps(got, Power.exactWide(Wide(x), Wide(y)))
    }
  }

  private func checkPowers<T: Real>(bound: Double, error: (T, T, T) -> Double) {
    let special = Array(samples(T.self, seed: 0, count: 0))
    var x: [T] = [], y: [T] = []
    for a in special {
      for b in special { (x, y) = (x + [a], y + [b]) }
    }
    for path in Path.supported {
      let (values, strays) = MapRun.run(
        path, T.self, BP_OP_POWER, a: x, b: y, rows: special.count, columns: special.count,
        block: (5, 33), result: T.self)
      #expect(strays == 0)
      var worst = 0.0, at = 0
      for place in x.indices {
        let distance = error(x[place], y[place], values[place])
        if distance > worst { (worst, at) = (distance, place) }
      }
      #expect(
        worst <= bound,
        "\(T.self), \(path): \(x[at]) to \(y[at]) is off by \(worst) ulp: \(values[at])"
      )
    }
  }
}
