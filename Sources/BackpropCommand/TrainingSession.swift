import Backprop

/// What the flags of `train` and the defaults of the data come to.
struct TrainingSession {
  let step: TrainingStep
  let epochs: Int
  let batchSize: Int
  let seed: UInt64
  /// The epochs without progress after which training stops; nil for never.
  let patience: Int?

  /// Puts a step together.
  ///
  /// - Throws: `ConfigurationError` or `ShapeError` if flags are wrong, or do not fit the data or
  ///   each other.
  init(
    _ data: TrainingData, learning: OptimizerOptions, network: NetworkOptions
  ) throws {
    let count = data.split.training.count
    var size = learning.batchSize ?? data.defaults.batchSize
    var session = try Self(data, learning, network, batchSize: size)
    if size == 1 || count % size == 1 {
      do {
        try session.step.checkBatch(of: 1)
      } catch let error as ShapeError {
        // A size that nobody named gives way.
        guard learning.batchSize == nil, count > 2 else {
          throw ConfigurationError(
            "batch-size",
            "batch-size \(size) leaves one of \(count) samples for the last batch: "
              + "\(error)")
        }
        repeat { size += 1 } while count % size == 1
        session = try Self(data, learning, network, batchSize: size)
      }
    }
    self = session
  }

  private init(
    _ data: TrainingData, _ learning: OptimizerOptions, _ network: NetworkOptions, batchSize: Int
  ) throws {
    let (defaults, split) = (data.defaults, data.split)
    self.batchSize = batchSize
    epochs = learning.epochs ?? defaults.epochs
    seed = learning.seed
    patience = learning.patience ?? defaults.patience
    let training = split.training
    let optimizer = try learning.makeOptimizer(fallback: defaults.optimizer)
    // A schedule counts updates.
    let batches = (training.count - 1) / batchSize + 1
    let stepsPerEpoch = (batches - 1) / optimizer.accumulation + 1
    let schedule = try learning.schedule.map {
      try Schedule(parsing: $0, stepsPerEpoch: stepsPerEpoch)
    }
    let target: TargetSpecification =
      training.classCount.map { .classes($0) } ?? .values([training.targets.shape.last])
    step = try network.makeStep(
      inputs: training.featureCount, target: target, fallback: defaults.network,
      initializer: defaults.initializer,
      optimizer: optimizer,
      regularization: learning.makeRegularization(weightDecay: defaults.weightDecay),
      schedule: schedule ?? .constant,
      trainingSamples: training.count, order: choice("order", learning.order),
      threads: learning.threads, areLabels: data.areLabels)
  }

  /// The network in one line.
  var networkText: String { NetworkForm(step.network)?.description ?? "network" }

  /// Every setting by name, resolved.
  var settings: [JSONValue.Member] {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    let regularization = step.regularization
    let rules = regularization.rules.map { JSONValue.string($0.description) }
    // Layers of a list say these themselves.
    let network = step.network as? MultilayerPerceptron
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return [
      .init("network", NetworkForm(step.network)?.json ?? .null),
      .init("loss", .string(step.loss.text)),
      .init("optimizer", .string(step.optimizer.text)),
      .init("learning_rate", .number(step.optimizer.learningRate)),
      .init("schedule", .string(step.schedule.description)),
      .init("l1", number(regularization.l1)), .init("l2", number(regularization.l2)),
      .init("weight_decay", number(regularization.weightDecay)),
      .init("clip_norm", number(regularization.clipNorm)),
      .init("max_norm", number(regularization.maxNorm)),
      .init("rule", rules.isEmpty ? .null : .array(rules)),
      .init("bias", text(network?.bias.rawValue)),
      .init("freeze_biases", network.map { .bool($0.freezesBias) } ?? .null),
      .init("initializer", text(network?.initializer.name)),
      .init("bias_initializer", text(network?.biasInitializer.name)),
      .init("order", .string(step.order.rawValue)),
      .init("precision", .string(step.namedPrecision.rawValue)),
      .init("epochs", .integer(epochs)), .init("batch_size", .integer(batchSize)),
      .init("patience", patience.map { .integer($0) } ?? .null),
      .init("seed", .seed(seed)), .init("threads", .integer(step.threads)),
    ]
  }
}
