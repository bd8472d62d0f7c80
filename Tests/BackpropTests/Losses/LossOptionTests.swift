import Testing

@testable import Backprop

private let exact = Tolerance(relative: 1e-13)

@Suite struct LossOptionTests {
  private let z = Numbers(rows: [[0.5, -1, 2], [-3, 0, 1]])
  private let classes = Numbers<Double>([2], [2, 0])

  private func cost(
    _ text: String, _ prediction: Numbers<Double>, _ target: Numbers<Double>, classes: Bool = true,
    as type: ScalarType = .float64
  ) throws -> (cost: Double, gradient: [Double]) {
    try costAndGradient(Losses.named(text), prediction, target, classes: classes, as: type)
  }

  /// What is written is read back, and says nothing that nobody asked for.
  @Test(arguments: [
    ("softmax-cross-entropy", "softmax-cross-entropy"),
    (
      "softmax-cross-entropy:ignore-index=1,label-smoothing=0.1",
      "softmax-cross-entropy:label-smoothing=0.1,ignore-index=1"
    ),
    (
      "negative-log-likelihood:class-weights=1:2.5:0",
      "negative-log-likelihood:class-weights=1:2.5:0"
    ),
    ("huber:reduction=sum", "huber:delta=1,reduction=sum"),
    ("huber:reduction=mean", "huber:delta=1"),
    ("multi-margin:squared=1", "multi-margin:margin=1,squared=1"),
    ("poisson:full=0", "poisson"), ("sigmoid-focal", "sigmoid-focal:gamma=2,alpha=0.25"),
  ])
  func text(_ text: String, _ expected: String) throws {
    let loss = try Losses.named(text)
    #expect(loss.text == expected)
    #expect(try Losses.named(expected).text == expected)
  }

  @Test(arguments: [
    (
      "softmax-cross-entropy:label-smoothing=2",
      "loss 'softmax-cross-entropy': label-smoothing is 2; expected a number from 0 to 1"
    ),
    (
      "softmax-cross-entropy:label-smoothing=0.1:0.2",
      "loss 'softmax-cross-entropy': label-smoothing is 2 numbers; expected a number from 0 to 1"
    ),
    (
      "softmax-cross-entropy:class-weights=1:-2",
      "loss 'softmax-cross-entropy': class-weights is -2; expected a number of at least 0"
    ),
    (
      "softmax-cross-entropy:class-weights=1::2",
      "loss 'softmax-cross-entropy': 'class-weights=1::2' is not an option with a number, such as key=0.5"
    ),
    (
      "softmax-cross-entropy:ignore-index=-100",
      "loss 'softmax-cross-entropy': ignore-index is -100; expected a whole number of at least 0"
    ),
    (
      "huber:reduction=total",
      "loss 'huber': unknown reduction 'total'; known: mean, sum, weighted-mean"
    ),
    ("multi-margin:squared=2", "loss 'multi-margin': squared is 2; expected 0 or 1"),
    ("hinge:margin=0", "loss 'hinge': margin is 0; expected a number above 0"),
    (
      "log-cosh:beta=1", "loss 'log-cosh': unknown option 'beta'; known: reduction"
    ),
  ])
  func refuses(_ text: String, _ message: String) {
    expectError(message) { _ = try Losses.named(text) }
  }

  @Test func refusesOptionsThatDoNotFitTheNetwork() throws {
    expectError(
      "loss 'softmax-cross-entropy': 2 class-weights; the network has 3 outputs: expected one for each"
    ) {
      _ = try cost("softmax-cross-entropy:class-weights=1:2", z, classes)
    }
    expectError("ignore-index goes with class indices; the target is float64[2, 3]") {
      _ = try cost("softmax-cross-entropy:ignore-index=1", z, z, classes: false)
    }
    expectError(
      "loss 'softmax-cross-entropy': label-smoothing is -1; expected a number from 0 to 1"
    ) {
      _ = try costAndGradient(
        SoftmaxCrossEntropy(ClassOptions(labelSmoothing: -1)), z, classes, classes: true)
    }
  }

