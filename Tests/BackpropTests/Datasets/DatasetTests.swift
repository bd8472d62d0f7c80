import Testing

import Backprop
import BackpropCore

@Suite struct DatasetTests {
  /// Six samples of two features in three classes.
  private static func small() throws -> Dataset {
    try Dataset(
      name: "small", inputs: Tensor((0..<12).map(Float.init), shape: [6, 2]),
      targets: Tensor([0, 1, 2, 0, 1, 2] as [Int32]), classNames: ["a", "b", "c"])
  }

  @Test func knowsItsParts() throws {
    let data = try Self.small()
    #expect(data.count == 6)
    #expect(data.isClassification)
    #expect(data.classCount == 3)
    #expect(data.featureShape == [2])
    #expect(data.featureCount == 2)
    let values = try Dataset(
      name: "v", inputs: Tensor(zeros: [2, 4, 3], scalarType: .uint8),
      targets: Tensor(zeros: [2, 1]))
    #expect(!values.isClassification)
    #expect(values.featureShape == [4, 3])
    let unnamed = try Dataset(
      name: "u", inputs: Tensor(zeros: [2, 1]), targets: Tensor([4, 0] as [Int32]))
    #expect(unnamed.classCount == 5)
  }

  @Test func cutsAndSelects() throws {
    let data = try Self.small()
    let cut = data[2..<4]
    #expect(cut.inputs == Tensor([4, 5, 6, 7] as [Float], shape: [2, 2]))
    #expect(cut.targets == Tensor([2, 0] as [Int32]))
    #expect(cut.classCount == 3)
    #expect(cut[1..<2].inputs == Tensor([6, 7] as [Float], shape: [1, 2]))
    let chosen = cut.selecting([1, 0, 1])
    #expect(chosen.inputs == Tensor([6, 7, 4, 5, 6, 7] as [Float], shape: [3, 2]))
    #expect(chosen.targets == Tensor([0, 2, 0] as [Int32]))
    #expect(chosen.classNames == ["a", "b", "c"])
  }

  @Test func aChangedCopyOfACutLeavesTheRestAlone() throws {
    let data = try Self.small()
    var inputs = data[1..<2].inputs
    inputs.withMutableBytes { $0[0] = 1 }
    #expect(inputs != data[1..<2].inputs)
    #expect(try data.inputs == Self.small().inputs)
  }

  @Test func refusesWhatDoesNotFit() {
    func text(
      _ inputs: Tensor, _ targets: Tensor, _ names: [String]? = nil, _ classes: Int? = nil,
      _ scaling: Scaling? = nil
    ) -> String? {
      message {
        _ = try Dataset(
          name: "d", inputs: inputs, targets: targets, classNames: names, classCount: classes,
          scaling: scaling)
      }
    }
    let two = Tensor(zeros: [2, 1]), classes = Tensor([0, 1] as [Int32])
    #expect(
      text(Tensor(zeros: [2], scalarType: .bool), classes)
        == "d: inputs are bool, not float32, float64, uint8 or int32")
    #expect(
      text(Tensor([1] as [Float], shape: []), classes)
        == "d: inputs [] and targets [2] have no axis of samples")
    #expect(
      text(two, Tensor(zeros: [2]))
        == "d: targets are float32 [2], not classes (int32 [n] or [n, positions…]) or values (float32 or float64 [n, k])"
    )
    #expect(
      text(two, Tensor(zeros: [2, 1], scalarType: .bool))
        == "d: targets are bool [2, 1], not classes (int32 [n] or [n, positions…]) or values (float32 or float64 [n, k])"
    )
    #expect(
      text(Tensor(zeros: [3, 1]), classes) == "d: 3 inputs and 2 targets: the counts must be equal")
    #expect(
      text(Tensor(zeros: [0, 1]), Tensor([] as [Int32])) == "d: empty: inputs [0, 1], targets [0]")
    #expect(text(Tensor(zeros: [2, 0]), classes) == "d: empty: inputs [2, 0], targets [2]")
    #expect(
      text(Tensor([0, 1, .nan, 2] as [Float], shape: [2, 2]), classes)
        == "d: row 1: column 0: input nan is not a finite number")
    #expect(
      text(two, Tensor([0, -.infinity] as [Float], shape: [2, 1]))
        == "d: row 1: column 0: target -inf is not a finite number")
    #expect(text(two, Tensor([0, -1] as [Int32])) == "d: row 1: class -1 is not one of 0 ..< 1")
    #expect(
      text(two, Tensor([2, 0] as [Int32]), ["a", "b"]) == "d: row 0: class 2 is not one of 0 ..< 2")
    #expect(text(two, classes, ["a"], 2) == "d: 1 names for 2 classes")
    #expect(
      text(two, Tensor(zeros: [2, 1]), ["a"])
        == "d: targets are values, so they have no classes or names of classes")
    let three = try? Scaling(offset: [0, 0, 0], scale: [1, 1, 1])
    #expect(
      text(two, classes, nil, nil, three)
        == "d: a scaling of 3 features cannot scale inputs of 1")
  }
}
