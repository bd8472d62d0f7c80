import Foundation
import Testing

@testable import Backprop

/// What goes on beside an update rule: rules for some parameters, accumulation, means of weights.
@Suite struct UpdateTests {
  private static let close = Tolerance(relative: 1e-12, absolute: 1e-15)

  private static func step(
    _ optimizer: any Optimizer, _ regularization: Regularization = .init(),
    schedule: Schedule = .constant, precision: ScalarType = .float64, dropout: Double = 0
  ) throws -> TrainingStep {
    let network = Sequential([
      ("first", Dense(5)), ("tanh", Activation.tanh), ("dropout", Dropout(dropout)),
      ("last", Dense(4)),
    ])
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: optimizer, input: .float([6]),
      target: .classes(4), regularization: regularization, schedule: schedule,
      precision: precision)
  }

  private static let data = try! Dataset.random(32, inputs: 6, outputs: 4)

  private static func trained(
    _ step: TrainingStep, steps: Int, size: Int = 8
  ) throws -> [TrainingState] {
    var state = try step.initialState(seed: 1)
    let batches = data.batches(of: size)
    return try [state]
      + (0..<steps).map { index in
        try step.run(&state, batches[index % batches.count])
        return state
      }
  }

  private static func numbers(_ state: TrainingState, _ path: String) -> [Double] {
    state[path]?.array(of: Double.self) ?? []
  }

  private static let paths = ["first.weight", "first.bias", "last.weight", "last.bias"]

  @Test(arguments: [
    ("*", "a.b", true), ("", "", true), ("", "a", false), ("a.b", "a.b", true),
    ("a.b", "a.bc", false), ("a*", "a", true), ("a*", "b.a", false), ("*.bias", "a.b.bias", true),
    ("*.bias", "a.bias.x", false), ("a*c*e", "abcde", true), ("a*c*e", "abde", false),
    ("a**b", "axb", true), ("*a*a", "aa", true), ("*a*a", "a", false), ("a.*", "ab", false),
  ])
  func patterns(_ pattern: String, _ path: String, _ fits: Bool) {
    #expect(ParameterRule(pattern).fits(path) == fits)
  }

  @Test func rulesInText() throws {
    for text in [
      "encoder.*:rate=0.1,weight-decay=0,freeze=1", "*.bias:rate=2", "a:weight-decay=0.5", "b",
    ] {
      #expect(try ParameterRule(parsing: text).description == text)
    }
    expectError("rule 'a': rate is 0; expected a number above 0") {
      _ = try ParameterRule(parsing: "a:rate=0")
    }
    expectError("rule 'a': unknown option 'frozen'; known: rate, weight-decay, freeze") {
      _ = try ParameterRule(parsing: "a:frozen=1")
    }
    expectError("a rule needs a pattern of paths, as in encoder.*:rate=0.1") {
      try Regularization(rules: [ParameterRule(parsing: ":rate=1")]).validate()
    }
    expectError("rule 'x': rate is -1; expected a number above 0") {
      try Regularization(rules: [ParameterRule("x", rateFactor: -1)]).validate()
    }
    expectError(
      "rule 'encoder.*' fits no parameter; there are: first.weight, first.bias, last.weight, last.bias"
    ) {
      _ = try Self.step(SGD(), Regularization(rules: [ParameterRule("encoder.*")]))
    }
  }

  /// A rate by path is the same as another rate for the whole network, for every rule.
  @Test(arguments: Optimizers.allNames)
  func ratesByPath(_ name: String) throws {
    var optimizer = try Optimizers.named(name)
    optimizer.learningRate = 0.02
    let rules = [
      ParameterRule("first.weight", weightDecay: 0.5),
      ParameterRule("first.*", rateFactor: 0.5), ParameterRule("last.bias", isFrozen: true),
    ]
    let mixed = try Self.step(optimizer, Regularization(weightDecay: 0.1, rules: rules))
    #expect(mixed.declarations.map(\.isTrained) == [true, true, true, false])
    let after = try Self.trained(mixed, steps: 1)[1]
    let start = try mixed.initialState(seed: 1)
    func alone(_ factor: Double, _ decay: Double) throws -> TrainingState {
      let step = try Self.step(optimizer, Regularization(weightDecay: decay))
      var state = try step.initialState(seed: 1)
      try step.run(&state, Self.data.batches(of: 8)[0], learningRate: 0.02 * factor)
      return state
    }
    let expected = [
      Self.numbers(try alone(1, 0.5), "first.weight"),
      Self.numbers(try alone(0.5, 0.1), "first.bias"),
      Self.numbers(try alone(1, 0.1), "last.weight"), Self.numbers(start, "last.bias"),
    ]
    for (path, numbers) in zip(Self.paths, expected) {
      expectClose(Self.numbers(after, path), numbers, Self.close, "\(name) \(path)")
    }
  }

  /// Four steps of two samples each are one of eight.
  @Test(arguments: Optimizers.allNames + ["momentum:ema=0.9"])
  func accumulatedStepsAreOne(_ name: String) throws {
    let regularization = Regularization(l2: 0.1, weightDecay: 0.1, clipNorm: 0.2)
    let schedule = Schedule.exponential(factor: 0.9)
    let whole = try Self.step(Optimizers.named(name), regularization, schedule: schedule)
    let options = name.contains(":") ? "," : ":"
    let parts = try Self.step(
      Optimizers.named("\(name)\(options)accumulate=4"), regularization, schedule: schedule)
    let few = try Self.trained(whole, steps: 3)
    let many = try Self.trained(parts, steps: 12, size: 2)
    for (index, state) in many.enumerated() {
      for path in few[0].paths {
        expectClose(
          Self.numbers(state, path), Self.numbers(few[index / 4], path),
          Tolerance(relative: 1e-9, absolute: 1e-12), "\(name) \(index) \(path)")
      }
    }
    #expect(many[12].paths.count == few[0].paths.count + 4)
  }

  /// The means by hand, from the weights after each update.
  @Test(arguments: [
    "sgd:ema=0.75", "adam:swa-start=3,swa-every=2", "sgd:swa-start=0",
    "sgd:accumulate=2,ema=0.75", "sgd:accumulate=3,swa-start=1",
  ])
  func meansOfWeights(_ text: String) throws {
    let optimizer = try Optimizers.named(text)
    #expect(try Optimizers.named(optimizer.text).text == optimizer.text)
    let step = try Self.step(optimizer)
    let states = try Self.trained(step, steps: 12)
    #expect(try step.averaged(states[0]) == states[0])
    let every = optimizer.accumulation
    for path in Self.paths {
      var mean: [Double] = []
      var taken: [[Double]] = []
      for update in 0..<12 / every {
        let weights = Self.numbers(states[(update + 1) * every], path)
        switch optimizer.averaging {
        case .exponential(let decay):
          mean =
            mean.isEmpty
            ? weights : zip(mean, weights).map { decay * $0 + (1 - decay) * $1 }
        case .stochastic(let start, let gap):
          if update >= start, (update - start) % gap == 0 { taken.append(weights) }
          mean =
            taken.isEmpty
            ? weights
            : weights.indices.map { place in
              taken.reduce(0) { $0 + $1[place] } / Double(taken.count)
            }
        case nil: Issue.record("no mean")
        }
        let averaged = try step.averaged(states[(update + 1) * every])
        expectClose(
          Self.numbers(averaged, path), mean, Tolerance(relative: 1e-11, absolute: 1e-13), path)
      }
    }
  }

  @Test(arguments: [
    (
      "sgd:ema=0.9,swa-start=1",
      "optimizer: ema and swa-start are both given; leave one out"
    ),
    ("sgd:swa-every=2", "optimizer: swa-every needs swa-start"),
    ("sgd:ema=1", "optimizer 'sgd': ema is 1; expected a number of at least 0 and below 1"),
    (
      "sgd:accumulate=0", "optimizer 'sgd': accumulate is 0; expected a whole number of at least 1"
    ),
    ("muon:scale=mine", "optimizer 'muon': unknown scale 'mine'; known: original, match-rms-adamw"),
    (
      "adam:amsgrad=yes",
      "optimizer 'adam': 'amsgrad=yes' is not an option with a number, such as key=0.5"
    ),
  ])
  func refuses(_ text: String, _ message: String) {
    expectError(message) { _ = try Optimizers.named(text) }
  }

  /// Validation and the model have the mean; a training that goes on has it too, and so has one on
  /// a plateau its rate.
  @Test(arguments: ["sgd:ema=0.9,accumulate=3", "adam:swa-start=4,swa-every=2", "sgd"])
  func resuming(_ text: String) throws {
    let folder = try TemporaryFolder()
    let data = try Dataset.random(90, inputs: 6, outputs: 4).split(key: RandomKey(1))
    func fit(
      epochs: Int, _ checkpoints: Checkpoints? = nil, resuming: Checkpoint? = nil
    ) throws -> Trainer.Fit {
      var optimizer = try Optimizers.named(text)
      optimizer.learningRate = 0.05
      let step = try Self.step(
        optimizer, schedule: .plateau(Plateau(factor: 0.5, patience: 0, threshold: 0.3)),
        dropout: 0.4)
      return try Trainer(step).fit(
        data, epochs: epochs, batchSize: 8, seed: 3, checkpoints: checkpoints, resuming: resuming)
    }
    let whole = try fit(epochs: 6)
    let step = whole.model.step
    if step.optimizer.averaging != nil {
      let evaluation = try step.evaluate(
        step.averaged(whole.lastState), on: data.validation, isDetailed: false)
      #expect(evaluation.loss == whole.history.last?.validation.loss)
      #expect(try step.averaged(whole.lastState) != whole.lastState)
    }
    let path = "\(folder.path)/checkpoints"
    _ = try fit(epochs: 6, Checkpoints(path, every: .steps(5), keep: 1000))
    var count = 0
    for name in FileIO.names(in: path) where name.hasPrefix("checkpoint") {
      let checkpoint = try Checkpoint(contentsOf: "\(path)/\(name)")
      let again = try fit(epochs: 6, resuming: checkpoint)
      #expect(again.lastState == whole.lastState, "\(name)")
      for declaration in step.declarations {
        #expect(again.model.state[declaration.path] == whole.model.state[declaration.path])
      }
      #expect(again.history.map(\.validation.loss) == whole.history.map(\.validation.loss))
      count += 1
    }
    #expect(count >= 3)
    let losses = whole.history.map(\.validation.loss)
    #expect(step.schedule.factor(validationLosses: losses) < 1)
  }

  /// A plateau halves what a step moves.
  @Test func aPlateauReachesTheSteps() throws {
    let data = try Dataset.random(40, inputs: 6, outputs: 4).split(key: RandomKey(1))
    func last(_ schedule: Schedule) throws -> TrainingState {
      try Trainer(Self.step(SGD(learningRate: 5), schedule: schedule)).fit(
        data, epochs: 8, batchSize: 8
      ).lastState
    }
    let plain = try last(.constant)
    #expect(try last(.plateau(Plateau(factor: 0.5, patience: 100))) == plain)
    #expect(try last(.plateau(Plateau(factor: 0.5, patience: 0, threshold: 0.3))) != plain)
  }
}

