import CBackpropKernels

/// Numbers that products have trouble with.
enum ValueFamily: String, CaseIterable, Sendable {
  case normal, positive, wideRange, rectified1e6, rectified1e30, smallSquares, tinyTimesNormal
  case opposite, mixedInRow, tinyRows, denormals, denormalsTimesLarge, greatest, aboutLimit

  /// A [m, k], B [k, n] and start [m, n].
  func operands(_ product: Product, seed: Int) -> Operands<Float> {
    let (m, n, k) = (product.m, product.n, product.k)
    var random = RandomNumbers(seed)
    var a = random.normals(m * k), b = random.normals(k * n)
    var start = random.normals(Operands<Float>.startCount(product))
    func scale(_ numbers: inout [Double], _ factor: Double) {
      for place in numbers.indices { numbers[place] *= factor }
    }
    func rectify(_ numbers: inout [Double]) {
      for place in numbers.indices { numbers[place] = max(numbers[place], 0) }
    }
    switch self {
    case .normal: break
    case .positive:
      for place in a.indices { a[place] = random.uniform() }
      for place in b.indices { b[place] = random.uniform() }
    case .wideRange:
      for place in a.indices { a[place] = random.normal() * exponential(3 * random.normal()) }
      for place in b.indices { b[place] = random.normal() * exponential(3 * random.normal()) }
    case .rectified1e6, .rectified1e30:
      rectify(&a)
      let factor = self == .rectified1e6 ? 1e-6 : 1e-30
      scale(&b, factor)
      scale(&start, factor)
    case .smallSquares:
      scale(&a, 1e-19)
      scale(&b, 1e-19)
      scale(&start, 1e-38)
    case .tinyTimesNormal:
      scale(&a, 1e-36)
      scale(&start, 1e-36)
    case .opposite:
      scale(&a, 1e30)
      scale(&b, 1e-30)
    case .mixedInRow:
      for i in 0..<m { for step in 0..<k { a[i * k + step] *= step % 2 == 0 ? 1e20 : 1e-20 } }
      for step in 0..<k { for j in 0..<n { b[step * n + j] *= step % 2 == 0 ? 1e-20 : 1e20 } }
    case .tinyRows:
      for i in 0..<m { for step in 0..<k { a[i * k + step] *= i % 2 == 0 ? 1e-37 : 1e3 } }
      for place in start.indices { start[place] *= place / n % 2 == 0 ? 1e-37 : 1e3 }
    case .denormals:
      scale(&a, 1e-40)
      scale(&start, 1e-41)
    case .denormalsTimesLarge:
      scale(&a, 1e-41)
      scale(&b, 0x1p31)
      scale(&start, 1e-32)
    case .greatest:
      // Mostly small, with numbers near the greatest float32 here and there.
      scale(&a, 1e-3)
      scale(&b, 1e-3)
      for place in stride(from: 3, to: a.count, by: 97) {
        a[place] = place % 2 == 0 ? 3.4e38 : -3.4e38
      }
      for place in stride(from: 5, to: b.count, by: 101) { b[place] = 3.4e38 * random.uniform() }
    case .aboutLimit:
      // 2³⁴ is where blocks leave AMX. The first 32 rows and columns stay below, the others reach it here and there.
      scale(&a, 0x1p31)
      scale(&b, 0x1p31)
      for i in stride(from: 32, to: m, by: 3) {
        a[i * k + i % k] = [0x1p34, 0x1.fffffep33, -0x1p34, -0x1.fe7ffep33][i % 4]
      }
      for j in stride(from: 33, to: n, by: 2) {
        b[j % k * n + j] = j % 4 == 1 ? 0x1.fffffep33 : 0x1p35
      }
    }
    return Operands(product, a: a, b: b, start: start)
  }
}
