public import BackpropCore

/// How ``Muon`` scales its steps with the sizes of a weight.
public enum MuonScale: String, Hashable, Sendable, CaseIterable {
  /// `√max(1, outputs/inputs)`, as in the original program.
  case original
  /// `0.2·√max(outputs, inputs)`: the root mean square of a step is about that of AdamW's.
  case matchingAdamW = "match-rms-adamw"
}

/// Momentum whose steps are made orthogonal, for weights [inputs, outputs]; every other parameter is
/// updated by ``Adam``.
///
/// ```
/// m ← μ·m + (1 − μ)·g        u = (1 − μ)·g + μ·m  with Nesterov's momentum, else m      m from 0
/// w ← w − η·scale·NS(u)
/// ```
/// NS brings all singular values of u near 1: after `x = u/max(‖u‖, ε)` five times
/// `x ← a·x + (b·xxᵀ + c·(xxᵀ)²)·x` with a, b, c = 3.4445, −4.7750, 2.0315. Before it each step takes
/// `w ← w·(1 − η·decay)`, on weights alone. PyTorch's `Muon`, which computes NS in bfloat16; here it
/// is in the precision of the step.
///
/// - Source: K. Jordan et al., "Muon: An Optimizer for Hidden Layers in Neural Networks" (2024).
public struct Muon: Optimizer {
  public let name = "muon"
  /// η: the size of a step for weights, before any schedule.
  public var learningRate: Double
  /// μ: the part of the mean gradient that is left after one step, 0 ≤ μ < 1.
  public var momentum: Double
  /// Whether a step looks one momentum ahead.
  public var isNesterov: Bool
  /// How often NS iterates, at least 1.
  public var iterations: Int
  /// How steps are scaled.
  public var scale: MuonScale
  /// The decay per step and unit of learning rate; at least 0.
  public var weightDecay: Double
  /// Adam's learning rate for the other parameters, as a multiple of η.
  public var restFactor: Double
  public var decoupledWeightDecay: Double? { weightDecay }

  /// The rule of the other parameters, with Adam's usual numbers.
  private let rest = Adam()

  /// Makes the optimiser.
  public init(
    learningRate: Double = 1e-3, momentum: Double = 0.95, isNesterov: Bool = true,
    iterations: Int = 5, scale: MuonScale = .original, weightDecay: Double = 0.1,
    restFactor: Double = 1
  ) {
    (self.learningRate, self.momentum, self.isNesterov) = (learningRate, momentum, isNesterov)
    (self.iterations, self.scale) = (iterations, scale)
    (self.weightDecay, self.restFactor) = (weightDecay, restFactor)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("learning-rate", &learningRate, .positive)
    try options.number("momentum", &momentum, .fraction)
    try options.flag("nesterov", &isNesterov, silent: true)
    try options.count("iterations", &iterations, silent: 5)
    try options.choice("scale", &scale)
    try options.number("weight-decay", &weightDecay, .notNegative)
    try options.number("rest-factor", &restFactor, .positive)
  }

  public func scalars(
    step: Int, learningRate: Double, _ set: (_ name: String, _ value: Double) -> Void
  ) {
    set("matrix-rate", learningRate)
    set("momentum", momentum)
    set("one-minus-momentum", 1 - momentum)
    rest.scalars(step: step, learningRate: learningRate * restFactor, set)
  }

  public func update(
    _ parameter: Value, gradient: Value, _ context: UpdateContext
  ) throws -> Value {
    guard context.role == .weight, parameter.shape.rank == 2 else {
      return try rest.update(parameter, gradient: gradient, context)
    }
    var direction = try context.mean("momentum", of: gradient, by: "momentum")
    if isNesterov {
      direction =
        try gradient * context.scalar("one-minus-momentum")
        + context.scalar("momentum") * direction
    }
    let change = try orthogonal(direction) * factor(parameter.shape)
    return try parameter - context.scalar("matrix-rate") * change
  }

  private func factor(_ shape: Shape) -> Double {
    let (inputs, outputs) = (Double(shape[0]), Double(shape[1]))
    return switch scale {
    case .original: max(1, outputs / inputs).squareRoot()
    case .matchingAdamW: 0.2 * max(outputs, inputs).squareRoot()
    }
  }

  /// NS: the Newton–Schulz iteration, on the side where xxᵀ is smaller.
  private func orthogonal(_ matrix: Value) throws -> Value {
    let isTall = matrix.shape[0] > matrix.shape[1]
    var x = isTall ? try matrix.transposed() : matrix
    x = try x / x.square().sum().sqrt().maximum(1e-7)
    for _ in 0..<iterations {
      let square = try x.matmul(x, transposeB: true)
      let polynomial = try -4.7750 * square + 2.0315 * square.matmul(square)
      x = try 3.4445 * x + polynomial.matmul(x)
    }
    return isTall ? try x.transposed() : x
  }
}
