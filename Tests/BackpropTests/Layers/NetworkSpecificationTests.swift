import Backprop
import Testing

@Suite struct NetworkSpecificationTests {
  private func resolve(
    _ text: String, _ loss: any Loss, _ isClassification: Bool, inputs: Int = 784, outputs: Int = 10
  ) throws -> String {
    try NetworkSpecification(parsing: text).resolved(
      inputs: inputs, outputs: outputs, loss: loss, isClassification: isClassification
    ).description
  }

  @Test(arguments: [
    ("784-30-10 sigmoid", "784-30-10 sigmoid"), ("30 sigmoid", "_-30-_ sigmoid"),
    ("  _-128-64-_   relu  softmax ", "_-128-64-_ relu softmax"),
    ("_-30-10 leaky-relu:slope=0.2", "_-30-10 leaky-relu:slope=0.2"), ("4-3", "4-3"),
    ("_-_ sigmoid", "_-_ sigmoid"),
  ])
  func textComesBack(_ text: String, _ expected: String) throws {
    let specification = try NetworkSpecification(parsing: text)
    #expect(specification.description == expected)
    #expect(try NetworkSpecification(parsing: expected) == specification)
  }

  @Test func resolution() throws {
    let cases: [(String, any Loss, Bool, String)] = [
      // The cost takes activations and the target is a class: as the hidden layers.
      ("784-30-10 sigmoid", .halfSquaredError, true, "784-30-10 sigmoid sigmoid"),
      ("30 sigmoid", .crossEntropy, true, "784-30-10 sigmoid sigmoid"),
      ("30 tanh", .meanSquaredError, true, "784-30-10 tanh tanh"),
      // The cost takes logits.
      ("_-128-64-_ relu", .softmaxCrossEntropy, true, "784-128-64-10 relu identity"),
      ("30 sigmoid", .sigmoidCrossEntropy, true, "784-30-10 sigmoid identity"),
      ("30 sigmoid", .sigmoidCrossEntropy, false, "784-30-10 sigmoid identity"),
      // The target is numeric.
      ("30 sigmoid", .halfSquaredError, false, "784-30-10 sigmoid identity"),
      // Said.
      ("30 relu sigmoid", .halfSquaredError, false, "784-30-10 relu sigmoid"),
      ("30 relu softmax", .crossEntropy, true, "784-30-10 relu softmax"),
      ("30 relu tanh", .softmaxCrossEntropy, true, "784-30-10 relu tanh"),
      // Without a hidden layer.
      ("784-10", .softmaxCrossEntropy, true, "784-10 identity"),
      ("_-_", .huber, false, "784-10 identity"),
      ("_-_ sigmoid", .crossEntropy, true, "784-10 sigmoid"),
    ]
    for (text, loss, isClassification, expected) in cases {
      let resolved = try resolve(text, loss, isClassification)
      #expect(resolved == expected, "\(text), \(loss.name)")
      // The resolved form is read back and resolves to itself.
      let again = try NetworkSpecification(parsing: resolved)
      #expect(again.isResolved)
      #expect(try resolve(resolved, loss, isClassification) == resolved)
    }
  }

  @Test(arguments: [
    ("", "network '': it is empty; expected SIZES HIDDEN [OUTPUT], as in 784-30-10 sigmoid"),
    (
      "relu 30",
      "network 'relu 30': 'relu' is not a size; expected whole numbers of at least 1 with - between, as in 784-30-10"
    ),
    (
      "784-0-10 relu",
      "network '784-0-10 relu': '0' is not a size; expected whole numbers of at least 1 with - between, as in 784-30-10"
    ),
    (
      "784--10 relu",
      "network '784--10 relu': '' is not a size; expected whole numbers of at least 1 with - between, as in 784-30-10"
    ),
    (
      "784-_-10 relu",
      "network '784-_-10 relu': _ may stand only for the inputs or the outputs; give the hidden layer a size"
    ),
    (
      "_ relu",
      "network '_ relu': _ may stand only for the inputs or the outputs; give the hidden layer a size"
    ),
    (
      "784-30-10",
      "network '784-30-10': 0 activations; expected the activation of the hidden layers and, if wanted, that of the output layer, as in 784-30-10 sigmoid"
    ),
    (
      "30 relu relu relu",
      "network '30 relu relu relu': 3 activations; expected the activation of the hidden layers and, if wanted, that of the output layer, as in 30 sigmoid"
    ),
    (
      "4-3 relu softmax",
      "network '4-3 relu softmax': 2 activations; expected the activation of the output layer or none, since it has no hidden layer"
    ),
    (
      "30 sigmod",
      "unknown activation 'sigmod'; did you mean 'sigmoid'? Known: \(Activation.allNames.joined(separator: ", "))"
    ),
  ])
  func refusesText(_ text: String, _ message: String) {
    expectError(message) { _ = try NetworkSpecification(parsing: text) }
  }

