import Backprop
import BackpropTesting
import Testing

/// Modes, orders and suspicions of `checkGradients`.
@Suite struct CheckGradientsModeTests {
  private func check(
    _ network: CheckCase, mode: CheckMode = .automatic(), order: DerivativeOrder = .first
  ) throws -> GradientReport {
    let (step, batch) = try network.step()
    return try checkGradients(
      of: step, step.initialState(seed: 3), batch, mode: mode, order: order)
  }

  @Test(arguments: Activation.allNames.map { CheckCase(text: "4-6-5-3 \($0) identity") })
  func `second derivatives of every activation`(_ network: CheckCase) throws {
    let report = try check(network, order: .second)
    #expect(report.passed, "\(report)")
    #expect(report.order == .second && report.parameters.map(\.compared) == [24, 6, 30, 5, 15, 3])
    #expect(report.parameters.contains { $0.analytic.magnitude > 1e-3 })
  }

  @Test(arguments: Losses.allNames)
  func `second derivatives of every cost`(_ name: String) throws {
    let report = try check(CheckCase.cost(name), order: .second)
    #expect(report.passed, "\(report)")
  }

  @Test func `second derivatives with dropout and batch normalisation`() throws {
    let layers = Sequential([
      ("hidden", Dense(8)), ("norm", BatchNorm()), ("activation", Activation.tanh),
      ("dropout", Dropout(0.4)), ("output", Dense(3)),
    ])
    let (step, batch) = try CheckCase(text: "", samples: 7).step(layers, [4, 3])
    let report = try checkGradients(
      of: step, step.initialState(seed: 3), batch, order: .second)
    #expect(report.passed, "\(report)")
  }

  @Test func `full mode goes through every element`() throws {
    let network = CheckCase(text: "70-40-3 sigmoid identity", loss: .softmaxCrossEntropy)
    let report = try check(network, mode: .full)
    #expect(report.passed, "\(report)")
    #expect(report.parameters.allSatisfy { $0.kind == .elements })
    #expect(report.parameters.map(\.compared) == [2_800, 40, 120, 3])
  }

  @Test(arguments: DerivativeOrder.allCases)
  func `directions go through all arrays jointly, and through each`(
    _ order: DerivativeOrder
  ) throws {
    let report = try check(
      CheckCase(text: "7-5-3 tanh identity"), mode: .directions(4), order: order)
    #expect(report.passed, "\(report)")
    #expect(report.parameters.map(\.compared) == [4, 4, 4, 4, 4])
    #expect(report.parameters[0].path == "all parameters")
    #expect(report.parameters[0].shape == [7 * 5 + 5 + 5 * 3 + 3])
  }

  /// An op given by three functions of one number.
  private struct Curve: UnaryOp {
    enum Kind { case flatSecond, kink, rough, wrong }
    static let name = "curve"
    let kind: Kind
    func apply<R: RealNumber>(_ x: R) -> R {
      switch kind {
      case .flatSecond, .wrong: x * x * x
      case .kink: x.magnitude
      // Waves shorter than every step.
      case .rough: x + .sin(300_000 * x) / 10_000
      }
    }
    func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
      switch kind {
      case .flatSecond: try g * (3 * x.square()).stoppingGradient()
      case .wrong: try g * (2 * x.square())
      case .kink, .rough: g
      }
    }
    func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }
    func expand(_ inputs: [Value]) throws -> Value {
      let x = inputs[0]
      return switch kind {
      case .flatSecond, .wrong: try x * x * x
      // max in disguise: nothing that is known to have a kink.
      case .kink: try x.square().sqrt()
      case .rough: x
      }
    }
  }

  private struct Curved: Layer {
    let kind: Curve.Kind
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      let z = try scope("hidden", Dense(4), x)
      return try scope("output", Dense(3), z.builder.add(Curve(kind: kind), [z]))
    }
  }

  @Test func `a wrong second derivative fails in the second order alone`() throws {
    let (step, batch) = try CheckCase(text: "").step(Curved(kind: .flatSecond), [4, 3])
    let state = try step.initialState(seed: 3)
    #expect(try checkGradients(of: step, state, batch).passed)
    for mode in [CheckMode.automatic(), .directions(3)] {
      let report = try checkGradients(of: step, state, batch, mode: mode, order: .second)
      #expect(!report.passed, "\(report)")
      let hidden = try #require(report.parameters.first { $0.path == "hidden.weight" })
      #expect(hidden.suspicion == .derivative)
    }
  }

  @Test func `a wrong derivative is told with both numbers and what to do`() throws {
    let (step, batch) = try CheckCase(text: "").step(Curved(kind: .wrong), [4, 3])
    let report = try checkGradients(of: step, step.initialState(seed: 3), batch)
    #expect(
      report.parameters.map(\.suspicion) == [.derivative, .derivative, .none, .none], "\(report)")
    let hidden = report.parameters[0]
    #expect(hidden.uncertainty < 1e-9 * hidden.numeric.magnitude)
    let place = hidden.place.map(String.init).joined(separator: ", ")
    let text = "\(report)"
    #expect(text.contains("\n\nhidden.weight at [\(place)]: backpropagation \(hidden.analytic)"))
    #expect(text.contains("differences \(hidden.numeric) ± "))
    #expect(text.contains("suspicion: the derivative: the differences have converged"))
  }

  @Test func `a kink of a user's op is suspected`() throws {
    let x = Numbers<Double>([3], [0, 1, 2])
    let report = try checkOp("magnitude", inputs: [x], orders: [.first]) {
      try $0[0].builder.add(Curve(kind: .kink), $0)
    }
    #expect(report.derivatives.map(\.suspicion) == [.kink])
    #expect(report.derivatives[0].place == [0])
    #expect("\(report)".contains("suspicion: a kink"))
  }

  @Test func `differences that do not converge are suspected`() throws {
    let report = try checkOp("rough", inputs: [.random([3], seed: 1)], orders: [.first]) {
      try $0[0].builder.add(Curve(kind: .rough), $0)
    }
    #expect(report.derivatives.map(\.suspicion) == [.step], "\(report)")
    #expect("\(report)".contains("suspicion: the step"))
  }

  @Test func `modes and orders of checkOp`() throws {
    let inputs = [Numbers<Double>.random([3, 4], seed: 1), .random([4, 2], seed: 2)]
    let report = try checkOp("matmul", inputs: inputs, orders: [.second], mode: .directions(3)) {
      try $0[0].matmul($0[1]).tanh()
    }
    #expect(report.passed, "\(report)")
    #expect(
      report.derivatives.map(\.path)
        == ["second by all inputs", "second by input 0", "second by input 1"])
    #expect(report.derivatives.allSatisfy { $0.compared == 3 })
    let full = try checkOp("matmul", inputs: inputs, mode: .full) { try $0[0].matmul($0[1]) }
    #expect(full.passed && full.derivatives.map(\.compared) == [12, 8, 12, 8])
  }

  @Test func `a trained network, whose gradients are tiny`() throws {
    let (step, batch) = try CheckCase(text: "3-8-2 tanh identity", samples: 6).step()
    var state = try step.initialState(seed: 3)
    func greatest() throws -> Double {
      let gradients = try step.costAndGradient(state, batch).gradients.values
      return gradients.flatMap { $0.array(of: Double.self) }.map(\.magnitude).max() ?? 0
    }
    for _ in 0..<4_000 where try greatest() > 1e-5 { try step.run(&state, batch) }
    #expect(try greatest() <= 1e-5)
    for order in DerivativeOrder.allCases {
      let report = try checkGradients(of: step, state, batch, order: order)
      #expect(report.passed, "\(report)")
    }
  }
}
