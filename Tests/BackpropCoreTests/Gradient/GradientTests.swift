import BackpropCore
import Testing

@Suite struct GradientTests {
  @Test func `the derivatives of x³ to the fourth order`() throws {
    for cube: @Sendable (Value) throws -> Value in [{ try $0 * $0 * $0 }, { try $0.power(3) }] {
      let builder = GraphBuilder()
      let x = builder.leaf(.input("x"), [], .float64)
      var orders = [try cube(x)]
      for _ in 0..<4 {
        orders.append(try gradient(of: orders[orders.count - 1], withRespectTo: [x])[0])
      }
      let values = try Interpreter(builder.graph).values(
        of: orders, bindings: [.input("x"): Numbers<Double>([], [2])])
      #expect(values.map { $0.values[0] } == [8, 12, 12, 6, 0])
    }
  }

  @Test func `a value that the cost does not depend on gets zeros`() throws {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [2], .float64)
    let other = builder.leaf(.input("other"), [2, 3], .float64)
    let derivative = try gradient(of: x.sum(), withRespectTo: [other, x])
    #expect(derivative.map(\.shape) == [[2, 3], [2]])
    let values = try Interpreter(builder.graph).values(
      of: derivative, bindings: [.input("x"): Numbers<Double>([2], [1, 2])])
    #expect(values.map(\.values) == [[0, 0, 0, 0, 0, 0], [1, 1]])
  }

  @Test func `adjoints of a value used twice add up`() throws {
    #expect(try slope(at: [3]) { try $0 + $0 * $0 } == [7])
  }

  @Test func `an adjoint that arrives from outside is passed on`() throws {
    let derivative = try evaluate([
      (Numbers([2], [1, 2]), .float64), (Numbers([2], [10, 100]), .float64),
    ]) { try gradient(of: $0[0].square(), withRespectTo: [$0[0]], adjoint: $0[1])[0] }
    #expect(derivative.values == [20, 400])
  }

  @Test func `backward nodes know their forward node and its layer`() throws {
    let scope = Trace(mode: .training, scalarType: .float64).scope
    let builder = scope.trace.builder
    let x = builder.leaf(.input("x"), [2], .float64)
    let y = try scope("hidden") { _ in try x.tanh() }
    let cost = try y.sum()
    let forward = builder.graph.nodes.count
    _ = try gradient(of: cost, withRespectTo: [x])
    let nodes = builder.graph.nodes
    #expect(nodes[..<forward].allSatisfy { $0.forward == nil })
    let backward = nodes[forward...].filter { $0.forward == y.id }
    #expect(!backward.isEmpty)
    #expect(backward.allSatisfy { $0.path == "hidden" })
    #expect(nodes[forward...].contains { $0.forward == cost.id })
    #expect(builder.path.isEmpty)
    #expect(try x.exp().builder.graph.nodes.last?.forward == nil)
  }

  @Test func `a cost of several numbers is refused`() throws {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [2], .float64)
    let error = #expect(throws: ShapeError.self) { try gradient(of: x, withRespectTo: [x]) }
    #expect(
      error?.description
        == "gradient of [2]: the cost must be one number; sum or average it first")
  }

  /// One sigmoid neuron worked by hand: x = 2, w = ½, b = −1, y = ¼, C = ½(a − y)².
  /// z = 0, a = ½, δ = (a − y)·a(1 − a) = ¼ · ¼ = 1/16; ∂C/∂w = δx = ⅛, ∂C/∂b = 1/16.
  @Test func `a neuron worked by hand`() throws {
    let builder = GraphBuilder()
    let (x, w, b) = (
      builder.leaf(.input("x"), [1, 1], .float64), builder.leaf(.parameter("w"), [1, 1], .float64),
      builder.leaf(.parameter("b"), [1], .float64)
    )
    let a = try (x.matmul(w) + b).sigmoid()
    let cost = try (0.5 * (a - 0.25).square()).sum()
    let derivative = try gradient(of: cost, withRespectTo: [w, b])
    let values = try Interpreter(builder.graph).values(
      of: [cost] + derivative,
      bindings: [
        .input("x"): Numbers<Double>([1, 1], [2]), .parameter("w"): Numbers([1, 1], [0.5]),
        .parameter("b"): Numbers([1], [-1]),
      ])
    #expect(values.map { $0.values[0] } == [0.03125, 0.125, 0.0625])
  }
}
