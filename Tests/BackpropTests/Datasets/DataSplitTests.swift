import Testing

import Backprop
import BackpropCore

@Suite struct DataSplitTests {
  private func classes(_ counts: [Int]) throws -> Dataset {
    let targets = counts.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) }
    return try Dataset(
      name: "d", inputs: Tensor(targets.indices.map { Float($0) }, shape: [targets.count, 1]),
      targets: Tensor(targets))
  }

  private func histogram(_ data: Dataset) -> [Int] {
    let classes = data.targets.array(of: Int32.self)
    return (0..<(data.classCount ?? 0)).map { index in classes.count { $0 == Int32(index) } }
  }

  @Test func stratifiedPartsHaveTheClassesInProportion() throws {
    let split = try Dataset.iris().split(key: RandomKey(1))
    #expect(histogram(split.training) == [35, 35, 35])
    #expect(histogram(split.validation) == [5, 5, 5])
    #expect(histogram(split.test) == [10, 10, 10])
  }

  @Test func roundsByTheLargestRemainderAndLeavesNoPartEmpty() throws {
    // Shares of 7: 4.9, 0.7, 1.4 → 5, 1, 1. Of 3: 2.1, 0.3, 0.6 → 2, 0, 1 → 1, 1, 1. Of 13: 9.1,
    // 1.3, 2.6 → 9, 1, 3.
    let split = try classes([7, 3, 13]).split(key: RandomKey(1))
    #expect(histogram(split.training) == [5, 1, 9])
    #expect(histogram(split.validation) == [1, 1, 1])
    #expect(histogram(split.test) == [1, 1, 3])
  }

  @Test func everySampleIsInOnePart() throws {
    for seed in 0..<20 {
      let data = try classes([5, 9, 4])
      let key = RandomKey(UInt64(seed))
      for stratified in [true, false] {
        let split = try data.split(validation: 0.25, test: 0.3, key: key, stratified: stratified)
        let parts = [split.training, split.validation, split.test]
        #expect(parts.flatMap { $0.inputs.array(of: Int32.self) }.sorted() == Array(0..<18))
        #expect(parts.map(\.count).allSatisfy { $0 > 0 })
        let again = try data.split(validation: 0.25, test: 0.3, key: key, stratified: stratified)
        #expect(again.test.inputs == split.test.inputs)
      }
    }
  }

  @Test func theKeyDecidesTheOrder() throws {
    let data = try classes([30, 30])
    let a = try data.split(key: RandomKey(1)), b = try data.split(key: RandomKey(2))
    #expect(a.training.inputs != b.training.inputs)
    let order = a.training.inputs.array(of: Float.self)
    #expect(order != order.sorted())
  }

  @Test func valuesAreCutAsAWhole() throws {
    let data = try Dataset(
      name: "d", inputs: Tensor(zeros: [11, 2]), targets: Tensor(zeros: [11, 1]))
    let split = try data.split(key: RandomKey(1))
    // Shares 7.7, 1.1, 2.2.
    #expect([split.training.count, split.validation.count, split.test.count] == [8, 1, 2])
    #expect(
      message { _ = try data.split(key: RandomKey(1), stratified: true) }
        == "d: targets are values, so there are no classes to stratify by")
  }

  @Test func refusesWhatCannotBeCut() throws {
    let key = RandomKey(1)
    #expect(
      message { _ = try classes([5, 2]).split(key: key) }
        == "d: class 1 has only 2 samples, too few for three parts")
    let named = try Dataset(
      name: "d", inputs: Tensor(zeros: [4, 1]), targets: Tensor([0, 0, 0, 1] as [Int32]),
      classNames: ["cat", "dog", "never seen"])
    #expect(
      message { _ = try named.split(key: key) }
        == "d: class 1 'dog' has only 1 sample, too few for three parts")
    #expect(try named.split(key: key, stratified: false).training.count == 2)
    #expect(
      message { _ = try classes([2]).split(key: key, stratified: false) }
        == "d: there are only 2 samples, too few for three parts")
    for (validation, test) in [(0, 0.2), (0.1, 0), (0.5, 0.5), (-0.1, 0.2), (0.1, .nan)] {
      #expect(
        message { _ = try classes([9]).split(validation: validation, test: test, key: key) }
          == "d: fractions \(validation) for validation and \(test) for test: "
          + "both must be above 0 and leave something for training")
    }
  }

  @Test func partsMustFitEachOther() throws {
    let a = try classes([2, 2]), b = try classes([2, 2, 2])
    #expect(
      message { _ = try DataSplit(training: a, validation: a, test: b) }
        == "d: the test part has features [1] and 3 classes, the training part features [1] and 2 classes"
    )
    let scaled = try a.scaled(by: .unit(2))
    #expect(
      message { _ = try DataSplit(training: a, validation: scaled, test: a) }
        == "d: the validation part has other names of classes or another scaling than the training part"
    )
    let split = try DataSplit(training: a, validation: a, test: a).scaled(by: .unit(2))
    #expect(split.test.scaling == .unit(2))
  }
}
