import ArgumentParser
import Backprop

/// The flags that say what a network is and what its cost is: shared by every command that makes
/// one.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network, SIZES HIDDEN [OUTPUT], as in \"784-30-10 sigmoid\"; or a YAML file, a list of "
        + "layers.",
      discussion: """
        Sizes run from inputs to outputs; _ stands for the data's own number, and a single size N \
        for _-N-_. Activations: \(list(Activation.allNames)); some take numbers, as \
        leaky-relu:slope=0.2 and elu:alpha=1. A list, in a file (.yaml, .yml) or in place, has a layer an element, with \
        options: "[dense: 64, batch-norm, relu, dropout: 0.2, dense: {units: _, bias: none}]". \
        Kinds: the activations, \(list(Self.otherKinds)). Flags say what a layer does not.
        """, valueName: "text"))
  var network: String?

  @Option(
    help: ArgumentHelp(
      "The cost: \(list(Losses.allNames)).",
      discussion: """
        Options after a colon: huber:delta=0.5, softmax-cross-entropy:label-smoothing=0.1, \
        class-weights=1:2:5; reduction=sum. Unless told: softmax-cross-entropy for classes \
        (cross-entropy where the network names sigmoid or softmax as its output, \
        negative-log-likelihood where log-softmax), \
        mean-squared-error for values, sigmoid-cross-entropy for several labels of 0 and 1.
        """, valueName: "name"))
  var loss: String?

  private static let otherKinds = LayerRegistry.standard.kinds.filter {
    !Activation.allNames.contains($0)
  }

  @Option(
    help: ArgumentHelp(
      "The biases: \(list(Dense.Bias.allCases)) (default: unit).", valueName: "kind"))
  var bias: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Leave the biases as they start. (default: --no-freeze-biases)")
  var freezeBiases: Bool?

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

  @Option(
    help: ArgumentHelp(
      "The numbers: float32, float64, bfloat16 (default: float32).",
      discussion: """
        bfloat16 rounds the factors of matrix products to 8 bits; all else stays float32. Large \
        networks on a CPU with AMX train faster.
        """, valueName: "type"))
  var precision: String?

  /// The cost.
  ///
  /// - Parameter output: the output activation that the network names; sigmoid or softmax chooses
  ///   the cost where no flag does.
  func makeLoss(
    _ output: Activation?, isClassification: Bool, areLabels: Bool = false
  ) throws -> any Loss {
    if let loss { return try Losses.named(loss) }
    if areLabels {
      return output == .sigmoid ? BinaryCrossEntropy() : SigmoidCrossEntropy()
    }
    guard isClassification else { return MeanSquaredError() }
    switch output?.range {
    case .probabilities: return CrossEntropy()
    case .logProbabilities: return NegativeLogLikelihood()
    default: return SoftmaxCrossEntropy()
    }
  }

  /// The network and its cost.
  ///
  /// - Parameters:
  ///   - inputs: the number of features in the data.
  ///   - target: what the network is to tell.
  ///   - fallback: the network where no flag names one.
  ///   - initializer: the start of the weights where no flag names one.
  ///   - areLabels: whether values are labels of 0 or 1.
  /// - Throws: `ConfigurationError` for a wrong name, or a network that does not fit the data or
  ///   the cost.
  func makeNetwork(
    inputs: Int, target: TargetSpecification, fallback: String,
    initializer defaultInitializer: Initializer = .glorotUniform, areLabels: Bool = false
  ) throws -> (network: any Layer, loss: any Loss) {
    let isClassification = if case .classes = target { true } else { false }
    let specification: NetworkSpecification
    switch try NetworkSource(network ?? fallback) {
    case .text(let text): specification = try NetworkSpecification(parsing: text)
    case .layers(let text):
      let network = try makeLayers(
        text, outputs: target.outputs, initializer: defaultInitializer)
      let loss = try makeLoss(
        network.outputActivation, isClassification: isClassification, areLabels: areLabels)
      try text.locating(network) { _ in
        try network.validate(input: .float([inputs]), target: target, loss: loss)
      }
      return (network, loss)
    }
    let loss = try makeLoss(
      specification.outputActivation, isClassification: isClassification, areLabels: areLabels)
    let resolved = try specification.resolved(
      inputs: inputs, outputs: target.outputs, loss: loss, isClassification: isClassification)
    let starts = try makeInitializers(fallback: defaultInitializer)
    let network = try MultilayerPerceptron(
      resolved, bias: makeBias(), freezesBias: freezeBiases ?? false, initializer: starts.weights,
      biasInitializer: starts.biases)
    return (network, loss)
  }

  /// How weights and biases start.
  func makeInitializers(
    fallback: Initializer
  ) throws -> (weights: Initializer, biases: Initializer) {
    let weights = try initializer.map { try Initializers.named($0) } ?? fallback
    let isStandardNormal = weights.name == Initializer.standardNormal.name
    let biases =
      try biasInitializer.map { try Initializers.named($0) }
      ?? (isStandardNormal ? .standardNormal : .zeros)
    return (weights, biases)
  }

  /// Which biases there are.
  func makeBias() throws -> Dense.Bias { try choice("bias", bias ?? Dense.Bias.unit.rawValue) }

  /// The real type of all numbers.
  func makePrecision() throws -> Precision {
    try Precision(named: precision ?? Precision.float32.rawValue)
  }

  /// The step that trains a network by these flags; for parameters, see
  /// ``makeNetwork(inputs:target:fallback:initializer:areLabels:)``.
  func makeStep(
    inputs: Int, target: TargetSpecification, fallback: String,
    initializer: Initializer = .glorotUniform, optimizer: any Optimizer = SGD(),
    regularization: Regularization = Regularization(), schedule: Schedule = .constant,
    trainingSamples: Int = 1, order: UpdateOrder = .simultaneous, threads: Int = 1,
    areLabels: Bool = false
  ) throws -> TrainingStep {
    let (network, loss) = try makeNetwork(
      inputs: inputs, target: target, fallback: fallback, initializer: initializer,
      areLabels: areLabels)
    let precision = try makePrecision()
    return try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: .float([inputs]), target: target,
      regularization: regularization, schedule: schedule, trainingSamples: trainingSamples,
      precision: precision.scalarType, order: order, threads: threads, options: precision.options)
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
