import Backprop
import BackpropTesting
import Testing

/// A network with random numbers to check it on.
struct CheckCase: Sendable, CustomTestStringConvertible {
  let text: String
  var loss: any Loss = .halfSquaredError
  var bias = Dense.Bias.unit
  var freezesBias = false
  var samples = 5

  var testDescription: String {
    "\(text), \(loss.name), bias \(bias)\(freezesBias ? ", frozen" : "")"
  }

  /// The network alone; a cost that takes classes has them, the others numbers between 0 and 1.
  func step() throws -> (step: TrainingStep, batch: Batch) {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: text), bias: bias, freezesBias: freezesBias,
      biasInitializer: .normal(deviation: 0.3))
    return try step(network, network.specification.sizes.compactMap { $0 })
  }

  func step(_ network: some Layer, _ sizes: [Int]) throws -> (step: TrainingStep, batch: Batch) {
    let (inputs, outputs) = (sizes[0], sizes[sizes.count - 1])
    let isClass = loss.acceptsClassIndices
    let x = Numbers<Double>.random([samples, inputs], in: -1...1, seed: 1).tensor(.float64)
    let y =
      isClass
      ? Tensor((0..<samples).map { Int32($0 * 7 % outputs) })
      : Numbers<Double>.random([samples, outputs], in: 0.05...0.95, seed: 2).tensor(.float64)
    let data = try Dataset(
      name: "random", inputs: x, targets: y, classCount: isClass ? outputs : nil)
    let step = try TrainingStep(
      network, loss: loss, optimizer: SGD(learningRate: 0.5), input: .float([inputs]),
      target: isClass ? .classes(outputs) : .values([outputs]), precision: .float64)
    return (step, data.batches(of: samples)[0])
  }

  /// A network that ends with what a cost takes.
  static func cost(_ name: String) throws -> CheckCase {
    let loss = try Losses.named(name)
    let output =
      switch loss.input {
      case .probabilities: "sigmoid"
      case .logProbabilities: "log-softmax"
      case .values, .logits: "identity"
      }
    return CheckCase(text: "4-5-3 tanh \(output)", loss: loss)
  }

  func check() throws -> GradientReport {
    let (step, batch) = try step()
    return try checkGradients(of: step, step.initialState(seed: 3), batch)
  }
}

@Suite struct CheckGradientsTests {
  @Test(arguments: Activation.allNames.map { CheckCase(text: "4-6-5-3 \($0) identity") })
  func `every activation`(_ network: CheckCase) throws {
    let report = try network.check()
    #expect(report.passed, "\(report)")
    #expect(report.parameters.map(\.compared) == [24, 6, 30, 5, 15, 3])
  }

  @Test(arguments: Losses.allNames)
  func `every cost`(_ name: String) throws {
    let report = try CheckCase.cost(name).check()
    #expect(report.passed, "\(report)")
  }

  @Test(arguments: Dense.Bias.allCases, [false, true])
  func `every bias rule`(_ bias: Dense.Bias, _ freezes: Bool) throws {
    let report = try CheckCase(text: "4-5-3 sigmoid sigmoid", bias: bias, freezesBias: freezes)
      .check()
    #expect(report.passed, "\(report)")
    let hasBiases = bias != .none && !freezes
    #expect(report.parameters.contains { $0.path == "hidden.bias" } == hasBiases)
  }

