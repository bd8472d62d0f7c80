import Backprop
import Testing

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
}