  @Test func refusesSizesThatDoNotFitTheData() {
    expectError("network '4-30-10 sigmoid': 4 inputs, but the data has 784; write 784 or _") {
      _ = try resolve("4-30-10 sigmoid", .halfSquaredError, true)
    }
    expectError("network '784-30-3 sigmoid': 3 outputs, but the data has 10; write 10 or _") {
      _ = try resolve("784-30-3 sigmoid", .halfSquaredError, true)
    }
  }

  @Test func refusesAnOutputThatDoesNotFitTheCost() {
    for (output, loss) in [
      ("softmax", Losses.allNames[9]), ("sigmoid", Losses.allNames[9]),
      ("sigmoid", Losses.allNames[8]), ("softmax", Losses.allNames[8]),
    ] {
      expectError(
        "\(loss) takes logits, not the output of \(output); leave the output activation out, or use cross-entropy or binary-cross-entropy, which take activations"
      ) {
        _ = try resolve("30 relu \(output)", try Losses.named(loss), true)
      }
    }
    let end =
      "; name sigmoid or softmax as the output activation, or use sigmoid-cross-entropy, which takes logits"
    expectError("cross-entropy takes activations between 0 and 1, not the output of relu\(end)") {
      _ = try resolve("30 relu", .crossEntropy, true)
    }
    expectError(
      "binary-cross-entropy takes activations between 0 and 1, not the output of identity\(end)"
    ) {
      _ = try resolve("30 relu identity", .binaryCrossEntropy, false)
    }
    expectError(
      "network '_-30-_ relu': binary-cross-entropy takes activations; name that of the output layer: sigmoid or softmax"
    ) {
      _ = try resolve("30 relu", .binaryCrossEntropy, false)
    }
    expectError(
      "network '_-_': half-squared-error takes activations; name that of the output layer: sigmoid, for example"
    ) {
      _ = try resolve("_-_", .halfSquaredError, true)
    }
  }
}

@Suite struct MultilayerPerceptronTests {
  @Test(arguments: [
    ("4-3 identity", ["output"]), ("4-5-3 relu identity", ["hidden", "output"]),
    ("4-5-6-3 relu identity", ["hidden1", "hidden2", "output"]),
  ])
  func namesItsLayers(_ text: String, _ names: [String]) throws {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: text), initializer: .heNormal, biasInitializer: .standardNormal)
    #expect(network.layerNames == names)
    let trace = Trace(mode: .training, scalarType: .float32)
    let x = trace.builder.leaf(.input("x"), [2, 4], .float32)
    #expect(try network(x, trace.scope).shape == [2, 3])
    #expect(
      trace.declarations.map(\.path) == names.flatMap { ["\($0).weight", "\($0).bias"] })
    #expect(Set(trace.declarations.map(\.initial.name)) == ["he-normal", "standard-normal"])
  }

  @Test func refusesWhatIsOpenOrDoesNotFit() throws {
    expectError(
      "network '_-30-_ relu': sizes or the output activation are open; resolve it with the data first"
    ) {
      _ = try MultilayerPerceptron(NetworkSpecification(parsing: "30 relu"))
    }
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: "4-3 identity"))
    let trace = Trace(mode: .training, scalarType: .float32)
    let x = trace.builder.leaf(.input("x"), [2, 5], .float32)
    expectError("network of [2, 5]: 5 features; '4-3 identity' has 4 inputs") {
      _ = try network(x, trace.scope)
    }
  }
}
