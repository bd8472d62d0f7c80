import BackpropCore

/// L-BFGS: a minimiser that learns the curvature of a cost from its last gradients, and asks for the
/// cost several times an iteration to find out how far to go.
///
/// ```swift
/// var minimizer = LBFGS()
/// let outcome = try minimizer.minimize(step, &state, data.batches(of: data.count)[0], iterations: 50)
/// ```
/// With s the last moves, y the changes of the gradient over them, and ρ = 1/(y·s):
/// ```
/// q ← −g;  from the newest pair to the oldest:  a ← ρ·(s·q),  q ← q − a·y
/// d ← q·(y·s)/(y·y) of the newest;  from the oldest on:  d ← d + s·(a − ρ·(y·d))
/// w ← w + t·d      t by a strong Wolfe search, which begins at η
/// ```
/// The first direction is −g, and its search begins at η·min(1, 1/Σ|g|). A pair counts only if
/// y·s > 10⁻¹⁰. For costs without chance and whole data sets as batches. The numbers are those of
/// PyTorch's `LBFGS` with `line_search_fn="strong_wolfe"`; beyond it, a place where the cost is not
/// finite counts as too far. Vectors are kept in `Double`.
///
/// - Source: J. Nocedal, S. Wright, "Numerical Optimization", 2nd ed. (2006), algorithms 7.4, 7.5,
///   3.5 and 3.6.
public struct LBFGS: Sendable {
  /// η: where each search for a length begins, in units of the direction; above 0.
  public var learningRate: Double
  /// How many pairs of moves and gradients are kept, at least 1.
  public var memory: Int
  /// The gradient is small enough if no element is above this.
  public var gradientTolerance: Double
  /// An iteration that moves no number, or the cost, by more than this is the last.
  public var changeTolerance: Double

  /// Why minimising ended.
  public enum Ending: String, Sendable {
    /// The gradient is within its tolerance.
    case gradient
    /// The last iteration changed too little, or the direction no longer leads down.
    case change
    /// As many iterations as were asked for.
    case iterations
  }

  /// What minimising came to.
  public struct Outcome: Sendable {
    /// The cost at the end.
    public let cost: Double
    /// The greatest |∂C/∂w| at the end.
    public let gradient: Double
    /// How many iterations were taken in this call.
    public let iterations: Int
    /// How many times the cost and its gradient were computed in this call.
    public let evaluations: Int
    /// Why it ended.
    public let ending: Ending
  }

  /// A move s and the change y of the gradient over it.
  private struct Pair {
    let s, y: [Double]
    let rho: Double
  }
  private var pairs: [Pair] = []
  /// The gradient before the last move, and the move.
  private var last: (gradient: [Double], move: [Double])?

  /// Makes the minimiser.
  public init(
    learningRate: Double = 1, memory: Int = 10, gradientTolerance: Double = 1e-7,
    changeTolerance: Double = 1e-9
  ) {
    (self.learningRate, self.memory) = (learningRate, memory)
    (self.gradientTolerance, self.changeTolerance) = (gradientTolerance, changeTolerance)
  }

  /// Minimises the cost of a batch over the trained parameters.
  ///
  /// Random draws, as of dropout, are those of the state's step, the same in all evaluations. The
  /// step's own optimiser plays no part, and variables such as running means stay as they are.
  ///
  /// - Parameters:
  ///   - step: what computes the cost.
  ///   - state: changed in place, only if nothing is thrown; its step counts one more.
  ///   - batch: the samples, as a rule all of them.
  ///   - iterations: at most so many; what was learnt of the curvature stays for another call.
  /// - Throws: ``ConfigurationError`` for settings that are out of range, a step with
  ///   regularisation, and a cost that is not finite where it begins; what the step throws.
  @discardableResult
  public mutating func minimize(
    _ step: TrainingStep, _ state: inout TrainingState, _ batch: Batch, iterations: Int
  ) throws -> Outcome {
    guard step.regularization == Regularization() else {
      throw ConfigurationError(
        "lbfgs", "L-BFGS: the step has regularisation, of which it would know nothing; leave it out"
      )
    }
    let parameters = step.declarations.filter(\.isTrained)
    var place = state
    func move(to numbers: [Double]) {
      var start = 0
      for parameter in parameters {
        let count = parameter.shape.count
        place.write(Array(numbers[start..<start + count]), to: parameter.path, at: 0)
        start += count
      }
    }
    let start = parameters.flatMap { state[$0.path]?.array(of: Double.self) ?? [] }
    let (numbers, outcome) = try minimize(from: start, iterations: iterations) { numbers in
      move(to: numbers)
      let (cost, gradients) = try step.costAndGradient(place, batch)
      return (cost, parameters.flatMap { gradients[$0.path]?.array(of: Double.self) ?? [] })
    }
    move(to: numbers)
    place.step += 1
    state = place
    return outcome
  }

