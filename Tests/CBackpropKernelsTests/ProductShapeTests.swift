import CBackpropKernels
import Testing

/// Products of ordinary numbers: every shape, stride, start and cut, on every path.
@Suite struct ProductShapeTests {
  /// Below, at and above the edges of tiles, vectors and blocks of k; none, one, odd and prime.
  static let small = [
    (0, 5, 3), (5, 0, 3), (0, 0, 0), (1, 1, 0), (5, 3, 0), (33, 20, 0), (1, 1, 1), (1, 1, 37),
    (1, 17, 1), (17, 1, 1), (2, 2, 2), (3, 5, 7), (1, 100, 33), (2, 67, 50), (100, 1, 33),
    (100, 2, 17), (50, 3, 31), (64, 4, 9), (20, 5, 11), (13, 31, 5), (14, 32, 16), (15, 33, 17),
    (16, 16, 16), (27, 47, 12), (28, 48, 13), (29, 49, 4), (31, 15, 30), (32, 14, 32), (6, 64, 19),
    (7, 65, 20), (33, 97, 3), (48, 63, 2), (61, 7, 53), (11, 8, 101), (8, 9, 511), (9, 16, 512),
    (4, 33, 513), (12, 40, 385), (3, 24, 1024), (5, 17, 1025), (300, 3, 6), (169, 10, 18),
    (2, 520, 21), (90, 31, 40), (10, 30, 784), (30, 130, 10),
  ]
  /// Large enough for AMX, whose tiles are 16 × 16 × 32 and whose blocks are 32 × 32 × 512.
  static let large = [
    (32, 64, 512), (33, 65, 513), (47, 49, 521), (48, 16, 1400), (34, 31, 1025), (97, 101, 127),
    (321, 103, 33), (64, 520, 32), (161, 33, 257), (40, 1030, 41),
    (48, 136, 512), (16, 130, 1024),  // pitches that fall into few sets of the cache
  ]

  @Test(arguments: small.indices) func smallProducts(number: Int) {
    let (m, n, k) = Self.small[number]
    for variant in 0..<16 {
      var product = Product(m, n, k)
      (product.transposeA, product.transposeB) = (variant & 1 != 0, variant & 2 != 0)
      product.start = .allCases[variant / 4]
      let seed = number * 16 + variant
      product.padding = [0, 1, 7, 0, 16][seed % 5]
      product.batch = [1, 1, 3][seed % 3]
      product.atStart = seed % 7 == 0
      (product.tileRows, product.tileColumns) =
        [(0, 0), (32, 0), (0, 16), (5, 7), (14, 32)][
          seed / 5 % 5]
      check(product, Float.self, seed: seed)
      check(product, Double.self, seed: seed)
    }
  }

  @Test(arguments: large.indices) func largeProducts(number: Int) {
    let (m, n, k) = Self.large[number]
    for variant in 0..<4 {
      var product = Product(m, n, k)
      (product.transposeA, product.transposeB) = (variant & 1 != 0, variant & 2 != 0)
      let seed = number * 5 + variant
      product.start = .allCases[seed % 4]
      product.padding = [0, 3, 16, 0, 1][seed % 5]
      product.batch = variant == 3 ? 2 : 1
      (product.tileRows, product.tileColumns) =
        [(32, 0), (0, 128), (96, 0), (0, 16), (33, 48)][
          seed / 4 % 5]
      check(product, Float.self, seed: seed, usesPortable: variant == number % 4)
      check(product, Double.self, seed: seed, usesPortable: variant == (number + 2) % 4)
    }
  }

  /// More than a block of every size: rows, columns, k, and pitches that are packed.
  @Test(arguments: [0, 1, 2, 3, 4]) func hugeProducts(variant: Int) {
    let m = [203, 700, 203, 203, 60][variant], n = variant == 2 ? 1100 : 530
    var product = Product(m, n, 1100)
    (product.transposeA, product.transposeB) = (variant & 1 != 0, variant & 2 != 0)
    product.start = .allCases[variant % 4]
    (product.tileRows, product.tileColumns) = (
      variant % 2 == 0 ? 96 : 0, variant % 2 == 1 ? 256 : 0
    )
    let operands = Operands<Float>(product, seed: variant)
    let run = ProductRun(product, operands)
    let reference = Reference(product, operands)
    let exact = check(run, Path.exact.filter { $0 != .portable }, reference)
    if Path.amx.isSupported {
      let amx = check(run, [.amx], reference)
      #expect(!sameBits(amx, exact), "\(product): AMX was not used")
    }
  }

  private func check<T: Real>(
    _ product: Product, _: T.Type, seed: Int, usesPortable: Bool = true
  ) {
    let operands = Operands<T>(product, seed: seed)
    let run = ProductRun(product, operands), reference = Reference(product, operands)
    let paths = Path.exact.filter { usesPortable || $0 != .portable }
    let exact = check(run, paths.isEmpty ? [.portable] : paths, reference)
    guard Path.amx.isSupported else { return }
    let amx = check(run, [.amx], reference)
    if T.self == Double.self || !product.mayUseAMX {
      #expect(sameBits(amx, exact), "\(product), \(T.self): AMX differs where it is not used")
    }
  }

  /// Runs a product on paths that must agree to the bit, with several numbers of threads.
  @discardableResult
  private func check<T: Real>(_ run: ProductRun<T>, _ paths: [Path], _ reference: Reference) -> [T]
  {
    let product = run.product
    var expected: [T]?
    for path in paths {
      // Portable code may lack fused multiply-adds, and large products on it are slow.
      let isSlow = path == .portable && product.work > 1 << 19
      let isWhole = product.tileRows == 0 && product.tileColumns == 0
      for threads in isSlow ? [1] : isWhole ? [1, 8] : [1, 2, 3, 8] {
        let (values, strays) = run.run(path, threads: threads)
        let place = "\(product), \(T.self), \(path), \(threads) threads"
        #expect(strays == 0, "\(place): \(strays) bytes written outside of C")
        guard let first = expected else {
          expected = values
          let errors = reference.errors(of: values, steps: product.k)
          #expect(
            errors.failures == 0, "\(place): \(errors)")
          #expect(errors.count == values.count)
          continue
        }
        let difference = firstDifference(values, first)
        #expect(difference == nil, "\(place): element \(difference ?? -1) differs")
      }
    }
    return expected!
  }
}
