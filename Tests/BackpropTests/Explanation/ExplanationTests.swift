import BackpropCore
import Testing

@testable import Backprop

private let exact = Tolerance(relative: 1e-12, absolute: 1e-15)

/// A user's own layer: its derivative comes by itself.
private struct Gain: Layer {
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x * scope.parameter("gain", [x.shape.last], .ones, role: .scale) + (x * x).sum()
  }
}

/// A user's own cost, which no form knows.
private struct FourthPower: SampleLoss {
  let name = "fourth-power"
  func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try (prediction - target).power(4).sum(axes: [-1])
  }
}

/// Layers written by hand, with activations and sums outside of them.
private struct Residual: Layer {
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let h = try scope("first", Dense(4), x).tanh()
    let side = try scope("side", Dense(4), h).relu()
    return try scope("last", Dense(2), h + side)
  }
}

/// One layer with its weights used twice.
private struct Recurrent: Layer {
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let cell = scope.shared("cell")
    var h = x
    for _ in 0..<2 { h = try cell("dense", Dense(4), h).tanh() }
    return try scope("last", Dense(2), h)
  }
}

/// A layer within a layer's own path, a parameter that is called like an activation, and a branch
/// that no error goes through.
private struct InnerBlocks: Layer {
  struct Block: Layer {
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      let h = try scope("inner", Dense(5), x).relu()
      let scaled = try scope("own") { try h * $0.parameter("a", [5], .ones, role: .scale) }
      let dead = try scope("dead", Dense(5), x).sign()
      return try Dense(2)(scaled + dead, scope)
    }
  }
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try scope("block", Block(), x)
  }
}

@Suite struct ExplanationTests {
  @Test(
    arguments: [
      "half-squared-error", "squared-error", "mean-squared-error", "root-mean-squared-error",
      "mean-absolute-error", "cross-entropy", "binary-cross-entropy", "smooth-l1:beta=0.1",
      "poisson", "huber:delta=0.1",
    ], ["sigmoid sigmoid", "tanh softmax", "gelu sigmoid"])
  func `every formula gives the graph's number`(_ loss: String, _ activations: String) throws {
    for samples in [1, 3] {
      let explanation = try ExplanationCase.random(
        "3-4-2 \(activations)", Losses.named(loss), samples: samples)
      try expectWhole(explanation)
    }
  }

