import BackpropCore
import Testing

@Suite struct TensorTests {
  @Test func `elements come back in order`() {
    let tensor = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(tensor.scalarType == .float32)
    #expect(tensor.array(of: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(tensor.array(of: Int32.self) == [1, 2, 3, 4, 5, 6])
    #expect(Tensor([7, 8] as [Double]).shape == [2])
    #expect(Tensor([] as [Float]).array(of: Float.self) == [])
    #expect(Tensor([7] as [Int32], shape: []).scalar == 7)
  }

  @Test func `a copy shares memory until one of the two is written to`() {
    let original = Tensor([1, 2, 3] as [Float])
    var copy = original
    #expect(address(of: copy) == address(of: original))
    copy.withMutableBytes { $0.storeBytes(of: Float(9), toByteOffset: 4, as: Float.self) }
    #expect(original.array(of: Float.self) == [1, 2, 3])
    #expect(copy.array(of: Float.self) == [1, 9, 3])
    let first = address(of: copy)
    copy.withMutableBytes { $0.storeBytes(of: Float(8), toByteOffset: 0, as: Float.self) }
    #expect(address(of: copy) == first)
    #expect(copy.array(of: Float.self) == [8, 9, 3])
  }

  @Test func `a reshaped tensor that is written to leaves the original alone`() {
    let original = Tensor([1, 2, 3, 4] as [Float])
    var matrix = original.reshaped(to: [2, 2])
    matrix.withMutableBytes { $0.storeBytes(of: Float(9), as: Float.self) }
    #expect(matrix.shape == [2, 2])
    #expect(original.array(of: Float.self)[0] == 1)
  }

  @Test func `conversions truncate, saturate and round to nearest`() {
    let tensor = Tensor([-2.7, 2.7, 3e9, 300, .nan, 0.1])
    #expect(tensor.converted(to: .int32).array(of: Int32.self) == [-2, 2, .max, 300, 0, 0])
    #expect(tensor.converted(to: .uint8).array(of: UInt8.self) == [0, 2, 255, 255, 0, 0])
    #expect(
      tensor.converted(to: .bool).array(of: Bool.self) == [true, true, true, true, true, true])
    #expect(tensor.converted(to: .float32).array(of: Double.self)[5] == Double(Float(0.1)))
    #expect(Tensor([true, false]).array(of: Double.self) == [1, 0])
  }

  @Test(arguments: [ScalarType.float32, .float64, .int32, .uint8, .bool])
  func `every scalar type keeps 0 and 1`(_ scalarType: ScalarType) {
    let tensor = Tensor([0, 1, 1] as [Double], as: scalarType)
    #expect(tensor.scalarType == scalarType)
    #expect(tensor.withBytes(\.count) == 3 * scalarType.size)
    #expect(tensor.array(of: Double.self) == [0, 1, 1])
    #expect(Tensor(zeros: [3], scalarType: scalarType).array(of: Double.self) == [0, 0, 0])
  }

  @Test func `equality looks at shape, type and elements`() {
    let tensor = Tensor([1, 2] as [Float])
    #expect(tensor == Tensor([1, 2] as [Float]))
    #expect(tensor != Tensor([1, 3] as [Float]))
    #expect(tensor != Tensor([1, 2] as [Double]))
    #expect(tensor != tensor.reshaped(to: [2, 1]))
  }

  @Test func `memory is aligned and the slack behind it is zero`() {
    let tensor = Tensor([1] as [UInt8])
    #expect(address(of: tensor) % Storage.alignment == 0)
    let isZero = tensor.withBytes { bytes in
      let slack = UnsafeRawBufferPointer(
        start: tensor.storage.address + bytes.count, count: Storage.slack)
      return slack.allSatisfy { $0 == 0 }
    }
    #expect(isZero)
  }

  /// Where the elements stand in memory.
  private func address(of tensor: Tensor) -> Int {
    tensor.withBytes { Int(bitPattern: $0.baseAddress) }
  }

  @Test func `numbers become tensors and return`() {
    let numbers = Numbers<Double>([2, 1], [1.5, -2])
    #expect(Numbers<Double>(numbers.tensor(.float32)).values == [1.5, -2])
    #expect(numbers.broadcast(to: [2, 2]) == [1.5, 1.5, -2, -2])
  }
}
