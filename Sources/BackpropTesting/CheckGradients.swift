public import Backprop

/// Checks ∂cost/∂parameter of a training step for one batch: every derivative that backpropagation
/// gives against finite differences in float64.
///
/// ```swift
/// let step = try TrainingStep(
///   network, loss: .softmaxCrossEntropy, optimizer: Adam(), input: .float([64]),
///   target: .classes(10))
/// let report = try checkGradients(of: step, step.initialState(seed: 1), batch)
/// #expect(try report.passes(tolerance: 1e-7), "\(report)")
/// ```
///
/// - Derivatives: those of `TrainingStep.costAndGradient(_:_:)`, in training mode; a float32 step
///   is made again in float64. Random keys stay fixed, so dropout is a fixed mask.
/// - Differences: central, of fourth order, `(−C(x+2h) + 8C(x+h) − 8C(x−h) + C(x−2h)) / 12h`, h
///   about 2⁻¹⁰ of the weight, of a tenth of the greatest weight of its array or of 0.01, whichever
///   is most. Where they do not agree at once, steps from 64h to h/64 are tried, and the two
///   neighbouring ones that agree best with *each other* decide; the derivative in question has no
///   say.
/// - Error: `|a − n| / max(|a|, |n|, 10⁻³·‖g‖∞)`, g the gradient of the parameter's array. From |a − n|
///   goes what the rounding of the cost can make of a difference: it is measured, by moving all
///   parameters by a few units in the last place. A trained network has a small cost and tiny
///   gradients, and there it is all that differences can tell.
/// - Coverage: arrays from the smallest on, every element, up to `elements` in total; each array
///   beyond that along `directions` random directions.
/// - Kinks: where an op with a kink (relu, abs, max …) changes sides between the points of a
///   difference at every step size, the element has no derivative to compare with. It is counted in
///   ``ParameterCheck/kinks`` and does not fail.
///
/// - Parameters:
///   - step: network, cost and bias rules; its optimiser is not used.
///   - state: where the derivatives are taken.
///   - batch: a few samples.
///   - elements: up to how many parameters are checked one by one.
///   - directions: how many directions an array beyond that gets.
///   - seed: decides the directions.
/// - Throws: what compiling the step throws, and `DataError` if the batch does not fit.
public func checkGradients(
  of step: TrainingStep, _ state: TrainingState, _ batch: Batch, elements: Int = 2_000,
  directions: Int = 64, seed: UInt64 = 0
) throws -> GradientReport {
  let step = try step.inFloat64()
  let state = try step.state(state)
  let (cost, gradients) = try step.costAndGradient(state, batch)
  let probe = try CostProbe(step, state, batch, marks: branches)
  let trained = step.declarations.filter(\.isTrained)
  var whole: Set<String> = []
  var left = elements
  for parameter in trained.sorted(by: { $0.shape.count < $1.shape.count })
  where parameter.shape.count <= left {
    left -= parameter.shape.count
    whole.insert(parameter.path)
  }
  let differences = Differences(probe, trained.map(\.path))
  let checks = trained.map { parameter in
    let path = parameter.path
    let gradient = gradients[path]?.array(of: Double.self) ?? []
    let isWhole = whole.contains(path)
    let key = RandomKey(seed).folded("directions").folded(path)
    let moves =
      isWhole ? Move.elements(of: probe[path]) : Move.directions(directions, of: probe[path], key)
    let analytic = moves.map { $0.along(gradient) }
    let floor = 1e-3 * (analytic.map(\.magnitude).max() ?? 0)
    let numeric = zip(moves, analytic).map {
      differences.derivative(path, $0, expected: $1, floor: floor)
    }
    return ParameterCheck(
      path, parameter.shape, isWhole ? .elements : .directions, analytic: analytic,
      numeric: numeric,
      noise: 2 * differences.rounding / (moves.map(\.step).min() ?? 1))
  }
  return GradientReport(cost: cost, parameters: checks)
}
