import Backprop

/// What trains well on a table that nobody has seen before.
enum TableDefaults {
  /// Settings that depend on the task and the number of training rows alone.
  static func defaults(samples: Int, isClassification: Bool) -> DataSource.Defaults {
    let batchSize = samples < 2000 ? 32 : samples < 20000 ? 64 : 256
    return DataSource.Defaults(
      network: "_-64-32-_ relu", optimizer: "adam:learning-rate=.002", epochs: 200,
      batchSize: batchSize, weightDecay: isClassification ? 0.1 : 1, patience: 30)
  }
}
