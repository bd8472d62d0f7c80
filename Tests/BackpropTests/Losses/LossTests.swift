import Backprop
import Testing

private let exact = Tolerance(relative: 1e-14)

/// A cost and its gradient with respect to the predictions.
func costAndGradient(
  _ loss: any Loss, _ prediction: Numbers<Double>, _ target: Numbers<Double>,
  _ activation: Activation = .identity, classes: Bool = false, as type: ScalarType = .float64
) throws -> (cost: Double, gradient: [Double]) {
  let builder = GraphBuilder()
  let z = builder.leaf(.input("z"), prediction.shape, type)
  let y = builder.leaf(.input("y"), target.shape, classes ? .int32 : type)
  let a = try activation(z, Trace(mode: .training, scalarType: type).scope)
  let cost = try loss(a, y)
  let adjoint = try gradient(of: cost, withRespectTo: [z])[0]
  let bindings: [Leaf: Numbers<Double>] = [.input("z"): prediction, .input("y"): target]
  if type == .float32 {
    let narrow = bindings.mapValues { Numbers<Float>($0.shape, $0.values.map { Float($0) }) }
    let values = try Interpreter<Float>(builder.graph).values(
      of: [cost, adjoint], bindings: narrow)
    return (Double(values[0].values[0]), values[1].values.map { Double($0) })
  }
  let values = try Interpreter<Double>(builder.graph).values(
    of: [cost, adjoint], bindings: bindings)
  return (values[0].values[0], values[1].values)
}

@Suite struct LossTests {
  private let a = Numbers(rows: [[0.5, 0.25, 0.5], [0.75, 0.5, 0.25]])
  private let y = Numbers(rows: [[1, 0, 0.5], [0, 1, 1]])

  /// e = −½ ¼ 0 | ¾ −½ −¾; Σe² = 5/16 + 11/8 = 27/16, Σ|e| = 11/4. Two samples, three outputs.
  @Test func byHand() throws {
    func cost(_ loss: any Loss) throws -> Double { try costAndGradient(loss, a, y).cost }
    expectClose(try cost(.halfSquaredError), 27.0 / 64, exact)
    expectClose(try cost(.squaredError), 27.0 / 32, exact)
    expectClose(try cost(.meanSquaredError), 27.0 / 96, exact)
    expectClose(try cost(.rootMeanSquaredError), (27.0 / 96).squareRoot(), exact)
    expectClose(try cost(.meanAbsoluteError), 11.0 / 24, exact)
    // δ = ½: ½e² = ⅛ 1/32 0 | – ⅛ –, and ½(¾ − ¼) = ¼ twice.
    expectClose(try cost(.huber(delta: 0.5)), (0.125 + 0.03125 + 0.25 + 0.125 + 0.25) / 6, exact)
    // ln 2 + ln(4/3) + ln 2 | ln 4 + ln 2 + ln 4.
    let sum = 0.6931471805599453 * 7 + 0.28768207245178096
    expectClose(try cost(.crossEntropy), sum / 2, exact)
    expectClose(try cost(.binaryCrossEntropy), sum / 6, exact)
  }

  @Test func gradientsByHand() throws {
    func gradient(_ loss: any Loss) throws -> [Double] { try costAndGradient(loss, a, y).gradient }
    let e = [-0.5, 0.25, 0, 0.75, -0.5, -0.75]
    expectClose(try gradient(.halfSquaredError), e.map { $0 / 2 }, exact)
    expectClose(try gradient(.squaredError), e, exact)
    expectClose(try gradient(.meanSquaredError), e.map { $0 / 3 }, exact)
    // ∇RMSE = ∇MSE / (2·RMSE)
    let root = (27.0 / 96).squareRoot()
    expectClose(try gradient(.rootMeanSquaredError), e.map { $0 / 3 / (2 * root) }, exact)
    expectClose(try gradient(.meanAbsoluteError), [-1, 1, 0, 1, -1, -1].map { $0 / 6 }, exact)
    expectClose(
      try gradient(.huber(delta: 0.5)), [-0.5, 0.25, 0, 0.5, -0.5, -0.5].map { $0 / 6 }, exact)
  }

  @Test func aPerfectPredictionHasGradientZero() throws {
    for loss: any Loss in [
      .halfSquaredError, .squaredError, .meanSquaredError, .rootMeanSquaredError,
      .meanAbsoluteError, .huber,
    ] {
      let (cost, gradient) = try costAndGradient(loss, y, y)
      #expect(cost == 0 && gradient == [Double](repeating: 0, count: 6), "\(loss.name)")
    }
  }

  /// The same costs from logits and from probabilities.
  @Test func logitsAndProbabilitiesAgree() throws {
    let z = Numbers(rows: [[0.5, -1, 2], [-3, 0, 1]])
    let (onLogits, gradient) = try costAndGradient(.sigmoidCrossEntropy, z, y)
    let (onActivations, other) = try costAndGradient(.binaryCrossEntropy, z, y, .sigmoid)
    expectClose(onLogits, onActivations, exact)
    expectClose(gradient, other, exact)
    let (nielsen, thrice) = try costAndGradient(.crossEntropy, z, y, .sigmoid)
    expectClose(nielsen, 3 * onLogits, exact)
    expectClose(thrice, gradient.map { 3 * $0 }, exact)
  }

  @Test func classesAndDistributionsAgree() throws {
    let z = Numbers(rows: [[0.5, -1, 2], [-3, 0, 1]])
    let classes = try costAndGradient(.softmaxCrossEntropy, z, Numbers([2], [2, 0]), classes: true)
    let oneHot = try costAndGradient(
      .softmaxCrossEntropy, z, Numbers(rows: [[0, 0, 1], [1, 0, 0]]))
    expectClose(classes.cost, oneHot.cost, exact)
    expectClose(classes.gradient, oneHot.gradient, exact)
    // ½(ln Σe^z₁ − 2 + ln Σe^z₂ + 3)
    expectClose(classes.cost, 0.5 * (2.241311296657157 - 2 + 1.3265626412674705 + 3), exact)
  }

