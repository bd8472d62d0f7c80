import BackpropCore

extension TrainingStep {
  /// What decides the numbers of a training, apart from the machine: a training that goes on must have the
  /// same.
  func recipe(_ data: DataSplit, batchSize: Int, seed: UInt64) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    let arrays = declarations.map { declaration -> JSONValue in
      .string("\(declaration.path) \(declaration.shape)\(declaration.isTrained ? "" : " fixed")")
    }
    let rules = regularization.rules.map { JSONValue.string($0.description) }
    return [
      "network": NetworkForm(network)?.json ?? .array(arrays),
      "loss": .string(loss.text),
      "optimizer": .string(optimizer.text),
      "learning_rate": .number(optimizer.learningRate),
      "schedule": .string(schedule.description),
      "l1": number(regularization.l1), "max_norm": number(regularization.maxNorm),
      "rules": rules.isEmpty ? .null : .array(rules),
      "l2": number(regularization.l2), "weight_decay": number(regularization.weightDecay),
      "clip_norm": number(regularization.clipNorm),
      "order": .string(order.rawValue), "precision": .string(namedPrecision.rawValue),
      "batch_size": .integer(batchSize), "seed": .seed(seed),
      "training_samples": .integer(data.training.count),
      "training_data": .string(data.training.checksum),
      "validation_data": .string(data.validation.checksum),
    ]
  }

  /// What else the bits depend on.
  package var machine: JSONValue {
    [
      "random_version": .integer(Int(RandomKey.version)),
      "kernels": .string(options.path.rawValue),
      "flushes_denormals": .bool(options.flushesDenormals && precision == .float32),
    ]
  }
}
