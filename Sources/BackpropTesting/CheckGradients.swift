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

/// A line through the parameters of one array.
private struct Move {
  /// What moves, and how far for a distance of 1.
  let elements: [(index: Int, amount: Double)]
  /// The step that differences begin with, a power of two: x ± h loses few bits.
  let step: Double

  /// The derivative along the line.
  func along(_ gradient: [Double]) -> Double {
    elements.reduce(0) { $0 + $1.amount * gradient[$1.index] }
  }

  /// One element after the other.
  static func elements(of weights: [Double]) -> [Move] {
    scales(weights).enumerated().map { index, scale in
      Move(
        elements: [(index, 1)],
        step: Double(sign: .plus, exponent: scale.exponent - 10, significand: 1))
    }
  }

  /// Random directions: each element by a normal number, in the unit of its own weight.
  static func directions(_ count: Int, of weights: [Double], _ key: RandomKey) -> [Move] {
    let scales = scales(weights)
    return (0..<count).map { number in
      let normals = key.folded(UInt64(number)).normals(scales.count)
      return Move(elements: scales.indices.map { ($0, scales[$0] * normals[$0]) }, step: 0x1p-10)
    }
  }

  private static func scales(_ weights: [Double]) -> [Double] {
    let norm = weights.map(\.magnitude).max() ?? 0
    return weights.map { norm == 0 ? 1 : max($0.magnitude, 0.1 * norm, 0.01) }
  }
}

/// Finite differences of a cost.
private struct Differences {
  private let probe: CostProbe
  /// The sides of all kinks where the derivatives are taken.
  private let sides: [Double]
  /// How far rounding moves the cost: measured by moves that are too small for anything else.
  let rounding: Double

  init(_ probe: CostProbe, _ paths: [String]) {
    self.probe = probe
    let cost = probe.cost()
    sides = probe.marks
    var rounding = 4 * cost.ulp
    for path in paths {
      let all = Move.directions(1, of: probe[path], RandomKey(0).folded(path))[0]
      for units in 1...8 {
        let moved = probe.cost(moving: path, all.elements, by: Double(units) * 0x1p-51)
        if moved.isFinite { rounding = max(rounding, (moved - cost).magnitude) }
      }
    }
    self.rounding = rounding
  }

  /// The derivative along a line, and how far off rounding may have put it; nil if a kink is in the
  /// way at every step size.
  ///
  /// `expected` says whether the first step size will do, and nothing else.
  func derivative(
    _ path: String, _ move: Move, expected: Double, floor: Double
  ) -> (value: Double, rounding: Double)? {
    let first = difference(path, move, move.step)
    if let first, (first - expected).magnitude <= 1e-9 * max(first.magnitude, floor) {
      return (first, 0)
    }
    let scales = [64, 16, 4, 1, 0.25, 0x1p-4, 0x1p-6]
    let tries = scales.map { $0 == 1 ? first : difference(path, move, $0 * move.step) }
    var best: (doubt: Double, value: Double, rounding: Double)?
    for case (let scale, (let coarse?, let fine?)) in zip(
      scales.dropFirst(), zip(tries, tries.dropFirst()))
    {
      // What truncation leaves shows where the two differ; rounding, which they might share by
      // chance, is known.
      let noise = 1.5 * rounding / (scale * move.step)  // (8 + 8 + 1 + 1) / 12
      let doubt = (coarse - fine).magnitude + noise
      // Written so that a NaN gives way to any number.
      if best.map({ !($0.doubt <= doubt) }) ?? true { best = (doubt, fine, noise) }
    }
    return best.map { ($0.value, $0.rounding) }
  }

  /// The fourth-order central difference with one step size; nil if it reaches over a kink.
  private func difference(_ path: String, _ move: Move, _ step: Double) -> Double? {
    var sum = 0.0
    for (steps, weight) in [(1.0, 8.0), (-1, -8), (2, -1), (-2, 1)] {
      sum += weight * probe.cost(moving: path, move.elements, by: steps * step)
      if probe.marks != sides { return nil }
    }
    return sum / (12 * step)
  }
}