  /// A sample that is ignored costs nothing, whatever its logits are; nothing is divided by 0 where
  /// all are.
  @Test func ignoredSamples() throws {
    let wild = Numbers(rows: [[0.5, -1, 2], [1e300, -1e300, 1]])
    let one = try cost("softmax-cross-entropy:ignore-index=0", wild, classes)
    expectClose(one.cost, (2.241311296657157 - 2) / 2, exact)
    #expect(one.gradient.suffix(3).allSatisfy { $0 == 0 })
    let mean = try cost(
      "softmax-cross-entropy:ignore-index=0,reduction=weighted-mean", wild, classes)
    expectClose(mean.cost, 2.241311296657157 - 2, exact)
    let none = try cost(
      "softmax-cross-entropy:ignore-index=0,reduction=weighted-mean", z, Numbers([2], [0, 0]))
    #expect(none.cost == 0 && none.gradient == [Double](repeating: 0, count: 6))
  }

  @Test func reductions() throws {
    let y = Numbers(rows: [[1, 0, 0.5], [0, 1, 1]])
    for name in Losses.allNames where name != "root-mean-squared-error" {
      let isClass = try Losses.named(name).acceptsClassIndices
      let target = isClass ? classes : y
      let probabilities = Numbers(rows: [[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]])
      let mean = try cost(name, probabilities, target, classes: isClass)
      let sum = try cost("\(name):reduction=sum", probabilities, target, classes: isClass)
      expectClose(sum.cost, 2 * mean.cost, exact, name)
      expectClose(sum.gradient, mean.gradient.map { 2 * $0 }, exact, name)
      // Without weights of its own a weighted mean is the mean.
      let weighted = try cost(
        "\(name):reduction=weighted-mean", probabilities, target, classes: isClass)
      #expect(weighted.cost == mean.cost, "\(name)")
    }
    #expect(try Losses.named("huber:reduction=sum").pooling == .sum)
    #expect(LossPooling.sum.cost(total: LossPooling.sum.share(3, samples: 7), samples: 7) == 3)
  }

  /// A sum over a data set is the sum of its batches; weights of samples multiply their costs.
  @Test func sumsAndWeightsInTraining() throws {
    var data = try Dataset.rows([[1], [2], [3]], targets: [[0], [0], [1]])
    func step(_ text: String) throws -> TrainingStep {
      try TrainingStep(
        MultilayerPerceptron(
          NetworkSpecification(parsing: "1-1 identity"), initializer: .ones),
        loss: Losses.named(text), optimizer: SGD(), input: .float([1]), target: .values([1]),
        precision: .float64)
    }
    let sum = try step("squared-error:reduction=sum")
    let state = try sum.initialState(seed: 0)
    #expect(try sum.evaluate(state, on: data, batchSize: 2).loss == 9)
    data = try data.weighted(by: [1.5, 1, 0.5])
    expectClose(try sum.evaluate(state, on: data, batchSize: 2).loss, 1.5 + 4 + 2, exact)
    let mean = try step("squared-error")
    expectClose(try mean.costAndGradient(state, data.whole).cost, 2.5, exact)
  }
}

@Suite struct NewLossTests {
  private struct Found: Equatable {
    let cost: Double
    let gradient: [Double]
  }

  private func costs(
    _ loss: any Loss, _ z: [Double], _ y: [Double], classes: Bool = false,
    as type: ScalarType = .float64
  ) throws -> Found {
    let found = try costAndGradient(
      loss, Numbers([1, z.count], z), Numbers(classes ? [1] : [1, y.count], y), classes: classes,
      as: type)
    return Found(cost: found.cost, gradient: found.gradient)
  }

  @Test func logCoshKeepsItsDigits() throws {
    // ln cosh e = e²/2 − e⁴/12 + …
    for e in [1e-9, 1e-4, 0.01] {
      let found = try costs(LogCosh(), [e], [0])
      let square = e * e
      let series = square / 2 - square * square / 12 + square * square * square / 45
      expectClose(found.cost, series, exact)
      expectClose(found.gradient, [.tanh(e)], exact)
    }
    // cosh 1000 overflows.
    let far = try costs(LogCosh(), [1000, -1e300], [0, 0])
    expectClose(far.cost, (1000 + 1e300 - 2 * 0.6931471805599453) / 2, exact)
    expectClose(far.gradient, [0.5, -0.5], exact)
    for e in [1.0, -1.0, 1 + 1e-12] {
      expectClose(try costs(LogCosh(), [e], [0]).cost, .log(.cosh(e)), exact)
      expectClose(try costs(LogCosh(), [e], [0]).gradient, [.tanh(e)], exact)
    }
    #expect(try costs(LogCosh(), [0], [0]) == Found(cost: 0, gradient: [0]))
  }

