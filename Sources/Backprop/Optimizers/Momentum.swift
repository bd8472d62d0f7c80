public import BackpropCore

/// Gradient descent with momentum, `v ← μ·v + g`, `w ← w − η·v`, v from 0.
///
/// PyTorch's `SGD(momentum: μ)` without dampening: the rate stands outside the velocity, so that a
/// change of η acts at once. A constant gradient moves w by up to η/(1 − μ) per unit.
public struct Momentum: Optimizer {
  public let name = "momentum"
  /// η: the step per unit of velocity, before any schedule.
  public var learningRate: Double
  /// μ: the part of the velocity that is left after one step, 0 ≤ μ < 1.
  public var momentum: Double

  /// Makes the optimiser.
  public init(learningRate: Double = 0.01, momentum: Double = 0.9) {
    (self.learningRate, self.momentum) = (learningRate, momentum)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("momentum", &momentum, .fraction)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("momentum", momentum)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let velocity = try context.slot("velocity") * context.scalar("momentum") + gradient
    try context.setSlot("velocity", to: velocity)
    return try parameter - context.scalar("learning-rate") * velocity
  }
}
