import Foundation
import Testing

import Backprop
import BackpropCore

@Suite struct ScalingTests {
  @Test func standardisesEachFeature() throws {
    // Columns 1, 3, 5 (mean 3, deviation √(8/3)), constant 0.1, and 0, 0, 3 (mean 1, deviation √2).
    let data = try Dataset(
      name: "d", inputs: Tensor([1, 0.1, 0, 3, 0.1, 0, 5, 0.1, 3] as [Float], shape: [3, 3]),
      targets: Tensor(zeros: [3, 1]))
    let scaling = Scaling.standard(fittedTo: data)
    #expect(scaling.offset == [3, 0.1, 1])
    #expect(scaling.scale == [Float((3.0 / 8).squareRoot()), 1, Float(0.5.squareRoot())])
    let scaled = try data.scaled(by: scaling)
    #expect(scaled.inputs == data.inputs)
    let x = scaled.scaledInputs().array(of: Float.self)
    #expect([x[1], x[4], x[7]] == [0, 0, 0])
    #expect(abs(x[0] + x[3] + x[6]) < 1e-6)
    #expect(abs(x[2] * x[2] + x[5] * x[5] + x[8] * x[8] - 3) < 1e-5)
    // Fitted to the raw inputs, whatever is recorded.
    #expect(Scaling.standard(fittedTo: scaled) == scaling)
    #expect(try data.scaled(by: .unit(2)).scaledInputs().array(of: Float.self)[6] == 2.5)
  }

  @Test func bytesBecomeNumbers() throws {
    let data = try Dataset(
      name: "d", inputs: Tensor([0, 51, 255] as [UInt8], shape: [3, 1]),
      targets: Tensor(zeros: [3, 1]))
    #expect(data.scaledInputs() == Tensor([0, 51, 255] as [Float], shape: [3, 1]))
    let unit = try data.scaled(by: .unit(255)).scaledInputs().array(of: Float.self)
    #expect(unit == [0, 51 * Float(1.0 / 255), 1])
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(
      message { _ = try Scaling(offset: [], scale: []) }
        == "scaling: 0 offsets and 0 scales are not as many of each, one or more")
    #expect(
      message { _ = try Scaling(offset: [0], scale: [1, 2]) }
        == "scaling: 1 offsets and 2 scales are not as many of each, one or more")
    #expect(
      message { _ = try Scaling(offset: [0, 1], scale: [1, .infinity]) }
        == "scaling: column 1: offset 1.0 and scale inf are not both finite")
    let data = try DataSplit.xor().training
    #expect(
      message { _ = try data.scaled(by: Scaling(offset: [0, 0, 0], scale: [1, 1, 1])) }
        == "xor: a scaling of 3 features cannot scale inputs of 2")
  }

  @Test func comesBackFromJSON() throws {
    let scaling = try Scaling(offset: [0.1, 2], scale: [1 / 3, 4])
    let data = try JSONEncoder().encode(scaling)
    #expect(try JSONDecoder().decode(Scaling.self, from: data) == scaling)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Scaling.self, from: Data(#"{"offset": [1], "scale": []}"#.utf8))
    }
  }
}
