public import BackpropCore

/// An update rule with gradients that are accumulated over several steps, or with a mean of the
/// weights kept beside them: see ``Optimizer/accumulating(_:)`` and ``Optimizer/averaging(_:)``.
///
/// In text these are options of every optimiser: `adam:accumulate=4`, `sgd:ema=0.999`,
/// `momentum:swa-start=1000,swa-every=100`.
public struct ExtendedOptimizer: Optimizer {
  /// The rule itself.
  public private(set) var base: any Optimizer
  public private(set) var accumulation: Int
  public private(set) var averaging: WeightAveraging?

  init(_ base: any Optimizer) {
    self.base = (base as? ExtendedOptimizer)?.base ?? base
    (accumulation, averaging) = (base.accumulation, base.averaging)
  }

  init(_ base: any Optimizer, accumulation: Int) {
    self.init(base)
    self.accumulation = accumulation
  }

  init(_ base: any Optimizer, averaging: WeightAveraging) {
    self.init(base)
    self.averaging = averaging
  }

  public var name: String { base.name }
  public var learningRate: Double {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public var decoupledWeightDecay: Double? { base.decoupledWeightDecay }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try base.visit(&options)
    try options.count("accumulate", &accumulation, silent: 1)
    try WeightAveraging.visit(&averaging, &options)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    base.scalars(step: step, learningRate: learningRate, set)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    try base.update(parameter, gradient: gradient, context)
  }
}

extension Optimizer {
  /// This rule, once every so many steps: from the mean of the steps' gradients, as if their batches
  /// were one (batches of one size; a smaller one counts as much).
  ///
  /// Gradients are clipped after they were averaged. Schedules and everything else that counts steps
  /// counts updates. What was accumulated is part of the state: it lasts over the end of an epoch,
  /// and in checkpoints.
  ///
  /// - Parameter steps: how many steps make an update, at least 1.
  public func accumulating(_ steps: Int) -> ExtendedOptimizer {
    precondition(steps >= 1, "an update needs at least one step")
    return ExtendedOptimizer(self, accumulation: steps)
  }

  /// This rule, with a mean of the weights kept beside them.
  ///
  /// The gradients are those at the weights; validation and the finished model have the mean
  /// (``TrainingStep/averaged(_:)``).
  public func averaging(_ averaging: WeightAveraging) -> ExtendedOptimizer {
    ExtendedOptimizer(self, averaging: averaging)
  }
}
