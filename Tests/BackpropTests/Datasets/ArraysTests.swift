import Testing

import Backprop
import BackpropCore

@Suite struct ArraysTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/data.npz" }

  init() throws { folder = try TemporaryFolder() }

  private func data(
    _ arrays: [String: Tensor], _ kind: ArrayTargets? = nil, classNames: [String]? = nil
  ) throws -> Dataset {
    try NPZ.write(arrays, to: path)
    return try Dataset(npz: path, name: "d", targetKind: kind, classNames: classNames)
  }

  private func text(_ arrays: [String: Tensor], _ kind: ArrayTargets? = nil) -> String? {
    message { _ = try data(arrays, kind) }
  }

  private static let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])
  private static let y = Tensor([0, 2, 1] as [Int32])

  @Test func readsTwoFiles() throws {
    let inputs = folder.path + "/in.npy", targets = folder.path + "/out.npy"
    try NPY.write(Self.x, to: inputs)
    try NPY.write(Self.y, to: targets)
    let data = try Dataset(inputs: inputs, targets: targets, classNames: ["a", "b", "c"])
    #expect(data.inputs == Self.x && data.targets == Self.y)
    #expect(data.name == inputs && data.classNames == ["a", "b", "c"])
    #expect(
      message { _ = try Dataset(inputs: inputs, targets: folder.path + "/no.npy") }
        == "cannot read \(folder.path)/no.npy: No such file or directory")
  }

  @Test(arguments: [("x", "y"), ("X", "y"), ("inputs", "targets"), ("data", "target")])
  func findsItsArrays(_ inputs: String, _ targets: String) throws {
    let data = try data([inputs: Self.x, targets: Self.y, "other": Tensor([1] as [UInt8])])
    #expect(data.inputs == Self.x && data.targets == Self.y && data.classCount == 3)
  }

  @Test func takesTheFirstPair() throws {
    let other = Tensor([9, 9, 9] as [Float], shape: [3, 1])
    #expect(try data(["X": Self.x, "x": other, "y": Self.y]).inputs == other)
    #expect(try data(["x": other, "data": Self.x, "target": Self.y]).inputs == Self.x)
  }

  @Test func namesTheArraysThatAreThere() {
    let expected =
      "\(path): expected arrays named x and y, X and y, inputs and targets, "
      + "data and target, found "
    #expect(text(["x": Self.x, "labels": Self.y]) == expected + "'labels', 'x'")
    #expect(text([:]) == expected + "no array")
  }

  @Test func targetsAreWhatTheirTypeSays() throws {
    let classes: [Tensor] = [
      Tensor([0, 1, 1] as [UInt8]), Tensor([false, true, true]),
      Tensor([0, 1, 1] as [Int32], shape: [3, 1]),
    ]
    for targets in classes {
      let data = try data(["x": Self.x, "y": targets])
      #expect(data.targets == Tensor([0, 1, 1] as [Int32]) && data.classCount == 2)
    }
    let values = try data(["x": Self.x, "y": Tensor([0, 1, 1] as [Float])])
    #expect(values.targets == Tensor([0, 1, 1] as [Float], shape: [3, 1]))
    #expect(values.classCount == nil)
    let several = try data([
      "x": Self.x, "y": Tensor([0, 1, 1, 0, 5, 7] as [Int32], shape: [3, 2]),
    ])
    #expect(several.targets == Tensor([0, 1, 1, 0, 5, 7] as [Float], shape: [3, 2]))
    #expect(
      try data(["x": Self.x, "y": Tensor([0.5, 1, 2] as [Double])]).targets.scalarType == .float64)
  }

  @Test func targetsAreWhatTheCallerSays() throws {
    let whole = Tensor([0, 2, 1] as [Double])
    #expect(try data(["x": Self.x, "y": whole], .classes).targets == Self.y)
    #expect(
      try data(["x": Self.x, "y": Self.y], .values).targets
        == Tensor([0, 2, 1] as [Float], shape: [3, 1]))
    #expect(
      text(["x": Self.x, "y": Tensor([0, 1.5, 1] as [Float])], .classes)
        == "d: row 1: target 1.5 is not a class: not a whole number")
    #expect(
      text(["x": Self.x, "y": Tensor([0, .nan, 1] as [Float])], .classes)
        == "d: row 1: target nan is not a class: not a whole number")
    #expect(
      text(["x": Self.x, "y": Tensor(zeros: [3, 2], scalarType: .int32)], .classes)
        == "d: targets are [3, 2]; classes are one a sample: [n] or [n, 1]")
    let large = Tensor([0, 52_000, 1] as [Int32])
    #expect(
      text(["x": Self.x, "y": large])
        == "d: row 1: target 52000 in 3 samples: say whether targets are classes or values")
    #expect(try data(["x": Self.x, "y": large], .classes).classCount == 52_001)
  }

  @Test func inputsBecomeRowsOfFeatures() throws {
    let column = try data(["x": Tensor([1, 2, 3] as [Double]), "y": Self.y])
    #expect(column.inputs.shape == [3, 1] && column.featureCount == 1)
    let flags = try data(["x": Tensor([true, false, true], shape: [3, 1]), "y": Self.y])
    #expect(flags.inputs == Tensor([1, 0, 1] as [UInt8], shape: [3, 1]))
  }

  @Test func refusesWhatDoesNotFit() {
    #expect(
      text(["x": Self.x, "y": Tensor([0, 1] as [Int32])])
        == "d: 3 inputs and 2 targets: the counts must be equal")
    #expect(
      text(["x": Self.x, "y": Tensor([1] as [Int32], shape: [])])
        == "d: targets are [], not [n] or [n, k]")
    #expect(
      text(["x": Tensor([1] as [Float], shape: []), "y": Self.y])
        == "d: inputs [] and targets [3] have no axis of samples")
    #expect(
      text(["x": Self.x, "y": Tensor([0, -1, 1] as [Int32])])
        == "d: row 1: class -1 is not one of 0 ..< 2")
    #expect(
      text(["x": Tensor([1, .nan, 3] as [Float]), "y": Self.y])
        == "d: row 1: column 0: input nan is not a finite number")
    #expect(
      text(["x": Tensor(zeros: [0, 2]), "y": Tensor(zeros: [0], scalarType: .int32)])
        == "d: empty: inputs [0, 2], targets [0]")
    #expect(
      text(["x": Tensor(zeros: [0, 2]), "y": Tensor(zeros: [0, 1], scalarType: .int32)])
        == "d: empty: inputs [0, 2], targets [0]")
  }
}
