import Testing

@testable import Backprop

/// A case of `lbfgs.json`.
private struct LBFGSCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let learningRate: Double
  let memory: Int
  let inputs: Nested
  let targets: [Int32]
  let parameters, parametersAfter, parametersAfterFive: [String: Nested]
  let losses: [Double]
  let evaluations: Int
  var testDescription: String { name }
}

@Suite struct LBFGSTests {
  private func step(
    _ precision: ScalarType = .float64, _ regularization: Regularization = .init(), threads: Int = 1
  ) throws -> TrainingStep {
    try TrainingStep(
      MultilayerPerceptron(NetworkSpecification(parsing: "3-4-3 tanh identity")),
      loss: .softmaxCrossEntropy, optimizer: SGD(), input: .float([3]), target: .classes(3),
      regularization: regularization, precision: precision, threads: threads)
  }

  private func batch(_ reference: LBFGSCase) throws -> Batch {
    try Dataset(
      name: "reference", inputs: Tensor(reference.inputs.values, shape: [20, 3]),
      targets: Tensor(reference.targets), classCount: 3
    ).batches(of: 20)[0]
  }

  private func state(_ step: TrainingStep, _ reference: LBFGSCase) throws -> TrainingState {
    var state = try step.initialState(seed: 0)
    for (path, values) in reference.parameters {
      try state.set(path, to: Tensor(values.values, shape: values.numbers.shape))
    }
    return state
  }

  /// PyTorch's costs before each iteration, and its parameters after five and eight; one call or many.
  @Test(arguments: Fixture.load("lbfgs", as: LBFGSCase.self))
  fileprivate func pytorch(_ reference: LBFGSCase) throws {
    let (step, batch) = (try step(), try batch(reference))
    var state = try state(step, reference), whole = state
    var minimizer = LBFGS(learningRate: reference.learningRate, memory: reference.memory)
    var again = minimizer
    for (index, loss) in reference.losses.enumerated() {
      expectClose([try step.predict(state, batch).cost], [loss], Tolerance(relative: 1e-10))
      let outcome = try minimizer.minimize(step, &state, batch, iterations: 1)
      #expect(outcome.ending == .iterations && outcome.iterations == 1)
      guard index == 4 || index == 7 else { continue }
      let expected = index == 4 ? reference.parametersAfterFive : reference.parametersAfter
      for (path, values) in expected {
        expectClose(
          state[path]?.array(of: Double.self) ?? [], values.values,
          Tolerance(relative: 1e-10, absolute: 1e-12))
      }
    }
    #expect(state.step == 8)
    let outcome = try again.minimize(step, &whole, batch, iterations: 8)
    for path in state.paths { #expect(whole[path] == state[path]) }
    // Each call of PyTorch's begins with one evaluation more.
    #expect(outcome.evaluations == reference.evaluations - 7)
  }

  @Test func threadsDoNotMatter() throws {
    let reference = Fixture.load("lbfgs", as: LBFGSCase.self)[0]
    let all = try [1, 3].map { threads in
      let step = try step(.float32, threads: threads)
      var state = try state(step, reference)
      var minimizer = LBFGS()
      try minimizer.minimize(step, &state, batch(reference), iterations: 20)
      return state
    }
    #expect(all[0] == all[1])
  }

  /// Rosenbrock's valley, in which gradient descent would take thousands of steps.
  @Test func valley() throws {
    var minimizer = LBFGS(gradientTolerance: 1e-10, changeTolerance: 0)
    let (numbers, outcome) = try minimizer.minimize(from: [-1.2, 1], iterations: 100) { w in
      let (a, b) = (1 - w[0], w[1] - w[0] * w[0])
      return (a * a + 100 * b * b, [-2 * a - 400 * w[0] * b, 200 * b])
    }
    expectClose(numbers, [1, 1], Tolerance(relative: 1e-9))
    #expect(outcome.ending == .gradient && outcome.gradient <= 1e-10 && outcome.iterations < 50)
  }

  /// x − log x has no value left of 0, where the first moves lead.
  @Test func placesWithoutACost() throws {
    var minimizer = LBFGS(learningRate: 50, changeTolerance: 0)
    let (numbers, outcome) = try minimizer.minimize(from: [5], iterations: 50) { w in
      w[0] > 0 ? (w[0] - .log(w[0]), [1 - 1 / w[0]]) : (.nan, [.nan])
    }
    expectClose(numbers, [1], Tolerance(relative: 1e-6))
    #expect(outcome.ending != .iterations)
  }

  @Test func endings() throws {
    var minimizer = LBFGS()
    let bowl: ([Double]) -> (cost: Double, gradient: [Double]) = { w in (w[0] * w[0], [2 * w[0]]) }
    let found = try minimizer.minimize(from: [0], iterations: 5, bowl).outcome
    #expect(found.ending == .gradient && found.iterations == 0 && found.evaluations == 1)
    // A line that falls for ever ends.
    minimizer.forget()
    let line = try minimizer.minimize(from: [0], iterations: 1) { w in (-w[0], [-1]) }.outcome
    #expect(line.ending == .iterations && line.cost < -1e6)
    // Numbers of another count than those that were learnt from.
    let other = try minimizer.minimize(from: [1, 2], iterations: 20) { w in
      (w[0] * w[0] + w[1] * w[1], [2 * w[0], 2 * w[1]])
    }
    #expect(other.outcome.ending == .gradient)
  }

  @Test func errors() throws {
    let reference = Fixture.load("lbfgs", as: LBFGSCase.self)[0]
    let step = try step(.float64, Regularization(l2: 1))
    var state = try state(step, reference)
    let before = state
    var minimizer = LBFGS()
    expectError(
      "L-BFGS: the step has regularisation, of which it would know nothing; leave it out"
    ) {
      try minimizer.minimize(step, &state, batch(reference), iterations: 1)
    }
    #expect(state == before)
    minimizer.memory = 0
    expectError("L-BFGS: memory is 0; expected 1 or more") {
      _ = try minimizer.minimize(from: [1], iterations: 1) { _ in (0, [0]) }
    }
    minimizer = LBFGS(learningRate: 0)
    expectError("L-BFGS: learning-rate is 0.0; expected a number above 0") {
      _ = try minimizer.minimize(from: [1], iterations: 1) { _ in (0, [0]) }
    }
    minimizer = LBFGS()
    expectError("L-BFGS: the cost is nan where it begins, or its gradient not finite") {
      _ = try minimizer.minimize(from: [1], iterations: 1) { _ in (.nan, [0]) }
    }
    expectError("L-BFGS: the gradient has 2 numbers; expected 1") {
      _ = try minimizer.minimize(from: [1], iterations: 1) { _ in (0, [0, 0]) }
    }
  }
}
