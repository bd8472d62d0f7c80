public import BackpropCore

/// Adam with the greatest gradient in place of the root mean square.
///
/// With t the number of the update from 1:
/// ```
/// m ← β₁·m + (1 − β₁)·g          u ← max(β₂·u, |g| + ε)          m, u from 0
/// w ← w − η/(1 − β₁ᵗ) · m/u
/// ```
/// PyTorch's `Adamax`.
///
/// - Source: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 2.
public struct Adamax: Optimizer {
  public let name = "adamax"
  /// η: about the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// β₁: the part of the mean gradient that is left after one step, 0 ≤ β₁ < 1.
  public var beta1: Double
  /// β₂: the part of the greatest gradient that is left after one step, 0 ≤ β₂ < 1.
  public var beta2: Double
  /// ε, in the unit of the gradient, above 0.
  public var epsilon: Double

  /// Makes the optimiser.
  public init(
    learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("beta1", &beta1, .fraction)
    try options.number("beta2", &beta2, .fraction)
    try options.number("epsilon", &epsilon, .positive)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("beta1", beta1)
    set("one-minus-beta1", 1 - beta1)
    set("beta2", beta2)
    set("epsilon", epsilon)
    set("step-size", learningRate / (1 - power(beta1, step + 1)))
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let mean = try context.mean("mean", of: gradient, by: "beta1")
    let greatest = try (context.slot("greatest") * context.scalar("beta2"))
      .maximum(gradient.abs() + context.scalar("epsilon"))
    try context.setSlot("greatest", to: greatest)
    return try parameter - context.scalar("step-size") * (mean / greatest)
  }
}
