import BackpropCore
import BackpropTesting
import Testing

/// `checkOp` itself must find what is wrong.
@Suite struct CheckOpTests {
  /// x² with a derivative that forgets the factor 2.
  private struct WrongSquare: UnaryOp {
    static let name = "wrong-square"
    func apply<R: RealNumber>(_ x: R) -> R { x * x }
    func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? { try g * x }
    func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.copy) }
  }

  /// x³ whose derivative has the right numbers, but does not depend on x in the graph.
  private struct WrongSecond: UnaryOp {
    static let name = "wrong-second"
    func apply<R: RealNumber>(_ x: R) -> R { x * x * x }
    func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
      try g * (3 * x.square()).stoppingGradient()
    }
    func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.copy) }
  }

  /// A sum that says it keeps its axes.
  private struct WrongShape: Op {
    static let name = "wrong-shape"
    func result(of inputs: [ValueType]) throws -> ValueType { inputs[0] }
    func derivative(_ point: DerivativePoint) throws -> [Value?] { [nil] }
    func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
      Numbers([], [0])
    }
    func lowering(_ inputs: [ValueType]) -> Lowering { .reshape }
  }

  private let x = Numbers<Double>.random([2, 3], seed: 9)

  @Test func `a wrong derivative is found, with both numbers`() throws {
    let report = try checkOp("wrong", inputs: [Numbers([1], [3])]) {
      try $0[0].builder.add(WrongSquare(), $0)
    }
    #expect(!report.passed)
    let first = try #require(report.derivatives.first)
    #expect(first.path == "first by input 0")
    #expect((first.numeric / first.analytic - 2).magnitude < 1e-9)
    #expect((first.error - 0.5).magnitude < 1e-9)
    #expect(first.place == [0] && first.suspicion == .derivative)
    #expect(first.uncertainty < 1e-9)
    #expect("\(report)".hasPrefix("wrong: failed\nderivative "))
    #expect("\(report)".contains("\n\nfirst by input 0 at [0]: backpropagation "))
    #expect("\(report)".contains("\n  suspicion: the derivative: "))
  }

  @Test func `a wrong second derivative is found`() throws {
    let report = try checkOp("wrong", inputs: [x]) { try $0[0].builder.add(WrongSecond(), $0) }
    #expect(report.derivatives.map(\.passed) == [true, false])
  }

  @Test func `a wrong shape is found`() throws {
    let report = try checkOp(
      "wrong", inputs: [Numbers([2], [1, 2])], scalarTypes: [.int32]
    ) { try $0[0].builder.add(WrongShape(), $0) }
    #expect(report.shapeFaults == ["wrong-shape evaluates to []; its rule says [2]"])
    #expect(!report.passed)
  }

  @Test func `an evaluator that gives other numbers is found`() throws {
    let other = Evaluator("other", tolerance: 1e-6) { graph, outputs, bindings in
      var values = try Interpreter(graph).values(of: outputs, bindings: bindings)
      values[0].values[4] += 0.01
      return values
    }
    let report = try checkOp("exp", inputs: [x], evaluators: [other]) { try $0[0].exp() }
    #expect(report.evaluations.filter { !$0.passed }.map(\.check) == ["other, output 0"])
    #expect(report.evaluations.first { !$0.passed }?.place == [1, 1])
    #expect(LoweredInterpreter.evaluator.name == "lowered")
  }

  @Test func `a wrong lowering is found`() throws {
    let report = try checkOp("wrong", inputs: [x], evaluators: [LoweredInterpreter.evaluator]) {
      try $0[0].builder.add(WrongSquare(), $0)
    }
    #expect(report.evaluations.contains { $0.check == "lowered, output 0" && !$0.passed })
  }

  @Test(arguments: [-1e-9, 0.02, .nan, .infinity])
  func `tolerances that make no check are refused`(_ tolerance: Double) {
    #expect(throws: ToleranceError.self) { try checkedTolerance(tolerance) }
    #expect(throws: ToleranceError.self) {
      try checkOp("exp", inputs: [x], tolerance: tolerance) { try $0[0].exp() }
    }
    let evaluator = Evaluator("same", tolerance: tolerance) { graph, outputs, bindings in
      try Interpreter(graph).values(of: outputs, bindings: bindings)
    }
    #expect(throws: ToleranceError.self) {
      try checkOp("exp", inputs: [x], evaluators: [evaluator]) { try $0[0].exp() }
    }
  }

  @Test func `sensible tolerances are kept`() throws {
    #expect(try checkedTolerance(0) == 0)
    #expect(try checkedTolerance(1e-7) == 1e-7)
  }
}
