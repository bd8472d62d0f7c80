import Testing

import Backprop
import BackpropCore

@Suite struct BatchesTests {
  private let data = try! Dataset(
    name: "d", inputs: Tensor((0..<10).map(Float.init), shape: [10, 1]),
    targets: Tensor(zeros: [10, 1]))

  @Test func inOrderWithoutAKey() {
    let batches = data.batches(of: 4)
    #expect(batches.map(\.count) == [4, 4, 2])
    #expect(batches.flatMap(\.indices) == Array(0..<10))
    #expect(batches[1].samples().inputs == Tensor([4, 5, 6, 7] as [Float], shape: [4, 1]))
    #expect(batches.count == 3)
    #expect(data.batches(of: 5).map(\.count) == [5, 5])
    #expect(data.batches(of: 100).map(\.count) == [10])
  }

  @Test func everyEpochHasItsOwnOrder() {
    let key = RandomKey(42)
    let first = data.batches(of: 3, key: key, epoch: 0),
      second = data.batches(of: 3, key: key, epoch: 1)
    #expect(first.order.sorted() == Array(0..<10))
    #expect(first.order != second.order)
    #expect(first.order == data.batches(of: 7, key: key, epoch: 0).order)
    #expect(first.order.map { Int($0) } == key.folded("shuffle").folded(0).permutation(10))
    #expect(first.flatMap(\.indices) == first.order)
    #expect(
      first[3].samples().inputs.array(of: Float.self) == first.order.suffix(1).map { Float($0) })
  }
}
