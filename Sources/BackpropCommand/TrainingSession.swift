import Backprop

/// What the flags of `train` and the defaults of the data come to.
struct TrainingSession {
  let step: TrainingStep
  let network: MultilayerPerceptron
  let epochs: Int
  let batchSize: Int
  let seed: UInt64

  /// Puts a step together.
  ///
  /// - Throws: `ConfigurationError` or `ShapeError` if flags are wrong, or do not fit the data or each other.
  init(
    _ source: DataSource, _ split: DataSplit, learning: OptimizerOptions, network: NetworkOptions
  ) throws {
    let defaults = source.defaults
    epochs = learning.epochs ?? defaults.epochs
    batchSize = learning.batchSize ?? defaults.batchSize
    seed = learning.seed
    let training = split.training
    let stepsPerEpoch = (training.count - 1) / batchSize + 1
    let schedule = try learning.schedule.map {
      try Schedule(parsing: $0, stepsPerEpoch: stepsPerEpoch)
    }
    let target: TargetSpecification =
      training.classCount.map { .classes($0) } ?? .values([training.targets.shape.last])
    (step, self.network) = try network.makeStep(
      inputs: training.featureCount, target: target, fallback: defaults.network,
      initializer: defaults.initializer,
      optimizer: learning.makeOptimizer(fallback: defaults.optimizer),
      regularization: learning.makeRegularization(), schedule: schedule ?? .constant,
      trainingSamples: training.count, order: choice("order", learning.order),
      threads: learning.threads)
  }

  /// Every setting by name, resolved.
  var settings: [JSONValue.Member] {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    let regularization = step.regularization
    return [
      .init("network", .string(network.specification.description)),
      .init("loss", .string(OptionText.text(step.loss.name, step.loss.options))),
      .init("optimizer", .string(OptionText.text(step.optimizer.name, step.optimizer.options))),
      .init("learning_rate", .number(step.optimizer.learningRate)),
      .init("schedule", .string(step.schedule.description)),
      .init("l2", number(regularization.l2)),
      .init("weight_decay", number(regularization.weightDecay)),
      .init("clip_norm", number(regularization.clipNorm)),
      .init("bias", .string(network.bias.rawValue)),
      .init("freeze_biases", .bool(network.freezesBias)),
      .init("initializer", .string(network.initializer.name)),
      .init("bias_initializer", .string(network.biasInitializer.name)),
      .init("order", .string(step.order.rawValue)),
      .init("precision", .string(step.precision.rawValue)),
      .init("epochs", .integer(epochs)), .init("batch_size", .integer(batchSize)),
      .init("seed", .seed(seed)), .init("threads", .integer(step.threads)),
    ]
  }
}

/// What a run came to.
struct TrainingOutcome {
  let fit: Trainer.Fit
  /// The test part with the parameters of the best epoch, and of the last.
  let best, last: Evaluation
  let classNames: [String]?

  /// The names of the classes that the best network never finds though they are there.
  var neverPredicted: [String] {
    best.classesNeverPredicted.map { index in classNames?[index] ?? "\(index)" }
  }

  /// The figures of the event `end`, without the folder.
  var jsonMembers: [JSONValue.Member] {
    var members = best.jsonMembers(prefix: "test_") + last.jsonMembers(prefix: "last_test_")
    members += [
      .init("best_epoch", .integer(fit.bestEpoch)),
      .init("train_seconds", .number(fit.trainSeconds)),
      .init("samples_per_second", .number(fit.samplesPerSecond)),
    ]
    if best.confusion != nil {
      members.append(
        .init("classes_never_predicted", .array(neverPredicted.map { .string($0) })))
    }
    return members
  }
}
