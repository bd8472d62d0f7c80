public import BackpropCore

/// Steps scaled by the running root mean square of the gradient.
///
/// ```
/// v ← α·v + (1 − α)·g²                    m ← α·m + (1 − α)·g, if centred
/// u = g / (√v + ε),   if centred g / (√(v − m²) + ε)
/// w ← w − η·u,        with momentum b ← μ·b + u, w ← w − η·b          v, m, b from 0
/// ```
/// PyTorch's `RMSprop`: ε stands outside the root. v − m² below 0 by rounding counts as 0.
///
/// - Source: G. Hinton, lecture 6e of "Neural Networks for Machine Learning" (2012); centred:
///   A. Graves, "Generating Sequences with Recurrent Neural Networks" (2013), equations (38–41).
public struct RMSProp: Optimizer {
  public let name = "rmsprop"
  /// η: about the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// α: the part of the mean square that is left after one step, 0 ≤ α < 1.
  public var alpha: Double
  /// ε, in the unit of the gradient, above 0.
  public var epsilon: Double
  /// μ: the part of the velocity that is left after one step, 0 ≤ μ < 1.
  public var momentum: Double
  /// Whether the square of the mean is taken off: the variance in place of the mean square.
  public var isCentered: Bool

  /// Makes the optimiser.
  public init(
    learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
    momentum: Double = 0, isCentered: Bool = false
  ) {
    (self.learningRate, self.alpha, self.epsilon) = (learningRate, alpha, epsilon)
    (self.momentum, self.isCentered) = (momentum, isCentered)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("alpha", &alpha, .fraction)
    try options.number("epsilon", &epsilon, .positive)
    try options.number("momentum", &momentum, .fraction)
    try options.flag("centered", &isCentered)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("alpha", alpha)
    set("one-minus-alpha", 1 - alpha)
    set("epsilon", epsilon)
    set("momentum", momentum)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    var square = try context.mean("mean-square", of: gradient * gradient, by: "alpha")
    if isCentered {
      let mean = try context.mean("mean", of: gradient, by: "alpha")
      square = try (square - mean * mean).maximum(0)
    }
    var change = try gradient / (square.sqrt() + context.scalar("epsilon"))
    if momentum > 0 {
      change = try context.slot("velocity") * context.scalar("momentum") + change
      try context.setSlot("velocity", to: change)
    }
    return try parameter - context.scalar("learning-rate") * change
  }
}
