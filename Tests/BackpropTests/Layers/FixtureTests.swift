import Testing

@testable import Backprop

/// Numbers from PyTorch in float64: outputs, cost and gradients before any step, and five steps.
@Suite("PyTorch's numbers")
struct FixtureTests {
  /// Some gradients are zero but for rounding, hence the absolute part.
  private let close = Tolerance(relative: 1e-10, absolute: 1e-13)

  private func check(_ fixture: Fixture) throws -> ReferenceTrainer {
    var trainer = try fixture.trainer()
    let results = fixture.results
    let numbers = try trainer.values(of: [trainer.prediction, trainer.cost])
    expectClose(numbers[0].values, results.outputs.values, close, "outputs")
    expectClose(numbers[1].values, [results.loss], close, "loss")
    let gradients = try trainer.gradients()
    #expect(gradients.keys.sorted() == results.gradients.keys.sorted())
    for (path, expected) in results.gradients {
      #expect(gradients[path]?.shape == expected.numbers.shape)
      expectClose(gradients[path]?.values ?? [], expected.values, close, "∂C/∂\(path)")
    }
    let losses = try results.losses.map { _ in try trainer.run() }
    expectClose(losses, results.losses, close, "losses")
    for (path, expected) in results.parametersAfter {
      expectClose(trainer[path], expected.values, close, path)
    }
    return trainer
  }

  @Test(arguments: Fixture.load("activations") + Fixture.load("more_activations"))
  func activations(_ fixture: Fixture) throws { _ = try check(fixture) }

  @Test(arguments: Fixture.load("losses") + Fixture.load("more_losses"))
  func losses(_ fixture: Fixture) throws { _ = try check(fixture) }

  @Test(arguments: Fixture.load("schedules"))
  func schedules(_ fixture: Fixture) throws {
    _ = try check(fixture)
    let base = fixture.optimizer.options["learningRate"]!
    let schedule = fixture.makeSchedule()
    expectClose(
      (0..<12).map { base * schedule.factor(step: $0) }, fixture.results.learningRates!,
      Tolerance(relative: 1e-14))
  }

  @Test(arguments: Fixture.load("optimizers") + Fixture.load("more_optimizers"))
  func optimizers(_ fixture: Fixture) throws {
    _ = try check(fixture)
    guard let expected = fixture.results.gradientsClipped else { return }
    let clipped = try clippedGradients(fixture)
    for (path, numbers) in expected { expectClose(clipped[path]!, numbers.values, close, path) }
  }

  /// What clipping makes of the gradients that the file has.
  private func clippedGradients(_ fixture: Fixture) throws -> [String: [Double]] {
    let o = fixture.optimizer.options
    let regularization = Regularization(clipValue: o["clipValue"], clipNorm: o["clipNorm"])
    let builder = GraphBuilder()
    var bindings: [Leaf: Numbers<Double>] = [:]
    let raw = fixture.results.gradients.sorted { $0.key < $1.key }.map { path, numbers in
      bindings[.input(path)] = numbers.numbers
      let value = builder.leaf(.input(path), numbers.numbers.shape, .float64)
      return ParameterGradient(path: path, role: .weight, parameter: value, gradient: value)
    }
    for name in ["Value", "Norm"] {
      bindings[.scalar("clip-\(name.lowercased())")] = o["clip\(name)"].map { Numbers([], [$0]) }
    }
    let clipped = try regularization.apply(
      to: raw, tracer: SlotTracer(builder: builder, scalarType: .float64))
    let values = try Interpreter<Double>(builder.graph).values(
      of: clipped.map(\.gradient), bindings: bindings)
    return Dictionary(uniqueKeysWithValues: zip(clipped.map(\.path), values.map(\.values)))
  }

  @Test(arguments: Fixture.load("normalization"))
  func normalization(_ fixture: Fixture) throws {
    let trainer = try check(fixture)
    var again = try fixture.trainer()
    let width = fixture.sizes[1]
    for step in 0..<5 {
      try again.run()
      let range = step * width..<(step + 1) * width
      expectClose(
        again["norm.running-mean"], Array(fixture.results.runningMeans!.values[range]), close)
      expectClose(
        again["norm.running-variance"], Array(fixture.results.runningVariances!.values[range]),
        close)
    }
    let trace = Trace(mode: .evaluation, scalarType: .float64)
    let x = trace.builder.leaf(.input("x"), fixture.inputs.numbers.shape, .float64)
    let layer = try fixture.layer()
    let output = try layer(x, trace.scope)
    let numbers = try Interpreter<Double>(trace.builder.graph).values(
      of: [output], bindings: trainer.state)[0]
    expectClose(numbers.values, fixture.results.evaluationOutputs!.values, close, "evaluation")
    #expect(trace.updates.isEmpty)
  }
}
