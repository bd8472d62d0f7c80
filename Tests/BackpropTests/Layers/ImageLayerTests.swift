import BackpropTesting
import Testing

@testable import Backprop

/// Layers over images and sequences against PyTorch's numbers, read from their text form.
@Suite struct ImageLayerTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let layer: String
    let input, target: Nested
    let parameters: [String: Nested]
    let outputs: Nested
    let cost: Double
    let gradients: [String: Nested]
    let parametersAfter: [String: Nested]

    var testDescription: String { name }

    static let all = Fixture.load("images", as: Case.self)
  }

  private let close = Tolerance(relative: 1e-10, absolute: 1e-13)

  /// The graph of a case: cost, outputs and gradients, with the parameters' own names.
  private struct Traced {
    let trace = Trace(mode: .training, scalarType: .float64)
    let names: [String]
    let outputs: [Value]
    var bindings: [Leaf: Numbers<Double>]

    init(_ item: Case) throws {
      let network = try Sequential(parsing: item.layer)
      let x = trace.builder.leaf(.input("input"), item.input.numbers.shape, .float64)
      let target = trace.builder.leaf(.input("target"), item.target.numbers.shape, .float64)
      let y = try network(x, trace.scope)
      let cost = try (y - target).square().mean()
      let declared = trace.declarations
      names = declared.map { String($0.path.split(separator: ".").last!) }
      outputs = try [cost, y] + gradient(of: cost, withRespectTo: [x] + declared.map(\.value))
      bindings = [.input("input"): item.input.numbers, .input("target"): item.target.numbers]
      for (declaration, name) in zip(declared, names) {
        let numbers = try #require(item.parameters[name]?.numbers)
        #expect(numbers.shape == declaration.shape)
        bindings[.parameter(declaration.path)] = numbers
      }
    }

    func values() throws -> [Numbers<Double>] {
      try Interpreter<Double>(trace.builder.graph).values(of: outputs, bindings: bindings)
    }
  }

  @Test(arguments: Case.all) func givesPyTorchsNumbers(_ item: Case) throws {
    var traced = try Traced(item)
    #expect(traced.names.sorted() == item.parameters.keys.sorted())
    let start = try traced.values()
    expectClose(start[0].values, [item.cost], close, "cost")
    #expect(start[1].shape == item.outputs.numbers.shape)
    expectClose(start[1].values, item.outputs.values, close, "outputs")
    expectClose(start[2].values, item.gradients["input"]!.values, close, "∂C/∂input")
    for (name, numbers) in zip(traced.names, start[3...]) {
      expectClose(numbers.values, item.gradients[name]!.values, close, "∂C/∂\(name)")
    }
    for _ in 0..<5 {
      let gradients = try traced.values()[3...]
      for (declaration, gradient) in zip(traced.trace.declarations, gradients) {
        let old = traced.bindings[.parameter(declaration.path)]!
        let new = zip(old.values, gradient.values).map { $0 - 0.1 * $1 }
        traced.bindings[.parameter(declaration.path)] = Numbers(old.shape, new)
      }
    }
    for (declaration, name) in zip(traced.trace.declarations, traced.names) {
      let after = traced.bindings[.parameter(declaration.path)]!
      expectClose(after.values, item.parametersAfter[name]!.values, close, name)
    }
  }

  @Test(arguments: Case.all) func plansGiveThem(_ item: Case) throws {
    let traced = try Traced(item)
    let expected = try traced.values()
    let got = try PlanEvaluator(.float64).values(
      of: traced.outputs, in: traced.trace.builder, bindings: traced.bindings
    ).outputs
    for (a, b) in zip(expected, got) { expectClose(b.values, a.values, close, item.name) }
  }

  @Test(arguments: Case.all) func textComesBack(_ item: Case) throws {
    let network = try Sequential(parsing: item.layer)
    let written = try #require(network.specifications)
    let text = "[" + written.map { $0.json.text() }.joined(separator: ", ") + "]"
    let again = try #require(try Sequential(parsing: text).specifications)
    #expect(written == again)
  }

  /// A layer that cannot be, the input it gets and what the error says.
  static let wrong: [(layer: String, input: Shape, words: [String])] = [
    (
      #"{"conv-2d": {"channels": 3, "kernel": 3}}"#, [2, 784], ["conv-2d1", "[2, 784]", "reshape"]
    ),
    (
      #"{"conv-2d": {"channels": 3, "kernel": [3, 9]}}"#, [2, 5, 6, 1],
      ["conv-2d1", "[2, 5, 6, 1]", "3×9 does not fit into 5×6"]
    ),
    (
      #"{"conv-2d": {"channels": 4, "kernel": 1, "groups": 3}}"#, [1, 5, 6, 3],
      ["3 channels to 4 in 3 groups"]
    ),
    (#"{"conv-1d": {"channels": 3, "kernel": 3}}"#, [2, 5, 6, 1], ["conv-1d1", "three axes"]),
    (
      #"{"max-pool-2d": {"size": 2, "padding": 2}}"#, [1, 4, 4, 1],
      ["max-pool-2d1", "padding alone"]
    ),
    (
      #"{"average-pool-2d": {"size": 1, "padding": 1, "count-padding": false}}"#, [1, 4, 4, 1],
      ["padding alone"]
    ),
    (
      #"{"conv-transposed-2d": {"channels": 1, "kernel": 2, "extra": 1}}"#, [1, 2, 2, 1], ["extra"]
    ),
    (
      #"{"conv-transposed-2d": {"channels": 1, "kernel": 2, "padding": 4}}"#, [1, 2, 2, 1],
      ["leave -5"]
    ),
    (
      #"{"reshape": [28, 28]}"#, [2, 100], ["reshape1", "100 elements", "[2, 100]", "[2, 28, 28]"]
    ),
    (#"{"reshape": [16777216, 16777216, 16777216]}"#, [2, 100], ["100 elements"]),
    (
      #"{"pad-2d": {"places": 4, "filling": "reflect"}}"#, [1, 4, 4, 1],
      ["4 places (reflect) beside 4"]
    ),
    (#""global-pool""#, [2, 5], ["global-pool1", "[2, 5]"]),
    (
      #"{"conv-2d": {"channels": 2147483648, "kernel": 16777216, "padding": 16777215}}"#,
      [1, 2, 2, 1], ["conv-2d1"]
    ),
    (
      #"{"conv-transposed-2d": {"channels": 2147483648, "kernel": 16777216}}"#, [1, 2, 2, 1],
      ["conv-transposed-2d1", "counted"]
    ),
  ]

  @Test(arguments: wrong.indices) func wrongShapesNameTheLayer(_ index: Int) throws {
    let item = Self.wrong[index]
    let trace = Trace(mode: .training, scalarType: .float32)
    let x = trace.builder.leaf(.input("input"), item.input, .float32)
    let network = try Sequential(parsing: "[\(item.layer)]")
    do {
      _ = try network(x, trace.scope)
      Issue.record("\(item.layer) takes \(item.input)")
    } catch let error as ShapeError {
      for word in item.words { #expect("\(error)".contains(word), "\(error)") }
    }
  }

  @Test(arguments: [
    (#"{"conv-2d": {"channels": 3}}"#, "kernel is missing"),
    (#"{"conv-2d": {"channels": 3, "kernel": 0}}"#, "at least 1"),
    (#"{"conv-2d": {"channels": 3, "kernel": [3, 3, 3]}}"#, "[height, width]"),
    (#"{"conv-2d": {"channels": 3, "kernel": 3, "padding": "valid"}}"#, "or same"),
    (#"{"conv-1d": {"channels": 3, "kernel": [3, 3]}}"#, "whole number"),
    (#"{"reshape": []}"#, "one to eight"),
    (#"{"reshape": [2, "x"]}"#, "one to eight"),
    (#"{"pad-2d": -1}"#, "at least 0"),
    (#"{"max-pool-2d": 2.5}"#, "whole number"),
  ]) func wrongOptionsSayWhatIsExpected(_ layer: String, _ words: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Sequential(parsing: "[\(layer)]")
    }
    #expect("\(error!)".contains(words), "\(error!)")
  }

  /// Images of 6×6 with a bright row (class 0) or column (class 1).
  private static func bars() throws -> Dataset {
    var (inputs, targets): ([Float], [Int32]) = ([], [])
    for number in 0..<24 {
      let place = number / 2 % 6
      let isColumn = number % 2 == 1
      for pixel in 0..<36 {
        inputs.append((isColumn ? pixel % 6 : pixel / 6) == place ? 1 : 0.1)
      }
      targets.append(isColumn ? 1 : 0)
    }
    return try Dataset(
      name: "bars", inputs: Tensor(inputs, shape: [24, 36]), targets: Tensor(targets, shape: [24]),
      classCount: 2)
  }

  private static let network = """
    [{"reshape": [6, 6, 1]}, {"conv-2d": {"channels": 3, "kernel": 3, "padding": "same"}},
     "relu", {"max-pool-2d": 2}, {"conv-2d": {"channels": 4, "kernel": 2}}, "batch-norm", "relu",
     {"global-pool": "max"}, {"dense": 2}]
    """

  private func step(threads: Int = 1, _ precision: ScalarType = .float32) throws -> TrainingStep {
    var options = PlanOptions()
    options.serialThreshold = 0  // small as it is, the work is shared
    return try TrainingStep(
      Sequential(parsing: Self.network), loss: .softmaxCrossEntropy,
      optimizer: Adam(learningRate: 0.01), input: .float([36]), target: .classes(2),
      precision: precision, threads: threads, options: options)
  }

  @Test func aSmallNetworkLearnsWithTheSameBitsForAnyThreads() throws {
    let data = try Self.bars()
    var states: [[Float]] = []
    for threads in [1, 2, 3] {
      let step = try step(threads: threads)
      var state = try step.initialState(seed: 4)
      var costs: [Double] = []
      for _ in 0..<150 {
        for batch in data.batches(of: 12) { costs.append(try step.run(&state, batch)) }
      }
      #expect(costs.last! < 0.1 * costs[0], "\(costs[0]) to \(costs.last!)")
      states.append(try #require(state["conv-2d1.weight"]).array(of: Float.self))
    }
    #expect(states[0] == states[1] && states[0] == states[2])
  }

  @Test func aSmallNetworkIsExplained() throws {
    let data = try Self.bars()
    let step = try step(threads: 1, .float64)
    let state = try step.initialState(seed: 4)
    let batch = data.batches(of: 12).first { _ in true }!
    let why = try step.explain(state, batch, sample: 3)
    let text = try why.rendered(as: .text)
    for name in ["conv-2d1", "max-pool-2d1", "global-pool1", "dense1"] {
      #expect(text.contains(name), "\(name)")
    }
    #expect(!text.contains("DIFFERS"))
    for format in [ExplanationFormat.json, .markdown, .latex, .html] {
      let text = try why.rendered(as: format)
      #expect(text.contains("conv-2d1"))
    }
  }
}
