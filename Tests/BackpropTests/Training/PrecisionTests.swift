import BackpropCore
import BackpropExecution
import Foundation
import Testing

@testable import Backprop

/// `bfloat16`: factors of products have 8 bits, everything else stays float32.
@Suite("Precision") struct PrecisionTests {
  private static func step(_ precision: Precision, path: KernelPath = .current) throws
    -> TrainingStep
  {
    var options = precision.options
    options.path = path
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "300-200-64-10 relu identity"))
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.05), input: .float([300]),
      target: .classes(10), precision: precision.scalarType, options: options)
  }

  private static func outputs(_ step: TrainingStep, _ data: Dataset) throws -> [Double] {
    try Model(step: step, state: step.initialState(seed: 4)).predict(data.inputs).array(
      of: Double.self)
  }

  @Test(arguments: KernelPath.supported)
  func `a product is off by no more than its factors`(path: KernelPath) throws {
    let data = try Dataset.random(96, inputs: 300, outputs: 10)
    let exact = try Self.outputs(Self.step(.float64), data)
    let near = try Self.outputs(Self.step(.float32, path: path), data)
    let rounded = try Self.outputs(Self.step(.bfloat16, path: path), data)
    let scale = exact.map(abs).max()!
    let worst = zip(exact, rounded).map { abs($0 - $1) }.max()! / scale
    let worstNear = zip(exact, near).map { abs($0 - $1) }.max()! / scale
    #expect(worst < 0x1p-6 && worst > 20 * worstNear, "\(worst), float32 \(worstNear)")
  }

  @Test func `paths round alike`() throws {
    let data = try Dataset.random(40, inputs: 300, outputs: 10)
    let results = try KernelPath.supported.filter { $0 != .amx }.map {
      try Self.outputs(Self.step(.bfloat16, path: $0), data)
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test func `it learns, and is recorded by name`() throws {
    let step = try Self.step(.bfloat16)
    #expect(step.namedPrecision == .bfloat16 && step.precision == .float32)
    let data = try Dataset.random(256, inputs: 300, outputs: 10)
    var state = try step.initialState(seed: 1)
    let first = try step.run(&state, data.batches(of: 256)[0])
    for _ in 0..<60 { try step.run(&state, data.batches(of: 256)[0]) }
    let last = try step.run(&state, data.batches(of: 256)[0])
    #expect(last < first / 2)
    let other = try Self.step(.float32)
    #expect(other.namedPrecision == .float32)
  }

  @Test func `a file brings the precision back`() throws {
    let step = try Self.step(.bfloat16)
    let model = Model(step: step, state: try step.initialState(seed: 4))
    let data = try Dataset.random(96, inputs: 300, outputs: 10)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try model.save(to: folder.path)
    let read = try Model(contentsOf: folder.path)
    #expect(read.step.namedPrecision == .bfloat16)
    #expect(try read.predict(data.inputs) == model.predict(data.inputs))
  }

  @Test func `predictions of many rows are those of each alone`() throws {
    let step = try Self.step(.float64)
    let model = Model(step: step, state: try step.initialState(seed: 4))
    let data = try Dataset.random(600, inputs: 300, outputs: 10)
    let all = try model.predict(data.inputs).array(of: Double.self)
    for row in [0, 17, 511, 512, 599] {
      let one = try model.predict(data[row..<row + 1].inputs).array(of: Double.self)
      let there = Array(all[row * 10..<row * 10 + 10])
      #expect(zip(one, there).allSatisfy { abs($0 - $1) <= 1e-13 * max(1, abs($1)) })
    }
  }
}
