public import BackpropCore

/// Gradient descent, `w ← w − η·g`.
///
/// With a cost that is a mean over the batch this is the articles' `w ← w − (η/m) Σ_x ∂C_x/∂w`.
public struct SGD: Optimizer {
  public let name = "sgd"
  /// η: the step per unit of gradient, before any schedule.
  public var learningRate: Double

  /// Makes the optimiser.
  public init(learningRate: Double = 0.1) { self.learningRate = learningRate }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    try parameter - context.scalar("learning-rate") * gradient
  }
}
