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

  /// The derivative of Σ weight · (slice)², read off the numbers of x.
  private func slopes(
    _ slices: [(axis: Int, range: Range<Int>, weight: Double)], besides: Bool = false
  ) throws -> (values: [Double], names: [String]) {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [2, 4], .float64)
    var cost = besides ? try x.sum() : x.constant(0)
    for (axis, range, weight) in slices {
      cost = try cost + x.sliced(axis: axis, range).square().sum() * weight
    }
    let first = builder.graph.nodes.count
    let slope = try gradient(of: cost, withRespectTo: [x])[0]
    let numbers = try Interpreter(builder.graph).values(
      of: [slope], bindings: [.input("x"): Numbers<Double>([2, 4], [1, 2, 3, 4, 5, 6, 7, 8])])
    return (numbers[0].values, builder.graph.nodes[first...].map(\.name))
  }

  @Test func `slices that do not overlap are put side by side`() throws {
    let gap = try slopes([(1, 2..<3, 10), (-1, 0..<1, 1), (1, 1..<1, 5)])
    #expect(gap.values == [2, 0, 60, 0, 10, 0, 140, 0])
    #expect(gap.names.count { $0 == "concatenate" } == 1)
    let whole = try slopes([(0, 1..<2, 10), (0, 0..<1, 1)], besides: true)
    #expect(whole.values == [3, 5, 7, 9, 101, 121, 141, 161])
    #expect(whole.names.count { $0 == "concatenate" } == 1)
  }

  @Test func `slices that overlap, or have several axes, add up`() throws {
    let overlapping = try slopes([(1, 0..<2, 1), (1, 1..<4, 10)])
    #expect(overlapping.values == [2, 44, 60, 80, 10, 132, 140, 160])
    let crossed = try slopes([(1, 0..<1, 1), (0, 0..<1, 10)])
    #expect(crossed.values == [22, 40, 60, 80, 10, 0, 0, 0])
    #expect(try slopes([(1, 1..<2, 1)]).values == [0, 4, 0, 0, 0, 12, 0, 0])
    #expect(try slopes([(1, 1..<1, 1), (1, 3..<3, 1)]).values == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func `products that share a matrix give one product`() throws {
    let builder = GraphBuilder()
    let w = builder.leaf(.input("w"), [2, 2], .float64)
    var h = builder.leaf(.input("x"), [1, 2], .float64)
    let x = h
    for _ in 0..<3 { h = try h.matmul(w).tanh() }
    let cost = try h.sum() + (x.matmul(w, transposeB: true)).sum()
    let first = builder.graph.nodes.count
    let slopes = try gradient(of: cost, withRespectTo: [w, x])
    let numbers: [Leaf: Numbers<Double>] = [
      .input("w"): Numbers([2, 2], [0.5, -1, 0.25, 0.75]), .input("x"): Numbers([1, 2], [1, -2]),
    ]
    let found = try Interpreter(builder.graph).values(of: slopes, bindings: numbers)
    let whole = builder.graph.nodes[first...].count { $0.name == "concatenate" }
    #expect(whole == 2)
    // Against central differences, of h²'s error.
    for (leaf, slope) in [(Leaf.input("w"), found[0]), (.input("x"), found[1])] {
      for place in slope.values.indices {
        let costs = try [1e-5, -1e-5].map { step in
          var moved = numbers
          moved[leaf]!.values[place] += step
          return try Interpreter(builder.graph).values(of: [cost], bindings: moved)[0].values[0]
        }
        #expect(abs((costs[0] - costs[1]) / 2e-5 - slope.values[place]) < 1e-8)
      }
    }
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
