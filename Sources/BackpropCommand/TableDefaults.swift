import Backprop

/// What trains well on a table that nobody has seen before.
///
/// One hidden layer of 64 relus, Adam with decoupled decay of weights, and early stopping: chosen
/// once for all tables by the means over twenty splits of small tables, with nothing told from the
/// file but the number of training rows, which decides the batch size.
enum TableDefaults {
  /// Settings that depend on the number of training rows alone.
  static func defaults(samples: Int) -> DataSource.Defaults {
    DataSource.Defaults(
      network: "_-64-_ relu", optimizer: "adam:learning-rate=.002", epochs: 200,
      batchSize: samples < 2000 ? 32 : samples < 20000 ? 64 : 256, weightDecay: 0.5, patience: 30)
  }
}
