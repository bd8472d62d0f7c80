import CBackpropKernels
import Testing

/// Rows of a data set, converted and scaled: the best path must give what the stated formula gives.
@Suite struct RowTests {
  static let widths = [1, 3, 16, 17, 63, 784]

  @Test(arguments: widths) func convertsAndScales(width: Int) {
    var random = RandomNumbers(width)
    let count = 9 * width
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    let integers = (0..<count).map { _ in Int32.random(in: .min ... .max, using: &random) }
    let floats = (0..<count).map { _ in Float(random.normal() * 1e3) }
    let doubles = (0..<count).map { _ in random.normal() * 1e3 }
    check(bytes, BP_SOURCE_UINT8, width, { Float($0) }, { Double($0) })
    check(integers, BP_SOURCE_INT32, width, { Float($0) }, { Double($0) })
    check(floats, BP_SOURCE_FLOAT32, width, { $0 }, { Double($0) })
    check(doubles, BP_SOURCE_FLOAT64, width, { Float($0) }, { $0 })
  }

  private func check<S>(
    _ source: [S], _ type: bp_source, _ width: Int, _ toFloat: (S) -> Float,
    _ toDouble: (S) -> Double
  ) {
    check(source, type, width, toFloat)
    check(source, type, width, toDouble)
  }

  private func check<S, T: Real>(
    _ source: [S], _ type: bp_source, _ width: Int, _ convert: (S) -> T
  ) {
    let order: [Int32] = [8, 0, 3, 3, 7, 1], size = MemoryLayout<T>.stride
    var random = RandomNumbers(width)
    let offset = (0..<width).map { _ in Float(random.normal()) }
    let scale = (0..<width).map { _ in Float(random.uniform()) + 0.1 }
    let rows = GuardedMemory(
      byteCount: source.count * MemoryLayout<S>.stride, slack: Int(BP_SLACK),
      fill: GuardedMemory.poison)
    rows.write(source[...], rows: 1, pitch: 0)
    let results = GuardedMemory(
      byteCount: order.count * width * size, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    for scaling in ["none", "one", "columns"] {
      for isOrdered in [false, true] {
        bp_rows_to_real(
          T.code, type, rows.address, Int64(width), isOrdered ? order : nil, 2,
          Int64(order.count), scaling == "none" ? nil : offset, scaling == "none" ? nil : scale,
          scaling == "columns" ? 1 : 0, results.address)
        var expected: [T] = []
        for i in order.indices {
          let row = isOrdered ? Int(order[i]) : 2 + i
          for j in 0..<width {
            let x = convert(source[row * width + j])
            let place = scaling == "columns" ? j : 0
            expected.append(
              scaling == "none" ? x : (x - T(offset[place])) * T(scale[place]))
          }
        }
        let got = results.take(T.self, rows: 1, width: order.count * width, pitch: 0)
        #expect(
          sameBits(got, expected),
          "\(S.self) to \(T.self), width \(width), scaling \(scaling), ordered \(isOrdered)")
        #expect(results.strayCount == 0, "\(S.self) to \(T.self), width \(width): writes outside")
      }
    }
  }

  @Test(arguments: widths) func copiesIntegers(width: Int) {
    let source = (0..<Int32(9 * width)).map { $0 &* 77_777_777 }, order: [Int32] = [8, 0, 3, 3]
    let results = GuardedMemory(
      byteCount: 4 * width * 4, slack: Int(BP_SLACK), fill: GuardedMemory.canary)
    for isOrdered in [false, true] {
      bp_rows_to_int32(
        source, Int64(width), isOrdered ? order : nil, 5, 4,
        results.address.assumingMemoryBound(to: Int32.self))
      let expected = (0..<4).flatMap { i in
        let row = isOrdered ? Int(order[i]) : 5 + i
        return source[row * width..<(row + 1) * width]
      }
      #expect(results.take(Int32.self, rows: 1, width: 4 * width, pitch: 0) == expected)
      #expect(results.strayCount == 0)
    }
  }
}