  @Test(arguments: Activation.allNames)
  func `every activation has its formulas`(_ name: String) throws {
    // These have numbers from the graph alone.
    let unwritten = ["gelu-tanh", "softmin", "log-softmax"]
    let explanation = try ExplanationCase.random("3-4-2 \(name) identity", MeanSquaredError())
    let missing = explanation.figures().filter { $0.forms.isEmpty }.map(\.id)
    #expect(
      missing.allSatisfy {
        $0 == "cost.after" || (unwritten.contains(name) && $0.hasPrefix("hidden."))
      }, "\(missing)")
    try expectChecked(explanation)
  }

  @Test(arguments: ["softmax-cross-entropy", "sigmoid-cross-entropy"])
  func `a cost on logits shows a and δ = a − y`(_ loss: String) throws {
    let explanation = try ExplanationCase.random(
      "3-4-4-3 sigmoid identity", Losses.named(loss), samples: 2, isClass: true)
    try expectWhole(explanation)
    let k = loss == "softmax-cross-entropy" ? 1.0 : 3
    for unit in 0..<3 {
      expectClose(
        explanation.value("output.delta[\(unit)]"),
        (explanation.value("output.p[\(unit)]")
          - FigureMaker(explanation: explanation).number("target", unit))
          / k, exact)
    }
  }

  @Test(arguments: [Dense.Bias.unit, .layer, .none])
  func `one weight's chain rule is the matrix form`(_ bias: Dense.Bias) throws {
    for (seed, sizes) in [(1, "2-3-2"), (2, "4-3-5-2"), (3, "1-1-1"), (4, "3-7-1-4-2")] {
      let explanation = try ExplanationCase.random(
        "\(sizes) sigmoid tanh", HalfSquaredError(), bias: bias, seed: UInt64(seed))
      for layer in explanation.layers {
        for parameter in layer.parameters {
          let gradient = parameter.gradient.array(of: Double.self)
          for index in gradient.indices {
            let name = Figure.name(parameter.path, index, in: parameter.value.shape)
            let place = try ExplanationView.weight(named: name)
            let document = try explanation.chainRule(place.path, place.index, ExplanationView())
            let figures = document.figures
            let chain =
              figures.first { $0.id == "\(name).chain" }
              ?? figures.last { $0.id == "\(name).gradient" }
            expectClose(chain?.value ?? .nan, gradient[index], exact, name)
            expectClose(chain?.forms.last?.evaluated() ?? .nan, gradient[index], exact, name)
          }
        }
      }
    }
  }

  @Test func `a hidden weight's chain rule is the sum over all paths`() throws {
    let explanation = try ExplanationCase.worked()
    let figures = try explanation.chainRule("hidden.weight", [0, 0], ExplanationView()).figures
    let paths = figures.filter { $0.id.contains(".path[") }.map(\.value)
    expectClose(paths, [0.05539942465142279, -0.019049118258278114], exact)
    let sum = try #require(figures.first { $0.uses.contains { $0.contains(".path[") } })
    expectClose(sum.value, paths.reduce(0, +), exact)
    // ∂C/∂out_h1 · ∂out_h1/∂net_h1 · ∂net_h1/∂w1
    #expect(figures[0].uses == ["hidden.a[0].gradient", "hidden.slope[0]", "input[0]"])
  }

  @Test func `errors of samples and adjoints of the batch are kept apart`() throws {
    let explanation = try ExplanationCase.random(
      "3-4-2 sigmoid sigmoid", HalfSquaredError(), samples: 3)
    for layer in explanation.layers {
      let delta = try #require(layer.delta).array(of: Double.self)
      expectClose(layer.adjoint.array(of: Double.self), delta.map { $0 / 3 }, exact)
    }
    let root = try ExplanationCase.random(
      "3-4-2 sigmoid sigmoid", RootMeanSquaredError(), samples: 3)
    #expect(root.layers.allSatisfy { $0.delta == nil })
    #expect(root.coupling?.contains("root-mean-squared-error") == true)
    try expectWhole(root)
  }

  @Test func `a deep network of sigmoids shows its vanishing gradient`() throws {
    let explanation = try ExplanationCase.random(
      "3-4-4-4-4-4-4-4-4-2 sigmoid sigmoid", HalfSquaredError())
    let remark = try #require(explanation.gradientRemark)
    #expect(remark.contains("the gradient vanishes"))
    #expect(try explanation.rendered(as: .text, width: 1000).contains(remark))
    #expect(try ExplanationCase.worked().gradientRemark == nil)
  }

  @Test func `batch normalisation couples samples, and explains itself op by op`() throws {
    let network = Sequential([
      ("dense", Dense(4)), ("norm", BatchNorm()), ("act", Activation.relu), ("out", Dense(2)),
    ])
    let explanation = try ExplanationCase.random(
      network, SoftmaxCrossEntropy(), inputs: 3, outputs: 2, samples: 5, isClass: true)
    #expect(explanation.coupling == "the layer 'norm' couples the samples of a batch")
    #expect(explanation["norm"].operations.map(\.name).contains("divide"))
    #expect(explanation["norm"].operations.allSatisfy { !$0.derivative.isEmpty })
    try expectChecked(explanation)
    let text = try explanation.rendered(as: .text, ExplanationView(layer: "norm"))
    #expect(text.contains("∂C/∂a = g / b, ∂C/∂b = −g ⊙ y / b"))
  }

  @Test func `a user's layer and cost explain themselves`() throws {
    let network = Sequential([
      ("hidden", Dense(3)), ("act", Activation.sigmoid), ("own", Gain()), ("out", Dense(2)),
    ])
    let explanation = try ExplanationCase.random(
      network, FourthPower(), inputs: 2, outputs: 2, samples: 2)
    try expectChecked(explanation)
    #expect(explanation["own"].parameters.map(\.path) == ["own.gain"])
    #expect(explanation["hidden"].kind == "dense, sigmoid")
    for view in [ExplanationView(), ExplanationView(weight: ("own.gain", [1]))] {
      for format in ExplanationFormat.allCases {
        #expect(try !explanation.rendered(as: format, view).isEmpty)
      }
    }
  }

  @Test func `a layer beside another, and activations outside of layers`() throws {
    let explanation = try ExplanationCase.random(
      Residual(), MeanSquaredError(), inputs: 3, outputs: 2, samples: 2)
    #expect(explanation.layers.map(\.name) == ["first", "side", "network", "last"])
    #expect(explanation["side"].kind == "dense, relu")
    try expectChecked(explanation)
    for figure in explanation.figures() where !figure.forms.isEmpty {
      expectClose(figure.forms.last?.evaluated() ?? .nan, figure.value, exact, figure.id)
    }
  }

  @Test(arguments: ["sgd", "momentum", "nesterov", "adam", "adamw"])
  func `every update rule has its formula`(_ name: String) throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "2-3-2 tanh sigmoid"))
    for regularization in [
      Regularization(), Regularization(l2: 5), Regularization(weightDecay: 0.1),
    ] {
      let step = try TrainingStep(
        network, loss: .halfSquaredError, optimizer: Optimizers.named(name), input: .float([2]),
        target: .values([2]), regularization: regularization, trainingSamples: 100,
        precision: .float64)
      let data = try Dataset.random(2, inputs: 2, outputs: 2, isClass: false)
      var state = try step.initialState(seed: 4)
      try step.run(&state, data.whole)
      // In the second step the slots have numbers.
      try expectWhole(step.explain(state, data.whole))
    }
  }

  @Test func `a clipped gradient has numbers without a formula`() throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "2-3-2 tanh sigmoid"))
    let clipped = try ExplanationCase.random(
      network, HalfSquaredError(), inputs: 2, outputs: 2,
      regularization: Regularization(clipNorm: 1e-3))
    let next = try #require(clipped.figures().first { $0.id == "hidden.weight[0,0].next" })
    #expect(next.forms.isEmpty)
    #expect(try clipped.rendered(as: .text, width: 1000).contains("clip norm 0.001"))
  }

  @Test func `a saturated output has no formula that fails`() throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "2-2 sigmoid"))
    let step = try TrainingStep(
      network, loss: .crossEntropy, optimizer: SGD(), input: .float([2]), target: .values([2]),
      precision: .float64)
    let data = try Dataset.rows([[3000, 3000]], targets: [[1, 0]])
    let explanation = try step.explain(step.initialState(seed: 1), data.whole)
    for figure in explanation.figures() {
      guard let found = figure.forms.last?.evaluated() else { continue }
      expectClose(found, figure.value, Tolerance(relative: 1e-9, absolute: 1e-15), figure.id)
    }
    #expect(try explanation.rendered(as: .text, width: 1000).contains("so saturated that"))
  }

  @Test func `weights of samples are part of the cost`() throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "3-4-2 tanh identity"))
    let step = try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: SGD(), input: .float([3]),
      target: .classes(2), precision: .float64)
    let data = try Dataset.random(4, inputs: 3, outputs: 2).weighted(by: [1, 3, 0.5, 2])
    try expectChecked(step.explain(step.initialState(seed: 1), data.whole))
  }

  @Test func `a layer used twice is described by its ops`() throws {
    let explanation = try ExplanationCase.random(
      Recurrent(), MeanSquaredError(), inputs: 4, outputs: 2, samples: 2)
    #expect(explanation.parts.dense["cell.dense"] == nil)
    #expect(
      explanation["cell.dense"].parameters.map(\.path) == ["cell.dense.weight", "cell.dense.bias"])
    try expectChecked(explanation)
    for format in ExplanationFormat.allCases {
      #expect(try !explanation.rendered(as: format).isEmpty)
    }
  }

  @Test func `names of parameters and paths inside paths do not mix`() throws {
    let explanation = try ExplanationCase.random(
      InnerBlocks(), MeanSquaredError(), inputs: 3, outputs: 2, samples: 2)
    #expect(explanation["block.own"].activation.shape == [2, 5])
    #expect(explanation["block.own"].parameters.map(\.path) == ["block.own.a"])
    try expectChecked(explanation)
    for form in [nil, ExplanationView.Form.element, .matrix, .diagonal] {
      for format in ExplanationFormat.allCases {
        #expect(try !explanation.rendered(as: format, ExplanationView(form: form)).isEmpty)
      }
    }
    let text = try explanation.rendered(as: .text, ExplanationView(isPseudocode: true))
    #expect(text.contains("each op by its own derivative") && text.contains("block.own.a ←"))
  }

  @Test func `the precision of training beside float64`() throws {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "3-4-2 sigmoid sigmoid"))
    let step = try TrainingStep(
      network, loss: .halfSquaredError, optimizer: SGD(), input: .float([3]), target: .values([2]))
    let data = try Dataset.random(1, inputs: 3, outputs: 2, isClass: false)
    let explanation = try step.explain(
      step.initialState(seed: 1), data.whole, comparesPrecision: true)
    let exact = try #require(explanation.arrays["hidden:z"]).values
    let single = try #require(explanation.trainedArrays["hidden:z"]).values
    #expect(exact != single)
    expectClose(exact, single, Tolerance(relative: 1e-6))
    #expect(try explanation.rendered(as: .text, width: 200).contains("float32: Δz"))
  }

  @Test func `large networks stay readable`() throws {
    let explanation = try ExplanationCase.random("60-50-40-10 sigmoid sigmoid", CrossEntropy())
    let text = try explanation.rendered(as: .text)
    #expect(text.split(separator: "\n").count < 60)
    let layer = try explanation.rendered(as: .text, ExplanationView(layer: "hidden1", top: 2))
    #expect(layer.contains("…") && layer.split(separator: "\n").count < 160)
    #expect(layer.contains(" more: "))
    let html = try explanation.rendered(as: .html)
    #expect(html.utf8.count < 1_000_000 && html.contains("chain-none"))
    let unit = try explanation.rendered(
      as: .text, ExplanationView(layer: "hidden2", unit: 7, top: 3))
    #expect(unit.contains("hidden2.z[7]") && !unit.contains("hidden2.z[8]"))
  }

  @Test(arguments: [60, 80, 100])
  func `no line of text is wider than the terminal`(_ width: Int) throws {
    let network = Sequential([
      ("dense", Dense(12)), ("norm", BatchNorm()), ("act", Activation.relu), ("out", Dense(3)),
    ])
    let wide = try ExplanationCase.random(
      network, SoftmaxCrossEntropy(), inputs: 9, outputs: 3, samples: 4, isClass: true)
    for form in [nil, ExplanationView.Form.element] {
      let text = try wide.rendered(as: .text, ExplanationView(form: form), width: width)
      for line in text.split(separator: "\n") where line.count > width {
        // A single long word, such as a name, stands whole.
        let hasLongWord = line.split(separator: " ").contains { $0.count > 20 }
        #expect(hasLongWord, "\(line)")
      }
    }
  }

  @Test(arguments: [
    (
      ExplanationView(layer: "hiden"),
      "unknown layer 'hiden'; did you mean 'hidden'? Known: hidden, output"
    ),
    (
      ExplanationView(layer: "hidden", unit: 2),
      "unit is 2; the layer 'hidden' has units 0 to 1"
    ),
    (ExplanationView(unit: 0), "--unit needs --layer: which layer's unit?"),
    (ExplanationView(top: 0), "top is 0; expected a whole number of at least 1"),
    (
      ExplanationView(weight: ("hidden.weight", [0, 2])),
      "there is no hidden.weight[0,2]: hidden.weight is [2, 2], counted from 0"
    ),
  ])
  func `a view of what is not there is an error`(_ view: ExplanationView, _ text: String) throws {
    let explanation = try ExplanationCase.worked()
    expectError(text) { _ = try explanation.rendered(as: .text, view) }
  }

  /// Every figure but the cost after the update has a formula that gives its number, and every
  /// derivative is that of finite differences.
  private func expectWhole(_ explanation: Explanation) throws {
    for figure in explanation.figures() where figure.id != "cost.after" {
      let isKnown = !figure.forms.isEmpty || (figure.id == "cost" && explanation.coupling != nil)
      #expect(isKnown, "\(explanation.loss): \(figure.id)")
      guard let found = figure.forms.last?.evaluated() else { continue }
      expectClose(found, figure.value, Tolerance(relative: 1e-9, absolute: 1e-15), figure.id)
    }
    try expectChecked(explanation)
  }

  private func expectChecked(_ explanation: Explanation) throws {
    #expect(!explanation.checks.isEmpty)
    for check in explanation.checks { #expect(check.error <= 1e-6, "\(check)") }
  }
}

