import BackpropCore
import Testing

@testable import Backprop

@Suite struct LayerStatisticsTests {
  private func step(_ precision: ScalarType = .float32) throws -> TrainingStep {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "64-16-10 relu identity"))
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: Adam(), input: .float([64]),
      target: .classes(10), precision: precision)
  }

  @Test func `measuring changes no bit`() throws {
    let data = try Dataset.digits().split(key: RandomKey(1))
    let plain = try Trainer(step()).fit(data, epochs: 2, batchSize: 50, seed: 4)
    for every in [1, 3, 1000] {
      var reports: [LayerReport] = []
      let measured = try Trainer(step()).fit(
        data, epochs: 2, batchSize: 50, seed: 4, explainEvery: every,
        onEvent: { if case .layers(let report) = $0 { reports.append(report) } })
      #expect(measured.lastState == plain.lastState)
      #expect(reports.count == plain.lastState.step / every)
      #expect(reports.map(\.step) == (0..<reports.count).map { ($0 + 1) * every })
      #expect(reports.allSatisfy { $0.layers.map(\.name) == ["hidden", "output"] })
    }
  }

  @Test func `the numbers are those of the step`() throws {
    let step = try step(.float64)
    let data = try Dataset.digits()[0..<20]
    var state = try step.initialState(seed: 2)
    let explanation = try step.explain(state, data.whole, checks: false)
    var recorder = try LayerRecorder(step, data, batchSize: 20, every: 1)
    _ = try recorder.run(step, &state, data.whole)
    let report = try #require(recorder.takeReports(epoch: 1).first)
    for (found, layer) in zip(report.layers, explanation.layers) {
      let close = Tolerance(relative: 1e-9)
      let a = layer.activation.array(of: Double.self)
      let norm = MatrixBlock.norm(a) / Double(a.count).squareRoot()
      expectClose(found.activationNorm, norm, close)
      let gradient = layer.parameters.flatMap { $0.gradient.array(of: Double.self) }
      expectClose(found.gradientNorm, MatrixBlock.norm(gradient), close)
      let (old, new) = (
        layer.parameters.flatMap { $0.value.array(of: Double.self) },
        layer.parameters.flatMap { $0.next.array(of: Double.self) }
      )
      let change = MatrixBlock.norm(zip(new, old).map { $0 - $1 }) / MatrixBlock.norm(old)
      expectClose(found.updateRatio, change, close)
      let errors = layer.adjoint.array(of: Double.self)
      let units = layer.adjoint.shape.last
      let dead = (0..<units).count { unit in
        stride(from: unit, to: errors.count, by: units).allSatisfy { errors[$0] == 0 }
      }
      #expect(found.deadUnits == dead)
    }
  }

  @Test func `a network whose units died shows them`() throws {
    let step = try step()
    let data = try Dataset.digits()[0..<20]
    var state = try step.initialState(seed: 2)
    try state.set("hidden.bias", to: Tensor([Float](repeating: -1000, count: 16), shape: [16]))
    var recorder = try LayerRecorder(step, data, batchSize: 20, every: 1)
    _ = try recorder.run(step, &state, data.whole)
    let report = try #require(recorder.takeReports(epoch: 1).first)
    #expect(report.layers[0].deadUnits == 16 && report.layers[0].gradientNorm == 0)
    #expect(report.layers[0].updateRatio == 0)
  }
}
