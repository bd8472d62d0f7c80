import Testing

@testable import Backprop

/// One parameter of a role, whose gradient is the parameter minus a target.
private struct Quadratic: Layer {
  var role = ParameterRole.weight
  var frozen = false
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try scope.parameter("w", [1, 1], .ones, role: role, frozen: frozen) + 0 * x
      + 0 * scope.parameter("other", [1, 1], .ones, role: .bias)
  }
}

private func trainer(
  _ optimizer: any Optimizer, _ regularization: Regularization = .init(),
  schedule: Schedule = .constant, role: ParameterRole = .weight, frozen: Bool = false,
  target: Double = 0, samples: Int = 1
) throws -> ReferenceTrainer {
  try ReferenceTrainer(
    Quadratic(role: role, frozen: frozen), loss: .halfSquaredError, optimizer: optimizer,
    regularization: regularization, schedule: schedule, trainingSamples: samples,
    input: Numbers([1, 1], [0]), target: Numbers([1, 1], [target]))
}

@Suite struct OptimizerTests {
  /// ½w² from w = 1: the values after one and two steps by hand, and the way down after many.
  @Test(
    arguments: [
      ("sgd:learning-rate=0.1", [0.9, 0.81]),
      // v = 1; 0.9 + 0.9
      ("momentum:learning-rate=0.1", [0.9, 0.72]),
      // 1 + 0.9·1; v = 0.9 + 0.81, 0.81 + 0.9·1.71
      ("nesterov:learning-rate=0.1", [0.81, 0.5751]),
      ("adam:learning-rate=0.1,epsilon=1e-15", [0.9, 0.9 - 0.1 * adamStep(0.9)]),
      // Decay comes first and does not enter the gradient.
      (
        "adamw:learning-rate=0.1,epsilon=1e-15,weight-decay=0.5",
        [0.85, 0.8075 - 0.1 * adamStep(0.85)]
      ),
    ] as [(String, [Double])])
  func firstSteps(_ text: String, _ expected: [Double]) throws {
    var trainer = try trainer(Optimizers.named(text))
    for value in expected {
      try trainer.run()
      expectClose(trainer["w"], [value], Tolerance(relative: 1e-13))
    }
    for _ in 0..<400 { try trainer.run() }
    #expect(abs(trainer["w"][0]) < 0.05)
  }

  /// The second step of Adam in units of η, after gradients 1 and g: m̂/√v̂.
  private static func adamStep(_ g: Double) -> Double {
    let m = (0.9 * 0.1 + 0.1 * g) / (1 - 0.81)
    let v = (0.999 * 0.001 + 0.001 * g * g) / (1 - 0.999 * 0.999)
    return m / v.squareRoot()
  }

  @Test func registry() throws {
    for name in Optimizers.allNames {
      var optimizer = try Optimizers.named(name)
      #expect(optimizer.name == name)
      #expect(optimizer.options.first?.name == "learning-rate")
      // Every option that is printed is read back.
      let options = optimizer.options.map { option in
        (option.name, (Double(option.value) ?? 0) / (option.name == "increase" ? 1.1 : 2))
      }
      let halved = try Optimizers.named(
        name, options: Dictionary(uniqueKeysWithValues: options))
      #expect(halved.options.map { Double($0.value) } == options.map(\.1))
      #expect(try Optimizers.named(halved.text).text == halved.text)
      optimizer.learningRate = 7
      #expect(optimizer.options[0].value == "7")
    }
    #expect((try Optimizers.named("adam", options: ["beta1": 0.8]) as? Adam)?.beta1 == 0.8)
    expectError(
      "unknown optimizer 'adm'; did you mean 'adam'? Known: sgd, momentum, nesterov, adam, adamw, adamax, nadam, radam, rmsprop, adagrad, adadelta, rprop, lion, muon"
    ) {
      _ = try Optimizers.named("adm")
    }
    expectError(
      "optimizer 'adam': unknown option 'beta3'; did you mean 'beta1'? Known: learning-rate, beta1, beta2, epsilon, amsgrad, accumulate, ema, swa-start, swa-every"
    ) {
      _ = try Optimizers.named("adam", options: ["beta3": 1])
    }
    expectError(
      "optimizer 'sgd': unknown option 'momentum'; known: learning-rate, accumulate, ema, swa-start, swa-every"
    ) {
      _ = try Optimizers.named("sgd:momentum=0.9")
    }
    expectError("optimizer 'adam': beta1 is 1; expected a number of at least 0 and below 1") {
      _ = try Optimizers.named("adam:beta1=1")
    }
    expectError("optimizer 'sgd': learning-rate is 0; expected a number above 0") {
      _ = try Optimizers.named("sgd", options: ["learning-rate": 0])
    }
    expectError("optimizer 'sgd': learning-rate is inf; expected a number above 0") {
      _ = try Optimizers.named("sgd", options: ["learning-rate": .infinity])
    }
  }

  @Test func aFrozenParameterStays() throws {
    var trainer = try trainer(
      SGD(learningRate: 0.1), Regularization(l2: 1, weightDecay: 1), frozen: true)
    try trainer.run()
    #expect(trainer["w"] == [1])
  }