  /// Minimises any function of numbers.
  ///
  /// - Parameters:
  ///   - start: where it begins.
  ///   - iterations: at most so many.
  ///   - function: the cost and its gradient, as many numbers as `start`.
  /// - Returns: the numbers at the end, and what it came to.
  /// - Throws: ``ConfigurationError`` for settings that are out of range, and a cost or gradient that is not
  ///   finite where it begins; what the function throws. If it throws on the way, what was learnt is forgotten.
  public mutating func minimize(
    from start: [Double], iterations: Int,
    _ function: ([Double]) throws -> (cost: Double, gradient: [Double])
  ) throws -> (numbers: [Double], outcome: Outcome) {
    try validate(iterations: iterations)
    var (numbers, evaluations) = (start, 1)
    var (cost, gradient) = try function(start)
    guard gradient.count == start.count else {
      throw ConfigurationError(
        "lbfgs", "L-BFGS: the gradient has \(gradient.count) numbers; expected \(start.count)")
    }
    guard cost.isFinite, gradient.allSatisfy(\.isFinite) else {
      throw ConfigurationError(
        "lbfgs", "L-BFGS: the cost is \(cost) where it begins, or its gradient not finite")
    }
    // Whatever is thrown leaves no half of a pair.
    var learnt = self
    forget()
    if learnt.last.map({ $0.gradient.count != start.count }) ?? false { learnt.forget() }

    var (count, ending) = (0, Ending.iterations)
    if largest(gradient) <= gradientTolerance { ending = .gradient }
    while ending == .iterations, count < iterations {
      count += 1
      let isFirst = learnt.last == nil
      let direction = learnt.direction(gradient)
      let slope = dot(gradient, direction)
      guard slope <= -changeTolerance else {
        learnt.last = (gradient, direction.map { _ in 0 })
        ending = .change
        break
      }
      let search = WolfeSearch(size: largest(direction), tolerance: changeTolerance)
      let first = isFirst ? min(1, 1 / gradient.reduce(0) { $0 + abs($1) }) : 1
      let found = try search.run(
        from: .init(length: 0, cost: cost, gradient: gradient, slope: slope),
        first: first * learningRate
      ) { length in
        evaluations += 1
        let (cost, gradient) = try function(zip(numbers, direction).map { $0 + length * $1 })
        return .init(
          length: length, cost: cost.isFinite ? cost : .infinity, gradient: gradient,
          slope: dot(gradient, direction))
      }
      let step = direction.map { found.length * $0 }
      learnt.last = (gradient, step)
      numbers = zip(numbers, direction).map { $0 + found.length * $1 }
      let change = abs(found.cost - cost)
      (cost, gradient) = (found.cost, found.gradient)
      if largest(gradient) <= gradientTolerance {
        ending = .gradient
      } else if largest(step) <= changeTolerance || change < changeTolerance {
        ending = .change
      }
    }
    self = learnt
    return (
      numbers,
      Outcome(
        cost: cost, gradient: largest(gradient), iterations: count, evaluations: evaluations,
        ending: ending)
    )
  }

  /// Forgets what was learnt of the curvature, as for other data.
  public mutating func forget() { (pairs, last) = ([], nil) }

  private func validate(iterations: Int) throws {
    for (name, value) in [
      ("learning-rate", learningRate), ("gradient-tolerance", gradientTolerance),
      ("change-tolerance", changeTolerance),
    ] where !(value.isFinite && (value > 0 || value == 0 && name != "learning-rate")) {
      let range = name == "learning-rate" ? "above 0" : "of at least 0"
      throw ConfigurationError("lbfgs", "L-BFGS: \(name) is \(value); expected a number \(range)")
    }
    for (name, value) in [("memory", memory), ("iterations", iterations)] where value < 1 {
      throw ConfigurationError("lbfgs", "L-BFGS: \(name) is \(value); expected 1 or more")
    }
  }

  /// The direction to go in, after what the last move taught.
  private mutating func direction(_ gradient: [Double]) -> [Double] {
    guard let last else { return gradient.map { -$0 } }
    let y = zip(gradient, last.gradient).map { $0 - $1 }
    let agreement = dot(y, last.move)
    if agreement > 1e-10 {
      if pairs.count >= memory { pairs.removeFirst(pairs.count - memory + 1) }
      pairs.append(Pair(s: last.move, y: y, rho: 1 / agreement))
    }
    var direction = gradient.map { -$0 }
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = dot(pair.s, direction) * pair.rho
      add(-share, pair.y, to: &direction)
      shares.append(share)
    }
    if let newest = pairs.last {
      let scale = 1 / newest.rho / dot(newest.y, newest.y)
      direction = direction.map { $0 * scale }
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      add(share - dot(pair.y, direction) * pair.rho, pair.s, to: &direction)
    }
    return direction
  }
}

