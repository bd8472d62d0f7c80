package import Backprop
package import BackpropCore

/// Compares derivatives of a function by arrays of numbers with its differences: what `checkOp` and
/// `checkGradients` have in common.
package final class DerivativeChecker {
  /// Numbers that can move.
  package struct Subject {
    package let path: String
    package let shape: Shape
    package let values: [Double]
  }

  /// Lines that make one entry of a report.
  private struct Group {
    let path: String
    let shape: Shape
    let kind: DerivativeCheck.Kind
    let count: Int
    let move: (Int) -> Move
  }

  private let differences: Differences
  private let groups: [Group]
  /// Lines whose points are known, if they are kept.
  private var lines: [[Int: LineDifferences]]
  private let keepsLines: Bool

  /// Measures the rounding of a function.
  ///
  /// - Parameters:
  ///   - subjects: what the function can be derived by.
  ///   - joint: what all of them are called together.
  ///   - keepsLines: whether points of the function are kept for further checks.
  package init(
    _ subjects: [Subject], joint: String, mode: CheckMode, seed: UInt64, keepsLines: Bool = false,
    function: @escaping Differences.Function
  ) throws {
    let nudges = subjects.filter { !$0.values.isEmpty }.map {
      Move.direction(0, of: $0.path, $0.values, RandomKey(0).folded($0.path), limit: 1 << 16)
    }
    differences = try Differences(nudges, function)
    groups = Self.groups(subjects, joint, mode, RandomKey(seed).folded("directions"))
    lines = groups.map { _ in [:] }
    self.keepsLines = keepsLines
  }

  /// One check for each array, and one for all jointly if the mode has it.
  ///
  /// - Parameters:
  ///   - gradients: the derivatives in question, by path.
  ///   - tolerance: the greatest accepted error.
  ///   - prefix: stands before the paths in reports.
  package func checks(
    _ gradients: [String: [Double]], tolerance: Double, prefix: String = ""
  ) throws -> [DerivativeCheck] {
    let tolerance = try checkedTolerance(tolerance)
    return try groups.indices.map { try check($0, gradients, tolerance, prefix) }
  }

  private func line(_ group: Int, _ index: Int) -> LineDifferences {
    if let known = lines[group][index] { return known }
    let line = differences.along(groups[group].move(index))
    if keepsLines { lines[group][index] = line }
    return line
  }

  private func check(
    _ number: Int, _ gradients: [String: [Double]], _ tolerance: Double, _ prefix: String
  ) throws -> DerivativeCheck {
    let group = groups[number]
    var least = Double.infinity
    let analytic = (0..<group.count).map { index in
      let move = line(number, index).move
      least = min(least, move.step)
      return move.along { gradients[$0] ?? [] }
    }
    let floor = 1e-3 * (analytic.map(\.magnitude).max() ?? 0)
    let numeric = try analytic.enumerated().map {
      try line(number, $0.offset).derivative(expected: $0.element, floor: floor)
    }
    var check = DerivativeCheck(prefix + group.path, group.shape, group.kind, tolerance: tolerance)
    check.compared = numeric.count { $0 != nil }
    check.kinks = group.count - check.compared
    let errors = Self.errors(
      analytic, numeric, floor: floor, noise: 2 * differences.rounding / least)
    guard let worst = errors.indices.max(by: { errors[$0] < errors[$1] }),
      let found = numeric[worst]
    else {
      check.suspicion = check.kinks > 0 ? .kink : .none
      return check
    }
    check.error = errors[worst]
    check.place =
      group.kind == .directions
      ? [worst] : zip(group.shape.strides, group.shape.sizes).map { worst / $0 % $1 }
    (check.analytic, check.numeric) = (analytic[worst], found.value)
    try judge(&check, line(number, worst), floor: floor)
    return check
  }

  /// The error of each derivative; −1 where there is none to compare with. An array with no number
  /// above `noise` counts as 0.
  private static func errors(
    _ analytic: [Double], _ numeric: [DifferenceEstimate?], floor: Double, noise: Double
  ) -> [Double] {
    let isZero =
      analytic.allSatisfy { $0.magnitude <= noise }
      && numeric.allSatisfy { ($0?.value.magnitude ?? 0) <= noise }
    return zip(analytic, numeric).map { a, estimate in
      guard let estimate else { return -1 }
      let n = estimate.value
      if isZero || a == n { return 0 }
      let excess = (a - n).magnitude - estimate.rounding
      if excess <= 0 { return 0 }
      let error = excess / max(a.magnitude, n.magnitude, floor)
      return error.isNaN ? .infinity : error
    }
  }

  /// Says how sure the differences of the worst place are, and what an error may come from.
  private func judge(
    _ check: inout DerivativeCheck, _ line: LineDifferences, floor: Double
  ) throws {
    let distance = (check.analytic - check.numeric).magnitude
    let estimate = try line.extrapolated(floor: floor)
    check.uncertainty =
      estimate.map { $0.doubt + ($0.value - check.numeric).magnitude } ?? .infinity
    if check.error <= check.tolerance { return }
    if let jump = try line.jump(), distance <= 0.6 * jump {
      check.suspicion = .kink
    } else {
      // Written so that a NaN is no convergence.
      let isSure = check.uncertainty <= 0.1 * distance
      check.suspicion =
        try isSure && line.confirms(check.numeric, distance: distance) ? .derivative : .step
    }
    // An infinite or missing derivative is wrong wherever there are differences.
    if !check.analytic.isFinite, check.uncertainty.isFinite { check.suspicion = .derivative }
  }
}

extension DerivativeChecker {
  private static func groups(
    _ subjects: [Subject], _ joint: String, _ mode: CheckMode, _ key: RandomKey
  ) -> [Group] {
    switch mode {
    case .full: return subjects.map(elements)
    case .automatic(let limit, let count):
      var whole: Set<String> = []
      var left = limit
      for subject in subjects.sorted(by: { $0.shape.count < $1.shape.count })
      where subject.shape.count <= left {
        left -= subject.shape.count
        whole.insert(subject.path)
      }
      return subjects.map {
        whole.contains($0.path) ? elements(of: $0) : directions(count, of: $0, key)
      }
    case .directions(let count):
      let own = subjects.map { directions(count, of: $0, key) }
      return own.count < 2 ? own : [self.joint(own, joint, count)] + own
    }
  }

  private static func elements(of subject: Subject) -> Group {
    let norm = Move.norm(subject.values)
    return Group(
      path: subject.path, shape: subject.shape, kind: .elements, count: subject.shape.count
    ) { Move.element($0, of: subject.path, subject.values, norm: norm) }
  }

  private static func directions(_ count: Int, of subject: Subject, _ key: RandomKey) -> Group {
    let key = key.folded(subject.path)
    return Group(
      path: subject.path, shape: subject.shape, kind: .directions,
      count: subject.values.isEmpty ? 0 : count
    ) { Move.direction($0, of: subject.path, subject.values, key) }
  }

  private static func joint(_ groups: [Group], _ path: String, _ count: Int) -> Group {
    let filled = groups.filter { $0.count > 0 }
    return Group(
      path: path, shape: [groups.reduce(0) { $0 + $1.shape.count }], kind: .directions,
      count: filled.isEmpty ? 0 : count
    ) { number in Move.joint(filled.map { $0.move(number) }) }
  }
}