@Suite struct WeightLimitTests {
  /// A weight [2, 2] whose gradient is 0: the columns (3, 4) and (0.3, 0.4).
  private struct Columns: Layer {
    var role = ParameterRole.weight
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      try 0 * scope.parameter("w", [2, 2], .zeros, role: role) + x
    }
  }

  private func after(
    _ regularization: Regularization, role: ParameterRole = .weight, _ start: [Double]
  ) throws -> [Double] {
    var trainer = try ReferenceTrainer(
      Columns(role: role), loss: .halfSquaredError, optimizer: SGD(learningRate: 0.1),
      regularization: regularization, trainingSamples: 4,
      input: Numbers([2, 2], repeating: 0), target: Numbers([2, 2], repeating: 0))
    trainer["w"] = start
    try trainer.run()
    return trainer["w"]
  }

  @Test func maxNorm() throws {
    let start = [3, 0.3, 4, 0.4]
    let limited = try after(Regularization(maxNorm: 1), start)
    expectClose(limited, [0.6, 0.3, 0.8, 0.4], Tolerance(relative: 1e-15))
    #expect(try after(Regularization(maxNorm: 1), role: .scale, start) == start)
    #expect(try after(Regularization(maxNorm: 1), [0, 0, 0, 0]) == [0, 0, 0, 0])
  }

  @Test func l1() throws {
    // (λ/n)·sign(w) = 0.5; nothing at 0.
    expectClose(
      try after(Regularization(l1: 2), [3, -0.3, 0, 4]), [2.95, -0.25, 0, 3.95],
      Tolerance(relative: 1e-14))
    #expect(try after(Regularization(l1: 2), role: .bias, [3, -0.3, 0, 4]) == [3, -0.3, 0, 4])
  }

  @Test func validation() {
    expectError("l1 is -1; expected a number of at least 0") {
      try Regularization(l1: -1).validate()
    }
    expectError("max-norm is 0; expected a number above 0") {
      try Regularization(maxNorm: 0).validate()
    }
  }
}
