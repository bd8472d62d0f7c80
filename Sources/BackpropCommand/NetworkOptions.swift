import ArgumentParser
import Backprop

/// The flags that say what a network is and what its cost is: shared by every command that makes one.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network, SIZES HIDDEN [OUTPUT], as in \"784-30-10 sigmoid\".",
      discussion: """
        Sizes run from inputs to outputs; _ stands for the data's own number, and a single size N \
        for _-N-_. Activations: \(list(Activation.allNames)); leaky-relu:slope=0.2 and elu:alpha=1 \
        take a number.
        """, valueName: "text"))
  var network: String?

  @Option(
    help: ArgumentHelp(
      "The cost: \(list(Losses.allNames)).",
      discussion: """
        huber:delta=0.5 takes a number. Unless told: softmax-cross-entropy for classes \
        (cross-entropy where the network names sigmoid or softmax as its output), \
        mean-squared-error for values.
        """, valueName: "name"))
  var loss: String?

  @Option(help: ArgumentHelp("The biases: \(list(Dense.Bias.allCases)).", valueName: "kind"))
  var bias = Dense.Bias.unit.rawValue

  @Flag(help: "Leave the biases as they start.")
  var freezeBiases = false

  @Option(
    help: ArgumentHelp(
      "How weights start: \(list(Initializers.allNames)).",
      discussion: "constant:0.1, uniform:0.5 and normal:0.01 take a number.", valueName: "name"))
  var initializer: String?

  @Option(
    help: ArgumentHelp(
      "How biases start (default: zeros; standard-normal where the weights are standard-normal).",
      valueName: "name"))
  var biasInitializer: String?

  @Option(help: ArgumentHelp("The numbers: float32, float64.", valueName: "type"))
  var precision = ScalarType.float32.rawValue

  /// The cost, for a network in text.
  ///
  /// - Parameter specification: an output of sigmoid or softmax that it names chooses the cost where no flag does.
  func makeLoss(
    _ specification: NetworkSpecification, isClassification: Bool
  ) throws -> any Loss {
    if let loss { return try Losses.named(loss) }
    guard isClassification else { return MeanSquaredError() }
    let isProbability = [.sigmoid, .softmax].contains(specification.outputActivation)
    return isProbability ? CrossEntropy() : SoftmaxCrossEntropy()
  }

  /// The network and its cost.
  ///
  /// - Parameters:
  ///   - inputs: the number of features in the data.
  ///   - target: what the network is to tell.
  ///   - fallback: the network where no flag names one.
  ///   - initializer: the start of the weights where no flag names one.
  /// - Throws: `ConfigurationError` for a wrong name, or a network that does not fit the data or the cost.
  func makeNetwork(
    inputs: Int, target: TargetSpecification, fallback: String,
    initializer defaultInitializer: Initializer = .glorotUniform
  ) throws -> (network: MultilayerPerceptron, loss: any Loss) {
    let isClassification = if case .classes = target { true } else { false }
    let specification = try NetworkSpecification(parsing: network ?? fallback)
    let loss = try makeLoss(specification, isClassification: isClassification)
    let resolved = try specification.resolved(
      inputs: inputs, outputs: target.outputs, loss: loss, isClassification: isClassification)
    let weights = try initializer.map { try Initializers.named($0) } ?? defaultInitializer
    let isStandardNormal = weights.name == Initializer.standardNormal.name
    let biases =
      try biasInitializer.map { try Initializers.named($0) }
      ?? (isStandardNormal ? .standardNormal : .zeros)
    let network = try MultilayerPerceptron(
      resolved, bias: choice("bias", bias), freezesBias: freezeBiases, initializer: weights,
      biasInitializer: biases)
    return (network, loss)
  }

  /// The real type of all numbers.
  func makePrecision() throws -> ScalarType {
    guard let type = ScalarType(rawValue: precision), type == .float32 || type == .float64 else {
      throw ConfigurationError.unknown("precision", precision, known: ["float32", "float64"])
    }
    return type
  }

  /// The step that trains a network by these flags; for parameters, see ``makeNetwork(inputs:target:fallback:initializer:)``.
  func makeStep(
    inputs: Int, target: TargetSpecification, fallback: String,
    initializer: Initializer = .glorotUniform, optimizer: any Optimizer = SGD(),
    regularization: Regularization = Regularization(), schedule: Schedule = .constant,
    trainingSamples: Int = 1, order: UpdateOrder = .simultaneous, threads: Int = 1
  ) throws -> (step: TrainingStep, network: MultilayerPerceptron) {
    let (network, loss) = try makeNetwork(
      inputs: inputs, target: target, fallback: fallback, initializer: initializer)
    let step = try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: .float([inputs]), target: target,
      regularization: regularization, schedule: schedule, trainingSamples: trainingSamples,
      precision: makePrecision(), order: order, threads: threads)
    return (step, network)
  }
}

/// One of the names of a kind; a wrong name gets the nearest right one.
func choice<Choice: RawRepresentable & CaseIterable>(
  _ kind: String, _ name: String
) throws -> Choice where Choice.RawValue == String {
  guard let choice = Choice(rawValue: name) else {
    throw ConfigurationError.unknown(kind, name, known: Choice.allCases.map(\.rawValue))
  }
  return choice
}

/// Names for a line of help.
func list(_ names: [String]) -> String { names.joined(separator: ", ") }

/// The names of all choices for a line of help.
func list<Choice: RawRepresentable>(_ choices: [Choice]) -> String where Choice.RawValue == String {
  list(choices.map(\.rawValue))
}
