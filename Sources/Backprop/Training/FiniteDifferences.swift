package import BackpropCore

/// A line through the parameters of one array.
package struct Move {
  /// What moves, and how far for a distance of 1.
  package let elements: [(index: Int, amount: Double)]
  /// The step that differences begin with, a power of two: x ± h loses few bits.
  package let step: Double

  /// The derivative along the line.
  package func along(_ gradient: [Double]) -> Double {
    elements.reduce(0) { $0 + $1.amount * gradient[$1.index] }
  }

  /// One element after the other.
  package static func elements(of weights: [Double]) -> [Move] {
    let norm = norm(weights)
    return weights.indices.map { element($0, weights[$0], norm) }
  }

  /// One element alone.
  package static func element(_ index: Int, of weights: [Double]) -> Move {
    element(index, weights[index], norm(weights))
  }

  private static func element(_ index: Int, _ weight: Double, _ norm: Double) -> Move {
    Move(
      elements: [(index, 1)],
      step: Double(sign: .plus, exponent: scale(weight, norm).exponent - 10, significand: 1))
  }

  /// Random directions: each element by a normal number, in the unit of its own weight.
  package static func directions(_ count: Int, of weights: [Double], _ key: RandomKey) -> [Move] {
    (0..<count).map { direction($0, of: weights, key) }
  }

  /// One of the random directions.
  ///
  /// - Parameter limit: at most about so many elements move: every second, third, … one, from a
  ///   random place on.
  package static func direction(
    _ number: Int, of weights: [Double], _ key: RandomKey, limit: Int = .max
  ) -> Move {
    let norm = norm(weights)
    let key = key.folded(UInt64(number))
    let every = (weights.count - 1) / max(limit, 1) + 1
    let first = every == 1 ? 0 : Int(key.folded("first").uniforms(1)[0] * Double(every))
    let places = Array(stride(from: first, to: weights.count, by: every))
    let normals = key.normals(places.count)
    return Move(
      elements: zip(places, normals).map { ($0, scale(weights[$0], norm) * $1) }, step: 0x1p-10)
  }

  private static func norm(_ weights: [Double]) -> Double { weights.map(\.magnitude).max() ?? 0 }

  private static func scale(_ weight: Double, _ norm: Double) -> Double {
    norm == 0 ? 1 : max(weight.magnitude, 0.1 * norm, 0.01)
  }
}

/// Finite differences of a cost.
package struct Differences {
  private let probe: CostProbe
  /// The sides of all kinks where the derivatives are taken.
  private let sides: [Double]
  /// How far rounding moves the cost: measured by moves that are too small for anything else.
  package let rounding: Double

  /// Measures rounding.
  ///
  /// - Parameter limit: so many elements of each array move at most.
  package init(_ probe: CostProbe, _ paths: [String], limit: Int = .max) {
    self.probe = probe
    let cost = probe.cost()
    sides = probe.marks
    var rounding = 4 * cost.ulp
    for path in paths {
      let all = Move.direction(0, of: probe[path], RandomKey(0).folded(path), limit: limit)
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
  package func derivative(
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
