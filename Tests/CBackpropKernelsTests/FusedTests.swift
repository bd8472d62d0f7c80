import CBackpropKernels
import Testing

/// Code that runs over the regions of a product gives what it gives after the whole product, to the bit.
@Suite struct FusedTests {
  /// About the sizes of regions: 32 rows, 160 where A is packed, 16384 elements in one, 512 columns; few rows and
  /// columns, which have ways of their own; and enough for AMX.
  static let shapes = [
    (1, 1, 1), (1, 700, 9), (2, 700, 40), (2, 300, 33), (3, 600, 5), (5, 1, 4), (100, 1, 20),
    (100, 2, 17), (333, 3, 7), (31, 60, 10), (32, 33, 31), (33, 32, 8), (128, 128, 12),
    (129, 127, 20), (129, 128, 3), (161, 103, 7), (97, 256, 30), (200, 257, 41), (35, 1030, 37),
    (190, 96, 512), (70, 513, 64), (64, 520, 40), (170, 130, 300), (333, 17, 50),
    (333, 130, 9), (200, 129, 6), (330, 128, 512), (35, 1030, 300),
  ]

  @Test(arguments: shapes.indices) func equalsTheProductAndThenTheMap(number: Int) {
    let (m, n, k) = Self.shapes[number]
    for seed in 0..<4 where m * n * k < 1 << 20 || seed % 2 == number % 2 {
      check(number, seed, Float.self)
      check(number, seed, Double.self)
    }
  }

  private func check<T: Real>(_ number: Int, _ seed: Int, _: T.Type) {
    let (m, n, k) = Self.shapes[number]
    var product = Product(m, n, k)
    (product.transposeA, product.transposeB) = (seed & 1 != 0, seed & 2 != 0)
    product.padding = [0, 5][(seed + number) % 2]
    for (index, words) in FusedRun<T>.Words.allCases.enumerated() {
      if words == .rowReductions && n > Int(BP_WHOLE_ROWS) { continue }
      for isWindow in [false, true] where !isWindow || k <= Int(BP_WINDOW_STEPS) {
        let variant = seed + 2 * number + 3 * index + (isWindow ? 1 : 0)
        product.start = .allCases[variant % (isWindow ? 3 : 4)]
        let tiles =
          words == .rowReductions ? [(0, 0), (32, 0), (96, 0)] : [(0, 0), (96, 0), (0, 128)]
        (product.tileRows, product.tileColumns) = tiles[variant % 3]
        let run = FusedRun<T>(
          product, Operands(product, seed: variant), words, isWindow: isWindow,
          strip: [1024, 100, 4096][variant / 2 % 3])
        check(run)
      }
    }
  }

  private func check<T: Real>(_ run: FusedRun<T>) {
    var exact: FusedRun<T>.Results?
    for path in Path.supported {
      if path == .portable && run.product.work > 1 << 18 { continue }
      let expected = run.run(path, fused: false, threads: 1)
      let name =
        "\(run.product), \(T.self), \(run.words), \(run.isWindow ? "window" : "memory"), \(path)"
      #expect(expected.strays == 0, "\(name): \(expected.strays) bytes written outside")
      for threads in [1, 3, 8] {
        let got = run.run(path, fused: true, threads: threads)
        #expect(got.strays == 0, "\(name), \(threads) threads: \(got.strays) bytes written outside")
        if !run.isWindow { expectEqual(got.product, expected.product, "\(name): product") }
        expectEqual(got.whole, expected.whole, "\(name), \(threads) threads: first result")
        expectEqual(got.other, expected.other, "\(name), \(threads) threads: second result")
        expectEqual(got.column, expected.column, "\(name), \(threads) threads: column")
        expectEqual(got.sums, expected.sums, "\(name), \(threads) threads: sums of columns")
      }
      if path == .amx && T.self == Float.self && run.product.mayUseAMX { continue }
      if let exact {
        expectEqual(expected.whole, exact.whole, "\(name): first result, against other paths")
        expectEqual(expected.other, exact.other, "\(name): second result, against other paths")
        expectEqual(expected.sums, exact.sums, "\(name): sums, against other paths")
      }
      exact = expected
    }
  }

  private func expectEqual<T: Real>(_ a: [T], _ b: [T], _ name: @autoclosure () -> String) {
    guard let place = firstDifference(a, b) else { return }
    Issue.record("\(name()): element \(place) of \(b.count) differs")
  }
}
