/// The optimisers by name, as the command line and run files write them.
///
/// | name | options, with what they are unless told |
/// |---|---|
/// | `sgd` | `learning-rate` 0.1 |
/// | `momentum`, `nesterov` | `learning-rate` 0.01, `momentum` 0.9 |
/// | `adam` | `learning-rate` 0.001, `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-8, `amsgrad` 0 |
/// | `adamw` | the same, and `weight-decay` 0.01 |
/// | `adamax`, `nadam` | `learning-rate` 0.002, `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-8 |
/// | `radam` | the same with `learning-rate` 0.001 |
/// | `rmsprop` | `learning-rate` 0.01, `alpha` 0.99, `epsilon` 1e-8, `momentum` 0, `centered` 0 |
/// | `adagrad` | `learning-rate` 0.01, `rate-decay` 0, `start` 0, `epsilon` 1e-10 |
/// | `adadelta` | `learning-rate` 1, `rho` 0.9, `epsilon` 1e-6 |
/// | `rprop` | `learning-rate` 0.01, `decrease` 0.5, `increase` 1.2, `least` 1e-6, `greatest` 50 |
/// | `lion` | `learning-rate` 0.0001, `beta1` 0.9, `beta2` 0.99, `weight-decay` 0 |
/// | `muon` | `learning-rate` 0.001, `momentum` 0.95, `nesterov` 1, `iterations` 5, `scale` original or match-rms-adamw, `weight-decay` 0.1, `rest-factor` 1 |
///
/// Each also has `accumulate` (1), `ema`, `swa-start` and `swa-every` (1): see
/// ``ExtendedOptimizer``.
public enum Optimizers {
  /// Every name, in the order of the table.
  public static let allNames = defaults.map(\.name)

  private static let defaults: [any Optimizer] = [
    SGD(), Momentum(), Nesterov(), Adam(), AdamW(), Adamax(), NAdam(), RAdam(), RMSProp(),
    Adagrad(), Adadelta(), Rprop(), Lion(), Muon(),
  ]

  /// The optimiser of a name, with or without options: `adam`, `adam:beta1=0.8,epsilon=1e-6`.
  ///
  /// - Parameters:
  ///   - text: the name, options after a colon.
  ///   - options: more options, by kebab-case name.
  /// - Throws: ``ConfigurationError`` for an unknown name or option, or a number out of range.
  public static func named(
    _ text: String, options: [String: Double] = [:]
  ) throws -> any Optimizer {
    let text = try OptionText(text, kind: "optimizer", adding: options)
    guard let template = defaults.first(where: { $0.name == text.name }) else {
      throw ConfigurationError.unknown("optimizer", text.name, known: allNames)
    }
    var (visited, optimizer) = (NamedOptions(text), ExtendedOptimizer(template))
    try optimizer.visit(&visited)
    try visited.finish()
    let isPlain = optimizer.accumulation == 1 && optimizer.averaging == nil
    return isPlain ? optimizer.base : optimizer
  }
}
