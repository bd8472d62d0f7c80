import CBackpropKernels
import Testing

/// Float32 products of awkward numbers: fused multiply-adds and AMX keep the same bound, element by element.
@Suite struct ProductValueTests {
  /// Two small ones, and two that AMX takes: of several blocks of 32 × 32 × 512.
  static let shapes = [(7, 9, 33), (2, 40, 65), (65, 71, 530), (40, 33, 1100)]

  /// AMX, which only large products take, or the exact paths, which must agree.
  private func paths(_ product: Product) -> [Path] {
    product.work > 1 << 19 ? Path.supported.filter { $0 != .portable } : Path.supported
  }

  @Test(arguments: ValueFamily.allCases) func keepsTheBound(family: ValueFamily) {
    for (number, (m, n, k)) in Self.shapes.enumerated() {
      for variant in 0..<4 {
        var product = Product(m, n, k)
        (product.transposeA, product.transposeB) = (variant & 1 != 0, variant & 2 != 0)
        product.start = .allCases[(variant + number) % 4]
        let operands = family.operands(product, seed: number * 4 + variant)
        check(product, operands, Reference(product, operands), flushing: false, "\(family)")
      }
    }
  }

  /// Where denormals are flushed, those that are read count as 0.
  @Test func keepsTheBoundWhereDenormalsAreFlushed() {
    for (number, (m, n, k)) in Self.shapes.enumerated() {
      for family in [ValueFamily.denormals, .tinyTimesNormal, .smallSquares, .normal] {
        let product = Product(m, n, k)
        let operands = family.operands(product, seed: number)
        var flushed = operands
        flushed.a = operands.a.map { $0.isSubnormal ? 0 : $0 }
        flushed.b = operands.b.map { $0.isSubnormal ? 0 : $0 }
        check(product, operands, Reference(product, flushed), flushing: true, "\(family), flushed")
      }
    }
  }

  private func check(
    _ product: Product, _ operands: Operands<Float>, _ reference: Reference, flushing: Bool,
    _ name: String
  ) {
    let run = ProductRun(product, operands)
    var expected: [Float]?, exactRMS = 0.0
    for path in paths(product) {
      let (values, strays) = run.run(path, flushing: flushing)
      let errors = reference.errors(of: values, steps: product.k, flushing: flushing)
      let place = "\(name), \(product), \(path)"
      if path != .amx { exactRMS = errors.rms }
      #expect(strays == 0)
      #expect(
        errors.failures == 0, "\(place): \(errors); RMS of fused multiply-adds \(exactRMS)")
      if path == .amx && product.mayUseAMX {
        // The bound has room for the worst of chances. As a whole AMX is nearer than fused multiply-adds.
        #expect(errors.rms <= exactRMS, "\(place): \(errors); RMS of the others \(exactRMS)")
        continue
      }
      if let first = expected {
        #expect(firstDifference(values, first) == nil, "\(place): bits differ")
      }
      expected = values
    }
  }

  /// [1e20, 1e-20] · [1e-20, 1e20]ᵀ is 2, in a row that is 0 elsewhere.
  @Test func addsUpPartsOfVeryDifferentSize() {
    for (m, n, k) in [(3, 2, 2), (40, 40, 700)] {
      let product = Product(m, n, k)
      var a = [Double](repeating: 0, count: m * k), b = [Double](repeating: 0, count: k * n)
      for i in 0..<m { (a[i * k], a[i * k + k - 1]) = (1e20, 1e-20) }
      for j in 0..<n { (b[j], b[(k - 1) * n + j]) = (1e-20, 1e20) }
      let run = ProductRun(product, Operands<Float>(product, a: a, b: b, start: []))
      for path in Path.supported {
        let values = run.run(path).values
        #expect(values.allSatisfy { abs($0 - 2) <= 0x1p-22 }, "\(product), \(path): \(values[0])")
      }
    }
  }

  /// Infinities and NaNs of any payload reach the same elements on every path, as the same kind of number.
  @Test(arguments: [
    Float.infinity, -.infinity, Float(bitPattern: 0x7fff_ffff), Float(bitPattern: 0xffbf_ffff),
    Float(bitPattern: 0x7f80_0001), .nan, 3.4e38,
  ])
  func carriesInfinitiesAndNaNs(number: Float) {
    for (index, (m, n, k)) in Self.shapes.enumerated() {
      for place in 0..<6 {
        var product = Product(m, n, k)
        product.start = place == 2 ? .matrix : .none
        (product.transposeA, product.transposeB) = (place % 2 == 1, index % 2 == 1)
        var operands = Operands<Float>(product, seed: index + 10 * place)
        switch place {
        case 0: operands.a[(m - 1) * k + k - 1] = number
        case 1: operands.b[n - 1] = number
        case 2: operands.start[n + 1] = number
        case 3:  // opposite signs in one row
          (operands.a[k], operands.a[k + k / 2]) = (number, -number)
        case 4:  // met by 0
          operands.a[0] = number
          for j in 0..<n { operands.b[j] = 0 }
        default:  // in the middle of every operand
          operands.a[m / 2 * k + k / 2] = number
          operands.b[k / 2 * n + n / 2] = number
        }
        checkKinds(product, operands, "\(number), place \(place)")
      }
    }
  }

  private func checkKinds(_ product: Product, _ operands: Operands<Float>, _ name: String) {
    let run = ProductRun(product, operands)
    var expected: [Float]?
    for path in paths(product) {
      let values = run.run(path).values
      guard let first = expected else {
        expected = values
        continue
      }
      let difference = values.indices.first { place in
        let (x, y) = (values[place], first[place])
        return x.isNaN != y.isNaN || x.isInfinite != y.isInfinite || (x.isInfinite && x != y)
      }
      #expect(
        difference == nil, "\(name), \(product), \(path): element \(difference ?? -1) differs")
      if path != .amx || !product.mayUseAMX {
        #expect(firstDifference(values, first) == nil, "\(name), \(product), \(path): bits differ")
      }
    }
  }
}
