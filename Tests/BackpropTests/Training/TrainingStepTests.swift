import BackpropTesting
import Testing

@testable import Backprop

@Suite struct TrainingStepTests {
  private static func network(_ text: String, bias: Dense.Bias = .unit) throws
    -> MultilayerPerceptron
  {
    try MultilayerPerceptron(
      NetworkSpecification(parsing: text), bias: bias, biasInitializer: .normal(deviation: 0.3))
  }

  private static func step(
    _ text: String = "6-9-4 sigmoid identity", _ loss: any Loss = .softmaxCrossEntropy,
    optimizer: any Optimizer = SGD(learningRate: 0.5), precision: ScalarType = .float64,
    schedule: Schedule = .constant, regularization: Regularization = Regularization()
  ) throws -> TrainingStep {
    let network = try network(text)
    let sizes = network.specification.sizes.compactMap { $0 }
    return try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: .float([sizes[0]]),
      target: .classes(sizes[sizes.count - 1]), regularization: regularization,
      schedule: schedule, trainingSamples: 100, precision: precision)
  }

  @Test(arguments: Losses.allNames.filter { $0 != "root-mean-squared-error" })
  func `the gradient of a batch is the mean of its samples' gradients`(_ name: String) throws {
    let loss = try Losses.named(name)
    let output = loss.input == .probabilities ? "sigmoid" : "identity"
    let step = try Self.step("6-9-4 tanh \(output)", loss)
    let state = try step.initialState(seed: 2)
    let data = try Dataset.random(17, inputs: 6, outputs: 4)
    let (cost, gradients) = try step.costAndGradient(state, data.whole)
    var meanCost = 0.0
    var mean = gradients.mapValues { [Double](repeating: 0, count: $0.shape.count) }
    for batch in data.batches(of: 1) {
      let (cost, gradients) = try step.costAndGradient(state, batch)
      meanCost += cost / 17
      for (path, gradient) in gradients {
        for (index, value) in gradient.array(of: Double.self).enumerated() {
          mean[path]![index] += value / 17
        }
      }
    }
    expectClose(cost, meanCost, Tolerance(relative: 1e-13))
    for (path, gradient) in gradients {
      let worst = try Discrepancy(
        path, found: Numbers(gradient), expected: Numbers(gradient.shape, mean[path]!),
        tolerance: 1e-12, floor: 1e-3)
      #expect(worst.passed, "\(worst)")
    }
  }

  @Test(arguments: [ScalarType.float32, .float64])
  func `a state starts with the numbers of whole arrays`(precision: ScalarType) throws {
    // More weights than a piece, and an odd number of them.
    let step = try Self.step("301-127-3 sigmoid identity", precision: precision)
    let state = try step.initialState(seed: 5)
    let root = RandomKey(5).folded("initial")
    for (path, shape, initial) in step.initializers {
      let whole = Tensor(initial(shape, key: root.folded(path)), shape: shape)
      #expect(
        state[path]?.array(of: Double.self) == whole.converted(to: precision).array(of: Double.self)
      )
    }
    #expect(step.initializers.contains { $0.1.count == 301 * 127 && $0.2.isPiecewise })
  }

  @Test func `a step is the update by the gradient that costAndGradient gives`() throws {
    let step = try Self.step()
    var state = try step.initialState(seed: 2)
    let before = state
    let batch = try Dataset.random(17, inputs: 6, outputs: 4).whole
    let (cost, gradients) = try step.costAndGradient(state, batch)
    #expect(state == before)
    let reported = try step.run(&state, batch)
    #expect((reported - cost).magnitude <= 1e-15 * cost)
    for (path, gradient) in gradients {
      let expected = zip(before[path]!.array(of: Double.self), gradient.array(of: Double.self))
        .map { $0 - 0.5 * $1 }
      expectClose(
        state[path]!.array(of: Double.self), expected, Tolerance(relative: 1e-13, absolute: 1e-15))
    }
    #expect(before.step == 0 && state.step == 1)
  }

  @Test func `a changed learning rate compiles nothing`() throws {
    for optimizer in [SGD(learningRate: 0.5), Adam()] as [any Optimizer] {
      let step = try Self.step(
        optimizer: optimizer, schedule: .exponential(factor: 0.9),
        regularization: Regularization(l2: 0.1, weightDecay: 0.01, clipNorm: 1))
      var state = try step.initialState(seed: 2)
      let batch = try Dataset.random(17, inputs: 6, outputs: 4).whole
      #expect(step.compiledPlans == 0)
      try step.run(&state, batch)
      #expect(step.compiledPlans == 1)
      var ends: [TrainingState] = []
      for rate in [0.1, 0.2, 0.4] {
        var copy = state
        try step.run(&copy, batch, learningRate: rate)
        #expect(!ends.contains(copy))
        ends.append(copy)
      }
      #expect(step.compiledPlans == 1)
      var still = state
      try step.run(&still, batch, learningRate: 0.2)
      #expect(still == ends[1])
    }
  }

  @Test func `each batch size and kind is compiled once`() throws {
    let step = try Self.step()
    var state = try step.initialState(seed: 2)
    let data = try Dataset.random(25, inputs: 6, outputs: 4)
    for epoch in 0..<3 {
      for batch in data.batches(of: 10, key: RandomKey(1), epoch: epoch) {
        try step.run(&state, batch)
      }
    }
    #expect(step.compiledPlans == 2)
    _ = try step.predict(state, data.whole)
    _ = try step.costAndGradient(state, data.whole)
    _ = try step.predict(state, data.whole)
    #expect(step.compiledPlans == 4)
  }

  @Test(arguments: ["sgd", "adam"], [ScalarType.float32, .float64])
  func `compiling twice gives the same plan`(_ optimizer: String, _ precision: ScalarType) throws {
    let listings = try (0..<3).map { _ in
      try Self.step(optimizer: Optimizers.named(optimizer), precision: precision).listing(batch: 10)
    }
    #expect(listings[0] == listings[1] && listings[1] == listings[2])
    #expect(!listings[0].isEmpty)
  }

  @Test func `a run that diverges names epoch, step and layer`() throws {
    let data = try Dataset.random(40, inputs: 6, outputs: 4, isClass: false)
    let split = try data.split(key: RandomKey(0))
    let step = try TrainingStep(
      Self.network("6-9-4 relu identity"), loss: .meanSquaredError,
      optimizer: SGD(learningRate: 1e9), input: .float([6]), target: .values([4]))
    let error = try #require(throws: DivergenceError.self) {
      try Trainer(step).fit(split, epochs: 5, batchSize: 4, seed: 1)
    }
    #expect(error.epoch == 1)
    #expect((2...7).contains(error.step), "\(error)")
    #expect(error.learningRate == 1e9)
    #expect(error.origin.contains("in layer '"), "\(error)")
    #expect("\(error)".hasPrefix("training diverged in epoch 1, step \(error.step): "))
  }

  @Test func `a number that is not finite in the weights is named`() throws {
    let step = try Self.step("6-9-4 sigmoid identity")
    var state = try step.initialState(seed: 2)
    try state.set("output.weight", to: Tensor([Double](repeating: .nan, count: 36), shape: [9, 4]))
    let batch = try Dataset.random(5, inputs: 6, outputs: 4).whole
    let found = try step.findNonFinite(state, batch, .training, learningRate: 0.1)
    #expect(found == "'output.weight' holds NaN")
    #expect(try step.run(&state, batch).isNaN)
  }
}
