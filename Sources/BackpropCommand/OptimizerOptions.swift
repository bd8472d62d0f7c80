import ArgumentParser
import Backprop

/// The flags that say how a network learns.
struct OptimizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The update rule: \(list(Optimizers.allNames)).",
      discussion: """
        Options after a colon, as in adam:beta1=.9,epsilon=1e-8. Each has accumulate=4 (an update of \
        four steps), ema=0.999 and swa-start=1000,swa-every=100 (means of the weights).
        """, valueName: "name"))
  var optimizer: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The learning rate of a step.", valueName: "rate"))
  var learningRate: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The momentum; it makes sgd, or no optimizer named, momentum.", valueName: "fraction"))
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "L1: adds lambda/n times the sum of the weights' magnitudes to the cost.",
      valueName: "lambda"))
  var l1: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Nielsen's L2: adds lambda/2n times the sum of squared weights to the cost.",
      valueName: "lambda"))
  var l2: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decoupled decay of weights, per step and unit of learning rate.", valueName: "rate"))
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest norm of the whole gradient.", valueName: "norm"))
  var clipNorm: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The largest norm of the weights that enter one unit.", valueName: "norm"))
  var maxNorm: Double?

  @Option(
    help: ArgumentHelp(
      "Other settings for parameters whose paths fit a pattern; may be given several times.",
      discussion: """
        "hidden1.*:freeze=1", "*.bias:rate=2", "output.*:rate=0.1,weight-decay=0": the first that \
        fits decides.
        """, valueName: "text"))
  var rule: [String] = []

  @Option(
    help: ArgumentHelp(
      "The learning rate over the run: \(list(Schedule.allNames)).",
      discussion: """
        step:every=1000,factor=0.5, exponential:factor=0.999, cosine:epochs=30, \
        "warmup:epochs=1 then cosine:epochs=29", one-cycle:epochs=10, plateau:patience=3; every and \
        steps count steps, epochs epochs.
        """, valueName: "text"))
  var schedule: String?

  @Option(
    help: ArgumentHelp(
      "From which weights gradients are computed: \(list(UpdateOrder.allCases)).",
      discussion: "sequential reproduces a published example; for plain sgd.", valueName: "order"))
  var order = UpdateOrder.simultaneous.rawValue

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How often the training part is gone through.", valueName: "count"))
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop when the validation loss has not fallen for so many epochs.", valueName: "epochs"))
  var patience: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Samples a step.", valueName: "count"))
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Decides initial weights and the order of samples.", valueName: "seed"))
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads that share a step; the result is the same.", valueName: "count"))
  var threads = 1

  /// The update rule.
  ///
  /// - Parameter fallback: the rule where no flag names one.
  func makeOptimizer(fallback: String) throws -> any Optimizer {
    try check("learning-rate", learningRate, "a number above 0") { $0 > 0 }
    try check("momentum", momentum, "a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 }
    var text = optimizer ?? fallback
    if let momentum {
      let parts = (optimizer ?? "momentum").split(separator: ":", maxSplits: 1)
      let name = parts.first == "sgd" ? "momentum" : parts.first.map(String.init) ?? ""
      guard ["momentum", "nesterov"].contains(name) || !Optimizers.allNames.contains(name) else {
        throw ConfigurationError(
          "momentum", "--momentum goes with sgd, momentum or nesterov, not with \(name)")
      }
      text = ([name] + parts.dropFirst().map(String.init)).joined(separator: ":")
      text += (parts.count > 1 ? "," : ":") + "momentum=\(momentum)"
    }
    var rule = try Optimizers.named(text)
    if let learningRate { rule.learningRate = learningRate }
    return rule
  }

  /// What is done beside the update rule.
  ///
  /// - Parameter fallback: the decay of weights where no flag names one, or L2.
  func makeRegularization(weightDecay fallback: Double? = nil) throws -> Regularization {
    let decay = weightDecay ?? (l2 == nil ? fallback : nil)
    let regularization = Regularization(
      l1: l1, l2: l2, weightDecay: decay, clipNorm: clipNorm, maxNorm: maxNorm,
      rules: try rule.map { try ParameterRule(parsing: $0) })
    try regularization.validate()
    return regularization
  }

  /// Checks a count.
  func checkCounts() throws {
    let counts = [
      ("epochs", epochs), ("batch-size", batchSize), ("threads", threads), ("patience", patience),
    ]
    for (name, value) in counts {
      guard let value, value < 1 else { continue }
      throw ConfigurationError(name, "\(name) is \(value); expected a whole number of at least 1")
    }
  }

  private func check(
    _ name: String, _ value: Double?, _ expected: String, _ isRight: (Double) -> Bool
  ) throws {
    guard let value, !(value.isFinite && isRight(value)) else { return }
    throw ConfigurationError(name, "\(name) is \(value); expected \(expected)")
  }
}
