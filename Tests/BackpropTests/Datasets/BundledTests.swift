import Foundation
import Testing

import Backprop
import BackpropCore

@Suite struct BundledTests {
  @Test func digits() throws {
    let digits = try Dataset.digits()
    #expect(digits.inputs.shape == [1797, 64])
    #expect(digits.inputs.scalarType == .uint8)
    #expect(digits.classCount == 10)
    #expect(digits.inputs.array(of: UInt8.self).max() == 16)
    #expect(
      digits.targets.array(of: Int32.self).prefix(12) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    // The sum of all pixels, as scikit-learn's load_digits().data.sum() has it.
    #expect(digits.inputs.array(of: Double.self).reduce(0, +) == 561_718)
    #expect(digits.scaledInputs().array(of: Float.self).max() == 1)
  }

  @Test func iris() throws {
    let iris = try Dataset.iris()
    #expect(iris.inputs.shape == [150, 4])
    #expect(iris.classNames == ["setosa", "versicolor", "virginica"])
    #expect(iris[0..<1].inputs == Tensor([5.1, 3.5, 1.4, 0.2] as [Float], shape: [1, 4]))
    #expect(iris.targets.array(of: Int32.self) == (0..<150).map { Int32($0 / 50) })
  }

  @Test(
    .enabled(if: SharedData.isThere, "no data: set BACKPROP_DATA"), arguments: ["digits", "iris"])
  func equalsTheTable(_ name: String) throws {
    let folder = try #require(SharedData.path)
    let table = try String(contentsOfFile: "\(folder)/tables/\(name).csv", encoding: .utf8)
    let data = try name == "iris" ? Dataset.iris() : Dataset.digits()
    let lines = table.split(whereSeparator: \.isNewline).dropFirst()
    #expect(lines.count == data.count)
    let inputs = data.inputs.array(of: Float.self), classes = data.targets.array(of: Int32.self)
    for (row, line) in lines.enumerated() {
      let fields = line.split(separator: ",")
      let start = row * data.featureCount
      #expect(
        fields.dropLast().map { Float($0) }
          == inputs[start..<(start + data.featureCount)].map { $0 })
      #expect(data.classNames?[Int(classes[row])] == fields.last.map { String($0) })
    }
  }

  @Test func xor() throws {
    let xor = try DataSplit.xor()
    for part in [xor.training, xor.validation, xor.test] {
      #expect(part.count == 4)
      let x = part.inputs.array(of: Int32.self)
      #expect(part.targets.array(of: Int32.self) == (0..<4).map { x[2 * $0] ^ x[2 * $0 + 1] })
    }
  }
}
