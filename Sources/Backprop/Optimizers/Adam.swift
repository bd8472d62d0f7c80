public import BackpropCore

/// Adam: steps scaled by running means of the gradient and of its square.
///
/// With t the number of the step from 1:
/// ```
/// m ← β₁·m + (1 − β₁)·g          v ← β₂·v + (1 − β₂)·g²          m, v from 0
/// w ← w − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
/// ```
/// ε stands outside the root and beside the corrected √v, as in PyTorch. Everything that depends on
/// t alone is computed in Double, once a step. With ``keepsGreatest``, v in the second line is the
/// greatest v so far.
///
/// - Source: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1;
///   S. Reddi et al., "On the Convergence of Adam and Beyond" (2018), algorithm 2.
public struct Adam: Optimizer {
  public let name = "adam"
  /// η: about the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double
  /// β₁: the part of the mean gradient that is left after one step, 0 ≤ β₁ < 1.
  public var beta1: Double
  /// β₂: the part of the mean squared gradient that is left after one step, 0 ≤ β₂ < 1.
  public var beta2: Double
  /// ε, in the unit of the gradient, above 0: keeps steps finite where gradients vanish.
  public var epsilon: Double
  /// Whether v in the step is the greatest so far, so that no rate grows again: AMSGrad.
  public var keepsGreatest: Bool

  /// Makes the optimiser.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, keepsGreatest: Bool = false
  ) {
    (self.learningRate, self.keepsGreatest) = (learningRate, keepsGreatest)
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("beta1", &beta1, .fraction)
    try options.number("beta2", &beta2, .fraction)
    try options.number("epsilon", &epsilon, .positive)
    try options.flag("amsgrad", &keepsGreatest)
  }

  /// The run-time scalars of one step, with the bias corrections.
  ///
  /// `step-size` is η/(1 − β₁ᵗ), `second-correction` is 1/√(1 − β₂ᵗ).
  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    let first = 1 - power(beta1, step + 1)
    let second = 1 - power(beta2, step + 1)
    set("learning-rate", learningRate)
    set("beta1", beta1)
    set("one-minus-beta1", 1 - beta1)
    set("beta2", beta2)
    set("one-minus-beta2", 1 - beta2)
    set("epsilon", epsilon)
    set("step-size", learningRate / first)
    set("second-correction", 1 / second.squareRoot())
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    let mean = try context.mean("mean", of: gradient, by: "beta1")
    var square = try context.mean("mean-square", of: gradient * gradient, by: "beta2")
    if keepsGreatest {
      square = try context.slot("greatest-square").maximum(square)
      try context.setSlot("greatest-square", to: square)
    }
    let scale = try square.sqrt() * context.scalar("second-correction") + context.scalar("epsilon")
    return try parameter - context.scalar("step-size") * (mean / scale)
  }
}

/// Adam with decoupled weight decay: ``Adam``, and each step first takes `w ← w·(1 − η·decay)`.
///
/// The decay touches parameters of role `ParameterRole.weight` alone; biases and scales stay
/// free. (PyTorch's `AdamW` decays whatever it is given.)
///
/// - Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2,
///   with the decay multiplied by the scheduled rate.
public struct AdamW: Optimizer {
  public let name = "adamw"
  private var adam: Adam
  /// The decay per step and unit of learning rate: a step multiplies weights by 1 − η·decay.
  public var weightDecay: Double
  public var decoupledWeightDecay: Double? { weightDecay }
  /// η: about the size of a step in the unit of the parameter, before any schedule.
  public var learningRate: Double {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }
  /// β₁: the part of the mean gradient that is left after one step, 0 ≤ β₁ < 1.
  public var beta1: Double {
    get { adam.beta1 }
    set { adam.beta1 = newValue }
  }
  /// β₂: the part of the mean squared gradient that is left after one step, 0 ≤ β₂ < 1.
  public var beta2: Double {
    get { adam.beta2 }
    set { adam.beta2 = newValue }
  }
  /// ε, in the unit of the gradient, above 0: keeps steps finite where gradients vanish.
  public var epsilon: Double {
    get { adam.epsilon }
    set { adam.epsilon = newValue }
  }
  /// Whether v in the step is the greatest so far: AMSGrad.
  public var keepsGreatest: Bool {
    get { adam.keepsGreatest }
    set { adam.keepsGreatest = newValue }
  }

  /// Makes the optimiser.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, keepsGreatest: Bool = false
  ) {
    adam = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      keepsGreatest: keepsGreatest)
    self.weightDecay = weightDecay
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try adam.visit(&options)
    try options.number("weight-decay", &weightDecay, .notNegative)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    adam.scalars(step: step, learningRate: learningRate, set)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    try adam.update(parameter, gradient: gradient, context)
  }
}

/// baseᵉˣᵖᵒⁿᵉⁿᵗ by repeated squaring: products alone, and so the same bits on every machine. The
/// relative error is at most about exponent · 2⁻⁵³.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest % 2 == 1 { result *= square }
    square *= square
    rest /= 2
  }
  return result
}
