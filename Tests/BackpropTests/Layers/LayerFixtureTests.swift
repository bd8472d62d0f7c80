import BackpropTesting
import Testing

@testable import Backprop

/// Single layers against PyTorch in float64: outputs, and gradients of parameters and inputs, by the
/// interpreter and by the compiled plan.
@Suite("PyTorch's layers")
struct LayerFixtureTests {
  private func check(_ fixture: LayerFixture) throws {
    let traced = try TracedLayer(fixture)
    #expect(traced.expectations.count > fixture.outputs.count)
    let outputs = traced.expectations.map(\.value)
    let builder = traced.trace.builder
    let interpreted = try Interpreter<Double>(builder.graph).values(
      of: outputs, bindings: traced.bindings)
    traced.expect(interpreted, "interpreter")
    let planned = try PlanEvaluator().values(of: outputs, in: builder, bindings: traced.bindings)
    traced.expect(planned.outputs, "plan")
  }

  @Test(arguments: Fixture.load("normalizers", as: LayerFixture.self))
  func normalizers(_ fixture: LayerFixture) throws { try check(fixture) }

  @Test(arguments: Fixture.load("embeddings", as: LayerFixture.self))
  func embeddings(_ fixture: LayerFixture) throws { try check(fixture) }

  @Test(arguments: Fixture.load("recurrent", as: LayerFixture.self))
  func recurrent(_ fixture: LayerFixture) throws { try check(fixture) }

  @Test(arguments: Fixture.load("attention", as: LayerFixture.self))
  func attention(_ fixture: LayerFixture) throws { try check(fixture) }
}