  @Test func scheduleScalesTheRate() throws {
    var trainer = try trainer(SGD(learningRate: 0.1), schedule: .step(every: 1, factor: 0.5))
    try trainer.run()
    try trainer.run()
    expectClose(trainer["w"], [0.9 * 0.95], Tolerance(relative: 1e-15))
  }

  /// 10⁶ steps on, the bias corrections are still finite and near 1.
  @Test func biasCorrectionsLate() {
    var scalars: [String: Double] = [:]
    Adam().scalars(step: 1_000_000, learningRate: 0.5) { scalars[$0] = $1 }
    #expect(scalars["step-size"] == 0.5 && scalars["second-correction"] == 1)
    expectClose(power(0.999, 12345), 4.324661796025634e-06, Tolerance(relative: 1e-12))
    #expect(power(0.5, 10) == 0x1p-10 && power(3, 0) == 1)
  }
}

@Suite struct RegularizationTests {
  private func after(
    _ regularization: Regularization, role: ParameterRole = .weight,
    _ optimizer: any Optimizer = SGD(learningRate: 0.1), target: Double = 0, samples: Int = 1
  ) throws -> Double {
    var trainer = try trainer(
      optimizer, regularization, role: role, target: target, samples: samples)
    try trainer.run()
    return trainer["w"][0]
  }
  private let close = Tolerance(relative: 1e-14)

  @Test func nielsensL2() throws {
    // g = 1 + (λ/n)·w
    expectClose(try after(Regularization(l2: 5), samples: 50), 1 - 0.1 * 1.1, close)
    expectClose(try after(Regularization(l2: 5), role: .bias, samples: 50), 0.9, close)
    expectClose(try after(Regularization(l2: 5), role: .scale, samples: 50), 0.9, close)
  }

  @Test func decay() throws {
    expectClose(try after(Regularization(weightDecay: 0.5)), 0.95 - 0.1, close)
    expectClose(try after(Regularization(weightDecay: 0.5), role: .bias), 0.9, close)
    // The regularisation's decay takes the place of the optimiser's.
    let adamw = AdamW(learningRate: 0.1, epsilon: 1e-15, weightDecay: 0.2)
    expectClose(try after(Regularization(), adamw), 0.98 - 0.1, close)
    expectClose(try after(Regularization(weightDecay: 0.5), adamw), 0.95 - 0.1, close)
    expectClose(try after(Regularization(weightDecay: 0), adamw), 0.9, close)
  }

  /// L2 first, then clipping by value, then by norm. The gradient is 1 − target, before λ.
  @Test func order() throws {
    expectClose(try after(Regularization(clipValue: 0.3)), 0.97, close)
    expectClose(try after(Regularization(clipValue: 0.3), target: 2), 1.03, close)
    expectClose(try after(Regularization(l2: 2, clipValue: 2.5)), 0.75, close)
    expectClose(try after(Regularization(clipValue: 0.5, clipNorm: 0.2)), 0.98, close)
    expectClose(try after(Regularization(clipNorm: 2)), 0.9, close)
    // Decay is not clipped.
    expectClose(try after(Regularization(weightDecay: 0.5, clipNorm: 0.2)), 0.95 - 0.02, close)
  }

  @Test func aGradientOfZeroIsNotClippedToNaN() throws {
    #expect(try after(Regularization(clipNorm: 1), target: 1) == 1)
  }

  @Test func onlyWhatIsUsedIsAScalar() throws {
    func names(_ regularization: Regularization, _ optimizer: any Optimizer) throws -> [String] {
      let trace = Trace(mode: .training, scalarType: .float32)
      let w = try trace.scope.parameter("w", [2], .zeros, role: .weight)
      let tracer = SlotTracer(builder: trace.builder, scalarType: .float32)
      _ = try buildUpdates(
        parameters: trace.declarations, gradients: [w], optimizer: optimizer,
        regularization: regularization, tracer: tracer)
      // Every scalar that the graph reads gets a number at each step.
      var given: [String] = []
      stepScalars(optimizer, regularization, step: 3, learningRate: 1, trainingSamples: 10) {
        group, name, _ in given.append(ScalarPlace(group: group, name: name).leaf)
      }
      #expect(Set(tracer.scalars.map(\.name)).isSubset(of: given))
      #expect(Set(given).count == given.count)
      return tracer.scalars.map(\.name)
    }
    #expect(try names(.init(), SGD()) == ["learning-rate"])
    #expect(
      try names(Regularization(l2: 1, weightDecay: 1, clipValue: 1, clipNorm: 1), SGD())
        == ["l2", "clip-value", "clip-norm", "weight-decay", "learning-rate"])
    #expect(try names(.init(), AdamW()).first == "weight-decay")
  }

  @Test func validation() throws {
    try Regularization(l2: 0, weightDecay: 0, clipValue: 1, clipNorm: 1).validate()
    expectError("l2 is -1; expected a number of at least 0") {
      try Regularization(l2: -1).validate()
    }
    expectError("weight-decay is nan; expected a number of at least 0") {
      try Regularization(weightDecay: .nan).validate()
    }
    expectError("clip-value is 0; expected a number above 0") {
      try Regularization(clipValue: 0).validate()
    }
    expectError("clip-norm is -0.5; expected a number above 0") {
      try Regularization(clipNorm: -0.5).validate()
    }
  }
}
