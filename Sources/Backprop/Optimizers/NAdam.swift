public import BackpropCore

/// Adam with Nesterov's momentum.
///
/// With t the number of the update from 1, and `μ_t = β₁·(1 − ½·0.96^(0.004·t))`:
/// ```
/// m ← β₁·m + (1 − β₁)·g          v ← β₂·v + (1 − β₂)·g²          m, v from 0
/// w ← w − η·[(1 − μ_t)/(1 − Π_{i ≤ t} μ_i) · g + μ_{t+1}/(1 − Π_{i ≤ t+1} μ_i) · m] / (√v̂ + ε)
/// ```
/// with v̂ = v/(1 − β₂ᵗ). PyTorch's `NAdam`. Everything that depends on t alone is computed in
/// Double, once a step.
///
/// - Source: T. Dozat, "Incorporating Nesterov Momentum into Adam" (2016), algorithm 2.
public struct NAdam: Optimizer {
  public let name = "nadam"
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
    let (momentum, next) = (momentum(step + 1), momentum(step + 2))
    let product = momentumProduct(step + 1)
    set("learning-rate", learningRate)
    set("beta1", beta1)
    set("one-minus-beta1", 1 - beta1)
    set("beta2", beta2)
    set("one-minus-beta2", 1 - beta2)
    set("epsilon", epsilon)
    set("gradient-step", learningRate * (1 - momentum) / (1 - product))
    set("mean-step", learningRate * next / (1 - product * next))
    set("second-correction", 1 / (1 - power(beta2, step + 1)).squareRoot())
  }

  /// μ_t.
  private func momentum(_ t: Int) -> Double { beta1 * (1 - 0.5 * power(Self.fading, t)) }

  /// Π_{i ≤ t} μ_i; 0 as soon as 1 minus it is 1.
  private func momentumProduct(_ t: Int) -> Double {
    var (product, faded) = (1.0, 1.0)
    for _ in 0..<t where product != 0 {
      faded *= Self.fading
      product *= beta1 * (1 - 0.5 * faded)
      if product < 0x1p-60 { product = 0 }
    }
    return product
  }

  /// 0.96 to the power of 0.004.
  private static let fading = 0.9998367253526753

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let mean = try context.mean("mean", of: gradient, by: "beta1")
    let square = try context.mean("mean-square", of: gradient * gradient, by: "beta2")
    let scale = try square.sqrt() * context.scalar("second-correction") + context.scalar("epsilon")
    let change = try context.scalar("gradient-step") * gradient + context.scalar("mean-step") * mean
    return try parameter - change / scale
  }
}
