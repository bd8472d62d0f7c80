public import Backprop
import BackpropCore

/// Checks ∂cost/∂parameter of a training step for one batch: every derivative that backpropagation
/// gives against finite differences in float64.
///
/// ```swift
/// let step = try TrainingStep(
///   network, loss: .softmaxCrossEntropy, optimizer: Adam(), input: .float([64]),
///   target: .classes(10))
/// let report = try checkGradients(of: step, step.initialState(seed: 1), batch)
/// #expect(report.passed, "\(report)")
/// ```
///
/// - Derivatives: those of `TrainingStep.costAndGradient(_:_:)`, in training mode; a float32 step
///   is made again in float64. Random keys stay fixed, so dropout is a fixed mask. Of the second
///   order it is H·v, H the second derivatives of the cost and v a random direction through all
///   parameters: the gradient of `Σ v ⊙ ∂C/∂θ`.
/// - Differences: central, of fourth order, `(−C(x+2h) + 8C(x+h) − 8C(x−h) + C(x−2h)) / 12h`, h
///   about 2⁻¹⁰ of the weight, of a tenth of the greatest weight of its array or of 0.01, whichever
///   is most; for H·v those of `Σ v ⊙ ∂C/∂θ`. Where they do not agree at once, Richardson's
///   extrapolation over halved steps, up to 64h to h/64, decides by its own estimate of its error;
///   the derivative in question has no say.
/// - Error: `|a − n| / max(|a|, |n|, 10⁻³·‖g‖∞)`, g the gradient of the parameter's array. From |a − n|
///   goes what the rounding of the cost can make of a difference: it is measured, by moving all
///   parameters by a few units in the last place. A trained network has a small cost and tiny
///   gradients, and there it is all that differences can tell.
/// - Kinks: where an op with a kink (relu, abs, max …) changes sides between the points of a
///   difference at every step size, the element has no derivative to compare with. It is counted in
///   ``DerivativeCheck/kinks`` and does not fail.
///
/// - Parameters:
///   - step: network, cost and bias rules; its optimiser is not used.
///   - state: where the derivatives are taken.
///   - batch: a few samples.
///   - mode: along which lines.
///   - order: the gradient, or its own derivative.
///   - tolerance: the greatest accepted error.
///   - seed: decides random directions.
/// - Throws: what compiling the step throws, `DataError` if the batch does not fit, and
///   ``ToleranceError`` for a tolerance that makes no check.
public func checkGradients(
  of step: TrainingStep, _ state: TrainingState, _ batch: Batch, mode: CheckMode = .automatic(),
  order: DerivativeOrder = .first, tolerance: Double = 1e-7, seed: UInt64 = 0
) throws -> GradientReport {
  _ = try checkedTolerance(tolerance)
  let step = try step.inFloat64()
  let state = try step.state(state)
  let slope = order == .first ? nil : SlopeDirections(RandomKey(seed).folded("slope"))
  var (cost, gradients) = try step.costAndGradient(state, batch)
  if let slope { gradients = try step.slopeAndGradient(state, batch, slope).gradients }
  let probe = try CostProbe(step, state, batch, slope: slope)
  let subjects = step.declarations.filter(\.isTrained).map {
    DerivativeChecker.Subject(path: $0.path, shape: $0.shape, values: probe[$0.path])
  }
  let checker = try DerivativeChecker(
    subjects, joint: "all parameters", mode: mode, seed: seed
  ) { probe.point($0, $1) }
  let checks = try checker.checks(
    gradients.mapValues { $0.array(of: Double.self) }, tolerance: tolerance)
  return GradientReport(cost: cost, order: order, parameters: checks)
}