  @Test func atTheMargin() throws {
    // Scores on the margin, inside and beyond, of targets 1 and 0.
    let hinge = try costs(Hinge(), [1, 0.5, 2, -1, -0.5, -3], [1, 1, 1, 0, 0, 0])
    expectClose(hinge.cost, (0.5 + 0.5) / 6, exact)
    expectClose(hinge.gradient, [0, -1, 0, 0, 1, 0].map { $0 / 6 }, exact)
    let squared = try costs(SquaredHinge(), [1, 0.5, 2, -1, -0.5, -3], [1, 1, 1, 0, 0, 0])
    expectClose(squared.cost, (0.25 + 0.25) / 6, exact)
    expectClose(squared.gradient, [0, -1, 0, 0, 1, 0].map { $0 / 6 }, exact)
    // The class itself, one on its margin, one within.
    let between = try costs(MultiMargin(), [2, 1, 1.5], [0], classes: true)
    expectClose(between.cost, 0.5 / 3, exact)
    expectClose(between.gradient, [-1.0 / 3, 0, 1.0 / 3], exact)
  }

  @Test func focalCostsAreFiniteEverywhere() throws {
    for gamma in [0, 0.5, 1, 2, 5.0] {
      for type in [ScalarType.float64, .float32] {
        let binary = try costs(
          SigmoidFocal(gamma: gamma), [1e4, -1e4, 1e4, -1e4, 0], [1, 0, 0, 1, 1], as: type)
        #expect(binary.cost.isFinite && binary.gradient.allSatisfy(\.isFinite), "\(gamma)")
        #expect(binary.cost > 1000)
        for row in [[1e4, 0, -1e4], [-1e4, 0, 1e4], [0, 0, 0]] {
          let many = try costs(SoftmaxFocal(gamma: gamma), row, [0], classes: true, as: type)
          #expect(many.cost.isFinite && many.gradient.allSatisfy(\.isFinite), "\(gamma) \(row)")
        }
      }
    }
    // γ = 0 is the plain cost.
    let z = [0.5, -1, 2]
    let plain = try costs(SigmoidCrossEntropy(), z, [1, 0, 1])
    let focal = try costs(SigmoidFocal(gamma: 0, alpha: 0.5), z, [1, 0, 1])
    expectClose(focal.cost, plain.cost / 2, exact)
    expectClose(focal.gradient, plain.gradient.map { $0 / 2 }, exact)
    let unfocused = try costs(SoftmaxFocal(gamma: 0), z, [1], classes: true)
    let softmax = try costs(SoftmaxCrossEntropy(), z, [1], classes: true)
    #expect(unfocused == softmax)
  }

  @Test func directionsOfNothing() throws {
    for (a, y) in [([0.0, 0], [1.0, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0])] {
      #expect(try costs(CosineDistance(), a, y) == Found(cost: 1, gradient: [0, 0]))
    }
    let same = try costs(CosineDistance(), [3, 4], [6, 8])
    expectClose(same.cost, 0, Tolerance(relative: 0, absolute: 1e-15))
    expectClose(same.gradient, [0, 0], Tolerance(relative: 0, absolute: 1e-15))
    // Squares of long vectors do not meet.
    #expect(try costs(CosineDistance(), [1e150, 0], [0, 1e150]).cost == 1)
  }

  @Test func logarithmsOfZero() throws {
    let none = -Double.infinity
    #expect(try costs(NegativeLogLikelihood(), [0, none], [1, 0]).cost == 0)
    #expect(try costs(KLDivergence(), [0, none], [1, 0]) == Found(cost: 0, gradient: [-1, 0]))
    #expect(try costs(NegativeLogLikelihood(), [0, none], [0], classes: true).cost == 0)
    // A count of 0 or 1 has no Stirling term.
    let full = try costs(Poisson(isFull: true), [0.3, 0.7], [0, 1])
    let short = try costs(Poisson(), [0.3, 0.7], [0, 1])
    #expect(full == short)
  }