@Suite struct DeeperExampleExplanationTests {
  @Test func `the error of each sample`() throws {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "2-3-3-3-3 sigmoid sigmoid"))
    let step = try TrainingStep(
      network, loss: .halfSquaredError, optimizer: SGD(learningRate: 0.5), input: .float([2]),
      target: .values([3]), precision: .float64)
    var state = try step.initialState(seed: 1)
    for (index, name) in network.layerNames.enumerated() {
      let l = Double(index + 1)
      let inputs = index == 0 ? 2 : 3
      let weights = (0..<inputs).flatMap { k in
        (0..<3).map { 0.1 * l + 0.2 * Double($0) - 0.3 * Double(k) }
      }
      try state.set("\(name).weight", to: Tensor(weights, shape: [inputs, 3]))
      try state.set(
        "\(name).bias", to: Tensor((0..<3).map { 0.05 * l - 0.1 * Double($0) }, shape: [3]))
    }
    let data = try Dataset.rows(
      [[0.05, 0.10], [0.90, -0.40]], targets: [[0, 1, 0], [1, 0, 0]])
    let explanation = try step.explain(state, data.whole, sample: 1)
    expectClose(explanation.cost, 0.5084002531874172, exact)
    expectClose(
      try #require(explanation["hidden1"].delta).array(of: Double.self),
      [
        -0.00010218242627069143, -0.0002858290570865521, -0.00046832746554898303,
        0.00016009885916262222, -0.000393506639690894, -0.0009471121385444103,
      ], exact)
    expectClose(explanation.value("hidden1.delta[1]"), -0.000393506639690894, exact)
    expectClose(
      try #require(explanation["hidden1"].gradient("weight")).array(of: Double.self)[1],
      -0.0001842237142880661, exact)
    let gradient = try #require(
      explanation.figures().first { $0.id == "hidden1.weight[0,1].gradient" })
    #expect(gradient.formulaText == "(x₀⟨0⟩ · δ¹₁⟨0⟩ + x₀⟨1⟩ · δ¹₁⟨1⟩) / 2")
    #expect(gradient.uses.contains("input[0]@0") && gradient.uses.contains("input[0]"))
  }
}
