import Testing

@testable import Backprop

/// Numbers from PyTorch in float64 through the compiled step: cost and gradients before any step,
/// and five steps.
@Suite("PyTorch's numbers, compiled")
struct FixtureStepTests {
  /// Some gradients are zero but for rounding, hence the absolute part.
  private let close = Tolerance(relative: 1e-10, absolute: 1e-13)

  private func check(_ fixture: Fixture) throws -> StepCase {
    var example = try fixture.compiled()
    let results = fixture.results
    expectClose(try example.cost(), results.loss, close, "loss")
    let gradients = try example.gradients()
    #expect(gradients.keys.sorted() == results.gradients.keys.sorted())
    for (path, expected) in results.gradients {
      expectClose(gradients[path] ?? [], expected.values, close, "∂C/∂\(path)")
    }
    let losses = try results.losses.map { _ in try example.run() }
    expectClose(losses, results.losses, close, "losses")
    for (path, expected) in results.parametersAfter {
      expectClose(example[path], expected.values, close, path)
    }
    return example
  }

  private static let plain =
    Fixture.load("activations") + Fixture.load("losses") + Fixture.load("schedules")
    + Fixture.load("optimizers") + Fixture.load("more_activations") + Fixture.load("more_losses")
    + Fixture.load("more_optimizers")

  @Test(arguments: plain)
  func `five steps`(_ fixture: Fixture) throws {
    _ = try check(fixture)
    let example = try fixture.compiled()
    let (prediction, cost) = try example.step.predict(example.state, example.batch)
    expectClose(
      prediction.array(of: Double.self), fixture.results.outputs.values, close, "outputs")
    expectClose(cost, fixture.results.loss, close, "cost in evaluation")
  }

  @Test(arguments: Fixture.load("normalization"))
  func `batch normalisation`(_ fixture: Fixture) throws {
    let after = try check(fixture)
    var again = try fixture.compiled()
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
    let outputs = try after.step.predict(after.state, after.batch).prediction
    expectClose(
      outputs.array(of: Double.self), fixture.results.evaluationOutputs!.values, close,
      "evaluation")
  }
}
