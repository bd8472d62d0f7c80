public import BackpropCore

/// Resilient backpropagation: each parameter has a step of its own, which grows while the gradient
/// keeps its sign and shrinks when it changes.
///
/// ```
/// s ← s·increase  if g·g′ > 0,      s·decrease  if g·g′ < 0,      kept from least to greatest
/// g ← 0  if g·g′ < 0                w ← w − s·sign(g)             g′ ← g
/// ```
/// g′ is the gradient of the step before, from 0, and s starts at η. PyTorch's `Rprop`. For whole
/// data sets as batches: the sign of a small batch's gradient says little. A schedule scales the
/// steps, not s.
///
/// - Source: M. Riedmiller, H. Braun, "A Direct Adaptive Method for Faster Backpropagation
///   Learning: The RPROP Algorithm" (1993).
public struct Rprop: Optimizer {
  public let name = "rprop"
  /// η: the size of the first step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// What a step is multiplied by when the sign changes, above 0 and below 1.
  public var decrease: Double
  /// What a step is multiplied by while the sign stays, above 1.
  public var increase: Double
  /// The bounds of a step, in the unit of the parameter.
  public var least, greatest: Double

  /// Makes the optimiser.
  public init(
    learningRate: Double = 0.01, decrease: Double = 0.5, increase: Double = 1.2,
    least: Double = 1e-6, greatest: Double = 50
  ) {
    (self.learningRate, self.decrease, self.increase) = (learningRate, decrease, increase)
    (self.least, self.greatest) = (least, greatest)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("decrease", &decrease, .fraction)
    try options.number("increase", &increase, .aboveOne)
    try options.number("least", &least, .positive)
    try options.number("greatest", &greatest, .positive)
  }

  /// Steps are kept in units of η, so that their bounds are divided by it.
  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("learning-rate", learningRate)
    set("decrease", decrease)
    set("increase", increase)
    set("least-step", least / self.learningRate)
    set("greatest-step", greatest / self.learningRate)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    // The signs alone: a product of two small gradients would be 0.
    let agreement = try gradient.sign() * context.slot("last-gradient").sign()
    let turned = try agreement.less(than: 0)
    let before = try context.slot("step", initial: .ones)
    let kept = try agreement.greater(than: 0).select(before * context.scalar("increase"), before)
    let step = try turned.select(before * context.scalar("decrease"), kept)
      .maximum(context.scalar("least-step")).minimum(context.scalar("greatest-step"))
    let own = try turned.select(0, gradient)
    try context.setSlot("step", to: step)
    try context.setSlot("last-gradient", to: own)
    return try parameter - context.scalar("learning-rate") * (step * own.sign())
  }
}