  /// PyTorch's numbers.
  @Test func triplets() throws {
    let x = Numbers(rows: [[0.5, -1, 2, 0.1, 0.7, -0.3], [1, 2, -1, 0.5, 0.2, 0.4]])
    let (cost, gradient) = try costAndGradient(
      TripletMargin(), x, Numbers([2, 6], repeating: 0))
    expectClose(cost, 1.921621024840607, exact)
    expectClose(
      gradient,
      [
        -0.2658424217119207, 0.18508031820513915, 0.40320253211074647, 0.2956817852007162,
        -0.13736011039882579, -0.48076210340585535, 0.17639306644672517, -0.14721350759830537,
        -0.3999999760000122, -0.3000000319999811, 0.22360690955328702, 0.44721353959828647,
      ], Tolerance(relative: 1e-12))
    // Equal embeddings are apart by the margin alone.
    let equal = try costs(TripletMargin(margin: 0.5), [1, 2, 1, 2, 1, 2], [0, 0, 0, 0, 0, 0])
    expectClose(equal.cost, 0.5, exact)
    #expect(equal.gradient.allSatisfy { $0.isFinite })
    expectError(
      "triplet-margin of [1, 4]: the outputs must be three embeddings of one size, anchor, positive and negative"
    ) {
      _ = try costs(TripletMargin(), [1, 2, 3, 4], [0, 0, 0, 0])
    }
  }
}

@Suite struct LossOutputTests {
  private func step(_ layers: [String], _ loss: String) throws -> TrainingStep {
    let network = try Sequential(
      parsing: "[\((["{\"dense\": 3}"] + layers.map { "\"\($0)\"" }).joined(separator: ", "))]")
    return try TrainingStep(
      network, loss: Losses.named(loss), optimizer: SGD(), input: .float([2]),
      target: .classes(3))
  }

  /// A softmax, a sigmoid or a log-softmax in front of a cost on logits is noticed in the graph.
  @Test(arguments: Losses.allNames)
  func noticesWhatTheCostAppliesItself(_ name: String) throws {
    guard try Losses.named(name).input == .logits else { return }
    for output in ["softmax", "sigmoid", "log-softmax"] {
      let found = message { _ = try step([output], name) }
      #expect(
        found?.hasPrefix("\(name) takes logits, not the output of \(output); leave the output")
          == true, "\(found ?? "nothing")")
    }
    _ = try step([], name)
    _ = try step(["tanh"], name)
  }

  @Test func logProbabilities() throws {
    func resolve(_ text: String, _ loss: any Loss) throws -> String {
      try NetworkSpecification(parsing: text).resolved(
        inputs: 2, outputs: 3, loss: loss, isClassification: true
      ).description
    }
    #expect(
      try resolve("4 relu log-softmax", .negativeLogLikelihood) == "2-4-3 relu log-softmax")
    expectError(
      "network '_-4-_ relu': negative-log-likelihood takes log-probabilities; name the activation of the output layer: log-softmax"
    ) {
      _ = try resolve("4 relu", .negativeLogLikelihood)
    }
    expectError(
      "kl-divergence takes log-probabilities, not the output of softmax; name log-softmax as the output activation, or use softmax-cross-entropy, which takes logits"
    ) {
      _ = try resolve("4 relu softmax", .klDivergence)
    }
    expectError(
      "softmax-cross-entropy takes logits, not the output of log-softmax; leave the output activation out, or use negative-log-likelihood, which takes log-probabilities"
    ) {
      _ = try resolve("4 relu log-softmax", .softmaxCrossEntropy)
    }
  }

  @Test func probabilitiesOfOutputs() throws {
    let outputs = [0.5, -1, 2]
    let softmax = try step([], "softmax-cross-entropy").probabilities(ofOutputs: outputs)
    #expect(try step([], "softmax-focal").probabilities(ofOutputs: outputs) == softmax)
    let logs = outputs.map { $0 - 2.241311296657157 }
    let found = try #require(
      try step(["log-softmax"], "kl-divergence").probabilities(ofOutputs: logs))
    expectClose(found, softmax ?? [], Tolerance(relative: 1e-13))
    #expect(try step([], "hinge").probabilities(ofOutputs: outputs) == nil)
    #expect(
      try step([], "softmax-cross-entropy:reduction=sum").probabilities(ofOutputs: outputs)
        == softmax)
  }
}
