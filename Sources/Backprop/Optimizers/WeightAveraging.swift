import BackpropCore

/// A mean of the weights of several updates: smoother than the weights of the last one.
///
/// After each update the mean moves towards the weights: `mean ← mean + rate·(w − mean)`. Running
/// statistics, as of batch normalisation, are those of the weights themselves.
public enum WeightAveraging: Sendable, Hashable {
  /// A mean that forgets: `mean ← decay·mean + (1 − decay)·w` after each update; the first update's
  /// weights begin it.
  case exponential(decay: Double)
  /// The plain mean of the weights after the updates `start`, `start + every`, … (counted from 0).
  /// Before, the mean is the weights themselves.
  ///
  /// - Source: P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
  ///   Generalization" (2018), algorithm 1.
  case stochastic(start: Int, every: Int = 1)

  /// What the weights after an update count in the mean, from 0 to 1.
  ///
  /// - Parameter update: the number of the update, from 0.
  public func rate(update: Int) -> Double {
    switch self {
    case .exponential(let decay): return update == 0 ? 1 : 1 - decay
    case .stochastic(let start, let every):
      guard update >= start else { return 1 }
      let (count, rest) = (update - start).quotientAndRemainder(dividingBy: every)
      return rest == 0 ? 1 / Double(count + 1) : 0
    }
  }

  /// Reads or writes the options of a mean that may be there.
  static func visit(
    _ averaging: inout WeightAveraging?, _ options: inout NamedOptions
  ) throws {
    var (decay, start, every): (Double, Int?, Int) = (0, nil, 1)
    switch averaging {
    case .exponential(let own): decay = own
    case .stochastic(let own, let steps): (start, every) = (own, steps)
    case nil: break
    }
    try options.number("ema", &decay, .fraction, silent: 0)
    try options.index("swa-start", &start)
    try options.count("swa-every", &every, silent: 1)
    if decay > 0, start != nil || every != 1 {
      throw ConfigurationError(
        "optimizer", "optimizer: ema and swa-start are both given; leave one out")
    }
    if start == nil, every != 1 {
      throw ConfigurationError("optimizer", "optimizer: swa-every needs swa-start")
    }
    averaging =
      decay > 0
      ? .exponential(decay: decay) : start.map { .stochastic(start: $0, every: every) }
  }
}

extension TrainingStep {
  /// The name of the slot of a parameter's mean.
  static let averageSlot = "average"

  /// A state with the mean of the weights in their place, if the optimiser keeps one
  /// (``Optimizer/averaging(_:)``); else the state itself.
  ///
  /// Before the first update the mean is the weights as they started.
  public func averaged(_ state: TrainingState) throws -> TrainingState {
    guard optimizer.averaging != nil, state.step >= optimizer.accumulation else { return state }
    var result = state
    for declaration in declarations {
      if let mean = state["\(declaration.path)#\(Self.averageSlot)"] {
        try result.set(declaration.path, to: mean)
      }
    }
    return result
  }
}
