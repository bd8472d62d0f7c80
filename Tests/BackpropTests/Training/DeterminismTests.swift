import BackpropExecution
import BackpropTesting
import Testing

@testable import Backprop

/// Equal bits, whatever shares the work.
@Suite struct DeterminismTests {
  /// An optimiser with what goes with it, by name.
  static func parts(_ name: String) -> (optimizer: any Optimizer, regularization: Regularization) {
    switch name {
    case "adam": (Adam(learningRate: 0.01), Regularization())
    case "clip-norm": (SGD(learningRate: 0.1), Regularization(clipNorm: 0.5))
    case "nesterov": (Nesterov(learningRate: 0.01), Regularization(l2: 0.1, clipValue: 0.01))
    default: (SGD(learningRate: 0.1), Regularization())
    }
  }

  /// The state after some steps over batches of 130, with batch normalisation and dropout in the
  /// network.
  static func run(
    _ name: String, _ precision: ScalarType, steps: Int = 20, threads: Int = 1,
    _ change: (inout PlanOptions) -> Void = { _ in }
  ) throws -> TrainingState {
    let step = try step(name, precision, threads: threads, change)
    return try run(step, steps: steps, seed: 4)
  }

  static func step(
    _ name: String, _ precision: ScalarType, threads: Int = 1,
    _ change: (inout PlanOptions) -> Void = { _ in }
  ) throws -> TrainingStep {
    let (optimizer, regularization) = parts(name)
    var options = PlanOptions()
    // However small the work, it is shared.
    options.serialThreshold = 0
    change(&options)
    let network = Sequential([
      ("hidden", Dense(200, bias: .none)), ("norm", BatchNorm()), ("sigmoid", Activation.sigmoid),
      ("dropout", Dropout(0.2)), ("output", Dense(100)),
    ])
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: optimizer, input: .float([300]),
      target: .classes(100), regularization: regularization, trainingSamples: 390,
      precision: precision, threads: threads, options: options)
  }

  static let data = try! Dataset.random(390, inputs: 300, outputs: 100)

  static func run(_ step: TrainingStep, steps: Int, seed: UInt64) throws -> TrainingState {
    var state = try step.initialState(seed: seed)
    var epoch = 0
    while state.step < steps {
      for batch in data.batches(of: 130, key: RandomKey(seed), epoch: epoch)
      where state.step < steps {
        try step.run(&state, batch)
      }
      epoch += 1
    }
    return state
  }

  @Test(arguments: ["sgd", "adam", "clip-norm", "nesterov"], [ScalarType.float32, .float64])
  func `1 thread and several`(_ name: String, _ precision: ScalarType) throws {
    let alone = try Self.run(name, precision)
    for threads in [2, 3, 7] {
      let shared = try Self.run(name, precision, threads: threads)
      #expect(shared == alone, "\(threads) threads")
    }
    let finite = alone["hidden.weight"]!.array(of: Double.self).allSatisfy(\.isFinite)
    #expect(finite)
    #expect(alone.step == 20)
  }

  @Test(arguments: ["sgd", "adam", "clip-norm"], [ScalarType.float32, .float64])
  func `every instruction set`(_ name: String, _ precision: ScalarType) throws {
    let states = try KernelPath.supported.map { path in
      try Self.run(name, precision, steps: 3) { $0.path = path }
    }
    for (path, state) in zip(KernelPath.supported, states) where path != .amx {
      #expect(state == states[0], "\(path)")
    }
    // AMX has other bits in large float32 products, and the same everywhere else.
    guard KernelPath.amx.isSupported, precision == .float64 else { return }
    #expect(states.last == states[0], "amx")
  }

  @Test(arguments: ["sgd", "clip-norm"])
  func `AMX is near the other paths`(_ name: String) throws {
    guard KernelPath.amx.isSupported else { return }
    let near = try Self.run(name, .float32, steps: 1) { $0.path = .amx }
    let exact = try Self.run(name, .float64, steps: 1)
    let other = try Self.run(name, .float32, steps: 1) { $0.path = .portable }
    #expect(near != other, "no product was large enough for AMX")
    func distance(_ state: TrainingState) -> Double {
      zip(
        state["hidden.weight"]!.array(of: Double.self),
        exact["hidden.weight"]!.array(of: Double.self)
      ).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    #expect(distance(near) <= 1.5 * distance(other))
  }

  @Test func `two tasks at once on one step`() async throws {
    let step = try Self.step("adam", .float32, threads: 2)
    let seeds: [UInt64] = [1, 2, 3]
    let together = try await withThrowingTaskGroup(of: (UInt64, TrainingState).self) { group in
      for seed in seeds { group.addTask { (seed, try Self.run(step, steps: 12, seed: seed)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for seed in seeds {
      #expect(try Self.run(step, steps: 12, seed: seed) == together[seed])
    }
    #expect(together[1] != together[2])
  }

  /// What a forward pass gives does not depend on how a plan is cut. The gradient does, by
  /// rounding: sums over rows run within blocks of strip/columns rows, and the blocks belong to the
  /// plan.
  @Test(arguments: [ScalarType.float32, .float64])
  func `other strips`(_ precision: ScalarType) throws {
    let usual = try Self.run("sgd", precision, steps: 3)
    let batch = Self.data.batches(of: 130)[0]
    let forward = try Self.step("sgd", precision).predict(usual, batch)
    for strip in [64, 256, 4096] {
      let step = try Self.step("sgd", precision) { $0.strip = strip }
      let (prediction, cost) = try step.predict(usual, batch)
      #expect(prediction == forward.prediction && cost == forward.cost, "strip \(strip)")
      let state = try Self.run(step, steps: 3, seed: 4)
      try expectNearlyEqual(state, usual, precision, "strip \(strip)")
    }
  }

  /// Fused, a product starts at its bias; not fused, the bias is added after it, which rounds
  /// otherwise.
  @Test(arguments: [ScalarType.float32, .float64])
  func `fused or not`(_ precision: ScalarType) throws {
    let usual = try Self.run("sgd", precision, steps: 3)
    let plain = try Self.run("sgd", precision, steps: 3) { $0.fuses = false }
    try expectNearlyEqual(plain, usual, precision, "not fused")
  }

  /// Without sums over rows no bit depends on the strip.
  @Test(arguments: [ScalarType.float32, .float64])
  func `other strips without biases`(_ precision: ScalarType) throws {
    func run(_ strip: Int) throws -> TrainingState {
      var options = PlanOptions()
      (options.strip, options.serialThreshold) = (strip, 0)
      let network = try MultilayerPerceptron(
        NetworkSpecification(parsing: "300-70-100 tanh identity"), bias: .none)
      let step = try TrainingStep(
        network, loss: .softmaxCrossEntropy, optimizer: Adam(), input: .float([300]),
        target: .classes(100), regularization: Regularization(clipNorm: 0.5),
        precision: precision, threads: 2, options: options)
      return try Self.run(step, steps: 3, seed: 4)
    }
    let usual = try run(PlanOptions().strip)
    for strip in [64, 256, 4096] { #expect(try run(strip) == usual, "strip \(strip)") }
  }

  private func expectNearlyEqual(
    _ a: TrainingState, _ b: TrainingState, _ precision: ScalarType, _ what: String
  ) throws {
    for path in a.paths {
      let worst = try Discrepancy(
        "\(what), \(path)", found: Numbers(a[path]!), expected: Numbers(b[path]!),
        tolerance: precision == .float64 ? 1e-12 : 1e-4, floor: 1e-2)
      #expect(worst.passed, "\(worst)")
    }
  }

  @Test func `a copy of a state does not change with the other`() throws {
    let step = try Self.step("sgd", .float32)
    var state = try Self.run(step, steps: 2, seed: 1)
    let copy = state
    try step.run(&state, Self.data.batches(of: 130)[0])
    #expect(copy != state)
    #expect(try Self.run(step, steps: 2, seed: 1) == copy)
  }
}
