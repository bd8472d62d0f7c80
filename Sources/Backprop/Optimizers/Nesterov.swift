public import BackpropCore

/// Gradient descent with Nesterov's momentum, `v ← μ·v + g`, `w ← w − η·(g + μ·v)`, v from 0.
///
/// PyTorch's `SGD(momentum: μ, nesterov: true)`: the gradient is taken at w itself, and the step
/// looks one velocity ahead.
///
/// - Source: I. Sutskever et al., "On the Importance of Initialization and Momentum in Deep
///   Learning" (2013).
public struct Nesterov: Optimizer {
  public let name = "nesterov"
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
    let momentum = context.scalar("momentum")
    let velocity = try context.slot("velocity") * momentum + gradient
    try context.setSlot("velocity", to: velocity)
    return try parameter - context.scalar("learning-rate") * (gradient + momentum * velocity)
  }
}
