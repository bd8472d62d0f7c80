import Testing

@testable import Backprop

@Suite struct ConfigurationErrorTests {
  @Test(arguments: [
    ("sigmod", "sigmoid"), ("Sigmoid", "sigmoid"), ("leaky_relu", "leaky-relu"), ("rleu", "relu"),
    ("soft-max", "softmax"), ("gelu tanh", "gelu-tanh"),
  ])
  func nearestName(_ name: String, _ expected: String) {
    #expect(nearest(to: name, among: Activation.allNames) == expected)
  }

  @Test(arguments: ["", "x", "swish", "maxout", "42"])
  func noNameIsNear(_ name: String) {
    #expect(nearest(to: name, among: Activation.allNames) == nil)
  }

  @Test func unknownNames() {
    let all = Activation.allNames.joined(separator: ", ")
    expectError("unknown activation 'sigmod'; did you mean 'sigmoid'? Known: \(all)") {
      _ = try Activation(named: "sigmod")
    }
    expectError("unknown activation 'maxout'; known: \(all)") {
      _ = try Activation(named: "maxout")
    }
    #expect(ConfigurationError("a", "b").option == "a")
  }

  @Test func optionsOfAText() {
    expectError(
      "activation 'leaky-relu': unknown option 'slop'; did you mean 'slope'? Known: slope"
    ) {
      _ = try Activation(named: "leaky-relu:slop=1")
    }
    expectError("activation 'leaky-relu': unknown option 'alpha'; known: slope") {
      _ = try Activation(named: "leaky-relu:alpha=1")
    }
    expectError("activation 'relu': it has no option 'slope'") {
      _ = try Activation(named: "relu:slope=1")
    }
    expectError("activation 'leaky-relu': the number 0.2 needs a name: slope") {
      _ = try Activation(named: "leaky-relu:0.2")
    }
    for item in ["slope=", "slope=x", "slope", "slope=nan", "=1=2"] {
      expectError(
        "activation 'leaky-relu': '\(item)' is not an option with a number, such as key=0.5"
      ) {
        _ = try Activation(named: "leaky-relu:\(item)")
      }
    }
    expectError("activation 'leaky-relu': the option 'slope' is given twice") {
      _ = try Activation(named: "leaky-relu:slope=1,slope=2")
    }
    expectError("activation 'elu': alpha is -1; expected a number above 0") {
      _ = try Activation(named: "elu:alpha=-1")
    }
  }
}