  /// tanh, with a derivative that is `factor` times the right one.
  private struct NearlyTanh: UnaryOp {
    static let name = "nearly-tanh"
    let factor: Double
    func apply<R: RealNumber>(_ x: R) -> R { .tanh(x) }
    func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
      try g * (1 - y.square()) * factor
    }
    func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.tanh) }
  }
  private struct NearlyRight: Layer {
    let factor: Double
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      let z = try scope("hidden", Dense(6), x)
      return try scope("output", Dense(3), z.builder.add(NearlyTanh(factor: factor), [z]))
    }
  }

  @Test(arguments: [1 + 1e-5, 1 - 1e-5, 1 + 1e-6, -1, 2])
  func `a derivative that is wrong by a factor fails`(_ factor: Double) throws {
    for elements in [2_000, 15] {
      let (step, batch) = try CheckCase(text: "").step(NearlyRight(factor: factor), [4, 3])
      let report = try checkGradients(
        of: step, step.initialState(seed: 3), batch, mode: .automatic(elements: elements))
      #expect(!report.passed, "\(report)")
      let hidden = try #require(report.parameters.first)
      #expect(hidden.path == "hidden.weight")
      #expect(hidden.kind == (elements == 15 ? .directions : .elements))
      #expect((hidden.analytic / hidden.numeric - factor).magnitude < 1e-7)
      #expect(
        report.parameters.filter { $0.path.hasPrefix("output") }.allSatisfy { $0.error <= 1e-7 })
    }
    let (step, batch) = try CheckCase(text: "").step(NearlyRight(factor: 1), [4, 3])
    #expect(try checkGradients(of: step, step.initialState(seed: 3), batch).passed)
  }

  @Test func `arrays beyond the limit are checked along directions`() throws {
    let (step, batch) = try CheckCase(text: "70-40-3 sigmoid identity", loss: .softmaxCrossEntropy)
      .step()
    let report = try checkGradients(of: step, step.initialState(seed: 3), batch)
    #expect(report.passed, "\(report)")
    #expect(report.parameters.map(\.kind) == [.directions, .elements, .elements, .elements])
    #expect(report.parameters.map(\.compared) == [64, 40, 120, 3])
  }

  @Test func `kinks are found and left out`() throws {
    // x = 0 and b = 0: the hidden z are all 0, where relu has no derivative.
    let (step, batch) = try CheckCase(text: "2-3-1 relu identity").step()
    var state = try step.initialState(seed: 3)
    try state.set("hidden.bias", to: Tensor(zeros: [3]))
    let zeros = try Dataset(
      name: "zeros", inputs: Tensor(zeros: [5, 2]), targets: batch.dataset.targets)
    let report = try checkGradients(of: step, state, zeros.batches(of: 5)[0])
    let bias = report.parameters[1]
    #expect(bias.kinks == 3 && bias.compared == 0)
    #expect(report.kinks == 3)
    #expect(!report.passed)
    #expect("\(report)".contains("not compared"))
    // A unit at the kink, the others away from it.
    try state.set("hidden.bias", to: Tensor([0, 0.5, -0.5]))
    let some = try checkGradients(of: step, state, zeros.batches(of: 5)[0])
    #expect(some.parameters[1].kinks == 1 && some.parameters[1].compared == 2)
    #expect(some.passed, "\(some)")
  }

  @Test(arguments: ["relu", "leaky-relu", "elu"])
  func `a kink near by is stepped around`(_ name: String) throws {
    let (step, batch) = try CheckCase(text: "2-3-1 \(name) identity").step()
    var state = try step.initialState(seed: 3)
    // z = 10⁻⁴ on every sample: inside the first step, outside smaller ones.
    try state.set("hidden.bias", to: Tensor([1e-4, 0.5, -0.5]))
    let zeros = try Dataset(
      name: "zeros", inputs: Tensor(zeros: [5, 2]), targets: batch.dataset.targets)
    let report = try checkGradients(of: step, state, zeros.batches(of: 5)[0])
    #expect(report.kinks == 0)
    #expect(report.passed, "\(report)")
  }

  @Test func `dropout and batch normalisation in training mode`() throws {
    let layers = Sequential([
      ("hidden", Dense(8)), ("norm", BatchNorm()), ("activation", Activation.tanh),
      ("dropout", Dropout(0.4)),
      ("output", Dense(3)),
    ])
    let (step, batch) = try CheckCase(text: "", samples: 7).step(layers, [4, 3])
    let report = try checkGradients(of: step, step.initialState(seed: 3), batch)
    #expect(report.passed, "\(report)")
    // The normalisation cancels the bias before it: its gradient is 0 but for rounding.
    let bias = try #require(report.parameters.first { $0.path == "hidden.bias" })
    #expect(bias.error == 0 && bias.analytic.magnitude < 1e-15)
  }

  @Test func `a float32 step is checked in float64`() throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "4-5-3 sigmoid sigmoid"))
    let (_, batch) = try CheckCase(text: "4-5-3 sigmoid sigmoid").step()
    let step = try TrainingStep(
      network, loss: .halfSquaredError, optimizer: Adam(), input: .float([4]), target: .values([3]))
    let report = try checkGradients(of: step, step.initialState(seed: 3), batch)
    #expect(report.passed, "\(report)")
    #expect(step.compiledPlans == 0)
  }

  @Test func `the table`() throws {
    let report = try CheckCase(text: "2-1 sigmoid", bias: .layer, samples: 1).check()
    let lines = "\(report)".split(separator: "\n")
    try #require(lines.count == 3)
    let words = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(
      words[0].joined(separator: " ")
        == "parameter checked kinks worst error at backpropagation differences ± suspicion")
    #expect(words[1].prefix(3) == ["output.weight", "2", "0"])
    #expect(words[2].prefix(3) == ["output.bias", "1", "0"] && words[2][4] == "[0]")
    #expect(
      words[2][5...6].compactMap(Double.init)
        == report.parameters.map { [$0.analytic, $0.numeric] }[1])
    #expect(words[2].last == "none")
  }

  @Test func `a tolerance that makes no check is refused`() throws {
    let (step, batch) = try CheckCase(text: "2-1 sigmoid").step()
    #expect(throws: ToleranceError.self) {
      try checkGradients(of: step, step.initialState(seed: 3), batch, tolerance: 0.5)
    }
  }
}