/// A search along a line for a place where the cost has fallen, and its slope too, as the strong
/// Wolfe conditions ask: C(t) ≤ C(0) + 10⁻⁴·t·C′(0) and |C′(t)| ≤ 0.9·|C′(0)|.
private struct WolfeSearch {
  /// A place on the line.
  struct Trial {
    let length, cost: Double
    let gradient: [Double]
    /// ∂C/∂t.
    let slope: Double
  }
  /// The greatest number of the direction.
  let size: Double
  /// Brackets that move no number by so much are not looked into.
  let tolerance: Double
  /// How many places are tried beyond the first.
  private static let limit = 25

  /// Goes farther until a good place is passed or met.
  func run(
    from start: Trial, first: Double, _ evaluate: (Double) throws -> Trial
  ) throws -> Trial {
    var (before, trial, used) = (start, try evaluate(first), 0)
    while used < Self.limit {
      if !hasFallen(trial, start) || (used > 1 && trial.cost >= before.cost) { break }
      if isFlat(trial, start) { return trial }
      if trial.slope >= 0 { break }
      let least = trial.length + 0.01 * (trial.length - before.length)
      let next = Self.minimum(before, trial, within: least...10 * trial.length)
      (before, trial, used) = (trial, try evaluate(next), used + 1)
    }
    return try narrowed(
      used == Self.limit ? start : before, trial, start: start, used: used, evaluate)
  }

  /// Narrows a bracket that holds a good place.
  private func narrowed(
    _ a: Trial, _ b: Trial, start: Trial, used: Int, _ evaluate: (Double) throws -> Trial
  ) throws -> Trial {
    var (low, high) = a.cost <= b.cost ? (a, b) : (b, a)
    var isNearAnEnd = false
    for _ in used..<Self.limit {
      guard abs(high.length - low.length) * size >= tolerance else { break }
      let ends = min(low.length, high.length)...max(low.length, high.length)
      var length = Self.minimum(low, high, within: ends)
      let margin = 0.1 * (ends.upperBound - ends.lowerBound)
      let (toLower, toUpper) = (length - ends.lowerBound, ends.upperBound - length)
      if min(toLower, toUpper) >= margin {
        isNearAnEnd = false
      } else if isNearAnEnd || toLower <= 0 || toUpper <= 0 {
        length = toUpper < toLower ? ends.upperBound - margin : ends.lowerBound + margin
        isNearAnEnd = false
      } else {
        isNearAnEnd = true
      }
      let trial = try evaluate(length)
      if !hasFallen(trial, start) || trial.cost >= low.cost {
        (low, high) = low.cost <= trial.cost ? (low, trial) : (trial, low)
      } else if isFlat(trial, start) {
        return trial
      } else {
        if trial.slope * (high.length - low.length) >= 0 { high = low }
        low = trial
      }
    }
    return low
  }

  private func hasFallen(_ trial: Trial, _ start: Trial) -> Bool {
    trial.cost <= start.cost + 1e-4 * trial.length * start.slope
  }

  private func isFlat(_ trial: Trial, _ start: Trial) -> Bool {
    abs(trial.slope) <= -0.9 * start.slope
  }

  /// Where the cubic through two costs with their slopes is least; the middle if there is no such place.
  private static func minimum(_ a: Trial, _ b: Trial, within range: ClosedRange<Double>) -> Double {
    let (p, q) = a.length <= b.length ? (a, b) : (b, a)
    let width = q.length - p.length
    let middle = (range.lowerBound + range.upperBound) / 2
    let bend = p.slope + q.slope - 3 * (p.cost - q.cost) / (p.length - q.length)
    let square = bend * bend - p.slope * q.slope
    guard square >= 0 else { return middle }
    let root = square.squareRoot()
    let place = q.length - width * ((q.slope + root - bend) / (q.slope - p.slope + 2 * root))
    guard place.isFinite else { return middle }
    return min(max(place, range.lowerBound), range.upperBound)
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}

private func add(_ factor: Double, _ a: [Double], to sum: inout [Double]) {
  for index in sum.indices { sum[index] += factor * a[index] }
}

private func largest(_ numbers: [Double]) -> Double {
  numbers.reduce(0) { max($0, abs($1)) }
}
