public import BackpropCore

/// Steps of one size: the sign of a mix of gradient and momentum.
///
/// ```
/// w ← w − η·sign(β₁·m + (1 − β₁)·g)          m ← β₂·m + (1 − β₂)·g          m from 0
/// ```
/// Before it each step takes `w ← w·(1 − η·decay)`, on weights alone.
///
/// - Source: X. Chen et al., "Symbolic Discovery of Optimization Algorithms" (2023), algorithm 2.
public struct Lion: Optimizer {
  public let name = "lion"
  /// η: the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// β₁: what the momentum counts in a step, 0 ≤ β₁ < 1.
  public var beta1: Double
  /// β₂: the part of the momentum that is left after one step, 0 ≤ β₂ < 1.
  public var beta2: Double
  /// The decay per step and unit of learning rate; at least 0.
  public var weightDecay: Double
  public var decoupledWeightDecay: Double? { weightDecay }

  /// Makes the optimiser.
  public init(
    learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    (self.beta1, self.beta2, self.weightDecay) = (beta1, beta2, weightDecay)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("beta1", &beta1, .fraction)
    try options.number("beta2", &beta2, .fraction)
    try options.number("weight-decay", &weightDecay, .notNegative)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("beta1", beta1)
    set("one-minus-beta1", 1 - beta1)
    set("beta2", beta2)
    set("one-minus-beta2", 1 - beta2)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let before = try context.slot("momentum")
    let mix = try before * context.scalar("beta1") + context.scalar("one-minus-beta1") * gradient
    _ = try context.mean("momentum", of: gradient, by: "beta2")
    return try parameter - context.scalar("learning-rate") * mix.sign()
  }
}
