public import BackpropCore

/// Adam whose first steps are rectified: as long as the mean square says little, it is left out.
///
/// With t the number of the update from 1, `ρ_∞ = 2/(1 − β₂) − 1` and
/// `ρ_t = ρ_∞ − 2t·β₂ᵗ/(1 − β₂ᵗ)`:
/// ```
/// m ← β₁·m + (1 − β₁)·g          v ← β₂·v + (1 − β₂)·g²          m, v from 0
/// w ← w − η·m̂ · r·√(1 − β₂ᵗ)/(√v + ε)      if ρ_t > 5, else w ← w − η·m̂
/// r = √((ρ_t − 4)(ρ_t − 2)ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2)ρ_t))
/// ```
/// with m̂ = m/(1 − β₁ᵗ). PyTorch's `RAdam`. Everything that depends on t alone is computed in
/// Double, once a step.
///
/// - Source: L. Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond" (2020),
///   algorithm 2.
public struct RAdam: Optimizer {
  public let name = "radam"
  /// η: about the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// β₁: the part of the mean gradient that is left after one step, 0 ≤ β₁ < 1.
  public var beta1: Double
  /// β₂: the part of the mean squared gradient that is left after one step, 0 ≤ β₂ < 1.
  public var beta2: Double
  /// ε, in the unit of the gradient, above 0.
  public var epsilon: Double

  /// Makes the optimiser.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
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
    set("one-minus-beta2", 1 - beta2)
    set("epsilon", epsilon)
    let rate = learningRate / (1 - power(beta1, step + 1))
    let rectified = rectification(step + 1)
    set("plain-step", rectified == nil ? rate : 0)
    set("scaled-step", rate * (rectified ?? 0))
  }

  /// r·√(1 − β₂ᵗ); nil as long as ρ_t is at most 5.
  private func rectification(_ t: Int) -> Double? {
    let left = power(beta2, t)
    let limit = 2 / (1 - beta2) - 1
    let length = limit - 2 * Double(t) * left / (1 - left)
    guard length > 5 else { return nil }
    let now = (length - 4) * (length - 2) * limit
    let late = (limit - 4) * (limit - 2) * length
    return (now / late).squareRoot() * (1 - left).squareRoot()
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let mean = try context.mean("mean", of: gradient, by: "beta1")
    let square = try context.mean("mean-square", of: gradient * gradient, by: "beta2")
    let scale = try square.sqrt() + context.scalar("epsilon")
    let rate = try context.scalar("plain-step") + context.scalar("scaled-step") / scale
    return try parameter - rate * mean
  }
}
