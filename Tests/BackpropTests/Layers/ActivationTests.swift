import Testing

@testable import Backprop

@Suite struct ActivationTests {
  @Test(arguments: Activation.allNames)
  func nameComesBack(_ name: String) throws {
    let activation = try Activation(named: name)
    #expect(activation.name == name && activation.description == name)
  }

  @Test func optionsComeBack() throws {
    #expect(try Activation(named: " leaky-relu:slope=0.2 ") == .leakyRelu(slope: 0.2))
    #expect(Activation.leakyRelu(slope: 0.2).description == "leaky-relu:slope=0.2")
    #expect(try Activation(named: "elu:alpha=2") == .elu(alpha: 2))
    #expect(Activation.elu(alpha: 2).description == "elu:alpha=2")
    #expect(try Activation(named: "leaky-relu") == .leakyRelu())
    #expect(Activation.hardtanh(lower: -2, upper: 1).description == "hardtanh:lower=-2")
    #expect(try Activation(named: "hardtanh:lower=-2") == .hardtanh(lower: -2))
  }

  /// Every activation at −1 and 2; softmax over the two.
  @Test(
    arguments: [
      ("identity", [-1, 2]), ("sigmoid", [0.2689414213699951, 0.8807970779778823]),
      ("tanh", [-0.7615941559557649, 0.9640275800758169]), ("relu", [0, 2]),
      ("leaky-relu:slope=0.2", [-0.2, 2]), ("elu:alpha=2", [-1.2642411176571153, 2]),
      ("gelu", [-0.15865525393145707, 1.9544997361036416]),
      ("gelu-tanh", [-0.15880800939172324, 1.9545976940877750]),
      ("silu", [-0.2689414213699951, 1.7615941559557646]),
      ("softplus", [0.31326168751822286, 2.1269280110429727]),
      ("softmax", [0.04742587317756678, 0.9525741268224334]),
      ("softmin", [0.9525741268224334, 0.04742587317756678]),
      ("log-softmax", [-3.048587351573742, -0.04858735157374206]),
      ("log-sigmoid", [-1.3132616875182228, -0.1269280110429725]),
      ("relu6", [0, 2]), ("hardtanh:lower=-0.5,upper=1.5", [-0.5, 1.5]),
      ("hard-sigmoid", [1.0 / 3, 5.0 / 6]), ("hard-swish", [-1.0 / 3, 5.0 / 3]),
      ("selu", [-1.1113307378125625, 2.101401974710961]),
      ("celu:alpha=2", [-0.7869386805747332, 2]),
      ("mish", [-0.30340146137410895, 1.9439589595339946]), ("softsign", [-0.5, 2.0 / 3]),
      ("tanhshrink", [-0.2384058440442351, 1.0359724199241831]),
      ("softshrink:lambda=0.25", [-0.75, 1.75]), ("hardshrink:lambda=1", [0, 2]),
      ("threshold:at=1,value=-7", [-7, 2]),
    ] as [(String, [Double])])
  func values(_ name: String, _ expected: [Double]) throws {
    let activation = try Activation(named: name)
    let result = try evaluate([Numbers(rows: [[-1, 2]])]) { values in
      let scope = Trace(mode: .training, scalarType: .float64).scope
      let a = try activation(values[0], scope)
      let label = a.builder.graph.nodes[a.id].label
      #expect(label == (activation == .identity ? nil : .activation))
      return a
    }
    expectClose(result.values, expected, Tolerance(relative: 1e-12))
  }

  /// The derivative where there is a kink: that of the table.
  @Test(
    arguments: [
      ("relu", [0], [0]), ("leaky-relu:slope=0.2", [0], [0.2]), ("elu:alpha=2", [0], [2]),
      ("relu6", [0, 6, 3], [0, 0, 1]), ("hardtanh", [-1, 1, 0], [0, 0, 1]),
      ("hard-sigmoid", [-3, 3, 0], [0, 0, 1.0 / 6]), ("hard-swish", [-3, 3, 0], [0, 1, 0.5]),
      ("selu", [0], [1.7580993408473766]), ("celu:alpha=2", [0], [1]), ("softsign", [0], [1]),
      ("softshrink", [-0.5, 0.5, 0.6], [0, 0, 1]), ("hardshrink", [-0.5, 0.5, 0.6], [0, 0, 1]),
      ("threshold:at=1,value=3", [1, 1.5], [0, 1]),
    ] as [(String, [Double], [Double])])
  func kinks(_ name: String, _ z: [Double], _ expected: [Double]) throws {
    let slopes = try evaluate([Numbers([z.count], z)]) { values in
      let a = try Activation(named: name)(
        values[0], Trace(mode: .training, scalarType: .float64).scope)
      return try gradient(of: a.sum(), withRespectTo: values)[0]
    }
    expectClose(slopes.values, expected, Tolerance(relative: 1e-14))
  }

  /// Far from 0 nothing overflows on the way there or back, and a NaN stays one.
  @Test(arguments: Activation.allNames)
  func extremes(_ name: String) throws {
    let z = [-1e5, -800, -0.0, 800, 1e5]
    func results(_ z: [Double]) throws -> [[Double]] {
      let builder = GraphBuilder()
      let leaf = builder.leaf(.input("z"), [1, z.count], .float64)
      let a = try Activation(named: name)(
        leaf, Trace(mode: .training, scalarType: .float64).scope)
      let slope = try gradient(of: (a * 2).sum(), withRespectTo: [leaf])[0]
      return try Interpreter<Double>(builder.graph).values(
        of: [a, slope], bindings: [.input("z"): Numbers([1, z.count], z)]
      ).map(\.values)
    }
    let values = try results(z)
    #expect(values.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(values)")
    let strange = try results([.nan])
    #expect(strange[0][0].isNaN)
  }

  @Test func refusesBounds() {
    expectError(
      "activation 'hardtanh': lower is 2 and upper 1; expected the first below the second"
    ) {
      _ = try Activation(named: "hardtanh:lower=2")
    }
    expectError("activation 'softshrink': lambda is -1; expected a number of at least 0") {
      _ = try Activation(named: "softshrink:lambda=-1")
    }
  }
}
