import BackpropCore
import Testing

@testable import Backprop

/// Explanations of networks with each of the layers for sequences and images.
@Suite struct SequenceExplanationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: Shape
    let layers: [(name: String, layer: any Layer)]
    var testDescription: String { name }

    init(_ name: String, _ shape: Shape, _ layers: any Layer...) {
      (self.name, self.shape) = (name, shape)
      self.layers = layers.enumerated().map { ("inner\($0.offset)", $0.element) }
    }
  }

  static let cases = [
    Case("layer norm", [4], Dense(4), LayerNorm(), Activation.tanh),
    Case("rms norm", [3], Dense(4), RMSNorm()),
    Case("group norm", [2, 2, 3], Dense(4), GroupNorm(2)),
    Case("instance norm", [3, 2], Dense(3), InstanceNorm()),
    Case("batch norm", [2, 2, 3], BatchNorm()), Case("dropout", [3, 4], ChannelDropout(0.4)),
    Case("learned", [3, 2], LearnedPositions(4)), Case("fixed", [3, 2], SinusoidalPositions()),
    Case("rnn", [3, 2], Recurrent(.rnn, 3)),
    Case("lstm", [3, 2], Recurrent(.lstm, 2, layers: 2, isBidirectional: true, dropout: 0.3)),
    Case("gru", [3, 2], Recurrent(.gru, 3, output: .last)),
    Case("attention", [3, 4], MultiHeadAttention(heads: 2, isCausal: true, rotary: .halves)),
    Case(
      "block", [2, 4], TransformerEncoderBlock(heads: 2, hidden: 3, activation: .gelu, dropout: 0.2)
    ),
    Case(
      "residual", [3],
      Residual([("a", Dense(3)), ("b", Activation.tanh)]), Dense(2), Activation.sigmoid),
    Case("parallel", [3], Parallel([("a", Dense(2)), ("b", Dense(3))]), Activation.tanh),
  ]

  private func expectWhole(_ explanation: Explanation) throws {
    #expect(!explanation.checks.isEmpty)
    for check in explanation.checks { #expect(check.error < 1e-6, "\(check)") }
    let folder = try TemporaryFolder()
    let json = try explanation.json(ExplanationView())
    let file = try folder.file("e.json", Array(json.text().utf8))
    let report = try explanation.verify(contentsOf: file)
    #expect(report.isRight, "\(report.lines)")
    for format in ExplanationFormat.allCases {
      #expect(try explanation.rendered(as: format).isEmpty == false)
    }
  }

  @Test(arguments: cases, [1, 2])
  func everyLayerIsExplained(_ sample: Case, _ samples: Int) throws {
    guard sample.name != "batch norm" || samples > 1 else { return }
    let network = Sequential(sample.layers + [("output", Dense(2))])
    let shape = try network.outputShape(.float(sample.shape))
    let targets = Shape(Array(shape.sizes.dropFirst()))
    let step = try TrainingStep(
      network, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1),
      input: .float(sample.shape), target: .values(targets), precision: .float64)
    let data = try Dataset(
      name: "random",
      inputs: Tensor(
        someNumbers(samples * sample.shape.count), shape: Shape([samples] + sample.shape.sizes)),
      targets: Tensor(
        someNumbers(samples * targets.count, seed: 5), shape: [samples, targets.count]))
    let explanation = try step.explain(
      step.initialState(seed: 3), data.whole, includesJacobian: true)
    try expectWhole(explanation)
    // Batch normalisation alone couples samples.
    #expect((explanation.coupling == nil) == (sample.name != "batch norm"))
  }

  @Test(arguments: ["transformer", "lstm"])
  func indicesAndPositionsAreExplained(_ name: String) throws {
    let step = try SequenceTask.step(SequenceTask.network(name))
    let state = try step.initialState(seed: 3)
    let data = try SequenceTask.data(2)
    let explanation = try step.explain(state, data.whole, includesJacobian: true)
    try expectWhole(explanation)
    #expect(explanation.coupling == nil)
    #expect(explanation["tokens"].input.shape == [2, SequenceTask.time])
  }
}