  @Test func atTheEndsOfAnActivation() throws {
    for type in [ScalarType.float64, .float32] {
      // Given activations: a factor of 0 makes the logarithm of 0 count 0.
      let ends = Numbers(rows: [[0, 1, 0.5, 0.5]])
      let right = Numbers(rows: [[0, 1, 1, 0]])
      let (cost, gradient) = try costAndGradient(.crossEntropy, ends, right, as: type)
      expectClose(cost, 2 * 0.6931471805599453, Tolerance(relative: 1e-7))
      #expect(gradient == [1, -1, -2, 2])
      // On the wrong end: finite, with a finite derivative.
      let wrong = try costAndGradient(
        .crossEntropy, ends, Numbers(rows: [[1, 0, 1, 0]]), as: type)
      #expect(wrong.cost > 170 && wrong.cost < 1420)
      #expect(wrong.gradient == [0, 0, -2, 2])
    }
  }

  /// δ = a − y holds for a saturated sigmoid, whose σ′ is 0 in floating point.
  @Test func saturatedOutputsStillLearn() throws {
    let z = Numbers(rows: [[100, -800, 100, -800, 40, 3]])
    let y = Numbers(rows: [[0, 1, 1, 0, 0, 0]])
    for type in [ScalarType.float64, .float32] {
      let (cost, delta) = try costAndGradient(.crossEntropy, z, y, .sigmoid, as: type)
      expectClose(cost, 100 + 800 + 40 + 3.048587351573742, Tolerance(relative: 1e-6))
      expectClose(
        delta, [1, -1, 0, 0, 1, 0.9525741268224334], Tolerance(relative: 1e-6, absolute: 1e-15))
    }
  }

  @Test(arguments: Losses.allNames)
  func refusesOtherShapes(_ name: String) throws {
    let loss = try Losses.named(name)
    #expect(loss.name == name)
    let builder = GraphBuilder()
    func leaf(_ shape: Shape, _ type: ScalarType = .float32) -> Value {
      builder.leaf(.input("x"), shape, type)
    }
    expectError(
      "\(name) of [3]: the prediction needs a batch axis and an axis of outputs, neither of size 0"
    ) {
      _ = try loss(leaf([3]), leaf([3]))
    }
    if loss.acceptsClassIndices {
      let classesOnly = ["multi-margin", "softmax-focal"].contains(name)
      let other = classesOnly ? "" : " or a distribution float32[2, 3]"
      expectError(
        "\(name) of [2, 3] and [2, 4]: the target is float32[2, 4]; expected classes int32[2]\(other)"
      ) {
        _ = try loss(leaf([2, 3]), leaf([2, 4]))
      }
    } else {
      expectError(
        "\(name) of [2, 3] and [2, 1]: prediction and target have different shapes; expected the same"
      ) {
        _ = try loss(leaf([2, 3]), leaf([2, 1]))
      }
      expectError(
        "\(name) of [2, 3] and [2]: the prediction is float32[2, 3] and the target int32[2]; it takes no class indices; give the classes one-hot"
      ) {
        _ = try loss(leaf([2, 3]), leaf([2], .int32))
      }
    }
  }

  @Test func registry() throws {
    #expect(
      Losses.allNames == [
        "half-squared-error", "squared-error", "mean-squared-error", "root-mean-squared-error",
        "mean-absolute-error", "huber", "cross-entropy", "binary-cross-entropy",
        "sigmoid-cross-entropy", "softmax-cross-entropy", "smooth-l1", "log-cosh", "poisson",
        "cosine", "negative-log-likelihood", "kl-divergence", "hinge", "squared-hinge",
        "multi-margin", "sigmoid-focal", "softmax-focal",
      ])
    #expect((try Losses.named("huber:delta=0.5") as? Huber)?.delta == 0.5)
    #expect((try Losses.named("huber", options: ["delta": 2]) as? Huber)?.delta == 2)
    let known = Losses.allNames.joined(separator: ", ")
    expectError(
      "unknown loss 'half-square-error'; did you mean 'half-squared-error'? Known: \(known)"
    ) {
      _ = try Losses.named("half-square-error")
    }
    expectError("loss 'huber': delta is 0; expected a number above 0") {
      _ = try Losses.named("huber:delta=0")
    }
    expectError("loss 'huber': delta is 0; expected a number above 0") {
      _ = try costAndGradient(.huber(delta: 0), a, y)
    }
    expectError("loss 'squared-error': unknown option 'delta'; known: reduction") {
      _ = try Losses.named("squared-error", options: ["delta": 1])
    }
    expectError("loss 'root-mean-squared-error': it has no option 'reduction'") {
      _ = try Losses.named("root-mean-squared-error:reduction=sum")
    }
    func names(_ input: LossInput) throws -> [String] {
      try Losses.allNames.filter { try Losses.named($0).input == input }
    }
    #expect(try names(.probabilities) == ["cross-entropy", "binary-cross-entropy"])
    #expect(try names(.logProbabilities) == ["negative-log-likelihood", "kl-divergence"])
    #expect(
      try names(.logits) == [
        "sigmoid-cross-entropy", "softmax-cross-entropy", "hinge", "squared-hinge",
        "multi-margin", "sigmoid-focal", "softmax-focal",
      ])
    #expect(
      try Losses.allNames.filter { try Losses.named($0).pooling == .rootMeanSquare } == [
        "root-mean-squared-error"
      ])
  }
}
