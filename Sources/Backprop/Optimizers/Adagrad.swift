public import BackpropCore

/// Steps scaled by the root of the sum of all squared gradients: `s ← s + g²`,
/// `w ← w − η/(1 + t·decay) · g / (√s + ε)`, t the number of the update from 0.
///
/// PyTorch's `Adagrad`.
///
/// - Source: J. Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
///   Optimization" (2011).
public struct Adagrad: Optimizer {
  public let name = "adagrad"
  /// η: the size of the first step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// How fast the rate falls beside any schedule: by 1/(1 + t·decay) at update t; at least 0.
  public var rateDecay: Double
  /// What the sum of squares starts from, in the square of the gradient's unit; at least 0.
  public var start: Double
  /// ε, in the unit of the gradient, above 0.
  public var epsilon: Double

  /// Makes the optimiser.
  public init(
    learningRate: Double = 0.01, rateDecay: Double = 0, start: Double = 0, epsilon: Double = 1e-10
  ) {
    (self.learningRate, self.rateDecay) = (learningRate, rateDecay)
    (self.start, self.epsilon) = (start, epsilon)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("rate-decay", &rateDecay, .notNegative)
    try options.number("start", &start, .notNegative)
    try options.number("epsilon", &epsilon, .positive)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("step-size", learningRate / (1 + Double(step) * rateDecay))
    set("epsilon", epsilon)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let sum = try context.slot("sum-of-squares", initial: .constant(start)) + gradient * gradient
    try context.setSlot("sum-of-squares", to: sum)
    let scale = try sum.sqrt() + context.scalar("epsilon")
    return try parameter - context.scalar("step-size") * (gradient / scale)
  }
}

/// Steps in the unit of the parameter itself, from the running root mean squares of gradients and of
/// steps.
///
/// ```
/// v ← ρ·v + (1 − ρ)·g²        u = g · √(d + ε)/√(v + ε)        d ← ρ·d + (1 − ρ)·u²
/// w ← w − η·u                                                  v, d from 0
/// ```
/// PyTorch's `Adadelta`.
///
/// - Source: M. Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012), algorithm 1.
public struct Adadelta: Optimizer {
  public let name = "adadelta"
  /// η: a factor of the steps, before any schedule.
  public var learningRate: Double
  /// ρ: the part of the means that is left after one step, 0 ≤ ρ < 1.
  public var rho: Double
  /// ε, added to squares, above 0: the size of the first steps.
  public var epsilon: Double

  /// Makes the optimiser.
  public init(learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6) {
    (self.learningRate, self.rho, self.epsilon) = (learningRate, rho, epsilon)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("rho", &rho, .fraction)
    try options.number("epsilon", &epsilon, .positive)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("rho", rho)
    set("one-minus-rho", 1 - rho)
    set("epsilon", epsilon)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let epsilon = context.scalar("epsilon")
    let square = try context.mean("mean-square", of: gradient * gradient, by: "rho")
    let size = try (context.slot("mean-square-step") + epsilon).sqrt()
    let change = try gradient * (size / (square + epsilon).sqrt())
    _ = try context.mean("mean-square-step", of: change * change, by: "rho")
    return try parameter - context.scalar("learning-rate") * change
  }
}
