/// A function of numbers at one point: its value, and on which side of each kink the point lies.
package struct FunctionPoint {
  package let value: Double
  package let sides: [Double]

  package init(_ value: Double, sides: [Double]) { (self.value, self.sides) = (value, sides) }
}

/// Finite differences of a function whose numbers can be moved along lines: a cost of its
/// parameters, an op of its inputs.
package struct Differences {
  /// The function with its numbers moved by a distance along a line.
  package typealias Function = (_ move: Move, _ distance: Double) throws -> FunctionPoint

  fileprivate let function: Function
  /// Where the derivatives are taken.
  fileprivate let center: FunctionPoint
  /// How far rounding moves the function: measured by moves that are too small for anything else.
  package let rounding: Double

  /// Measures rounding.
  ///
  /// - Parameter nudges: lines to measure along, in the unit of the numbers that move.
  package init(_ nudges: [Move], _ function: @escaping Function) throws {
    self.function = function
    center = try function(.none, 0)
    var rounding = 4 * center.value.ulp
    for move in nudges {
      for units in 1...8 {
        let moved = try function(move, Double(units) * 0x1p-51).value
        if moved.isFinite { rounding = max(rounding, (moved - center.value).magnitude) }
      }
    }
    self.rounding = rounding
  }

  /// The differences along a line; each point is computed once.
  package func along(_ move: Move) -> LineDifferences { LineDifferences(self, move) }
}

/// A derivative found by differences, and how far it may be off.
package struct DifferenceEstimate: Sendable {
  package let value: Double
  /// What the step size may leave: how far the neighbours in Richardson's table are; nil if one
  /// step size was enough, since it agreed with what was expected.
  package let truncation: Double?
  /// What rounding of the function may leave.
  package let rounding: Double

  /// Truncation and rounding together.
  package var doubt: Double { (truncation ?? 0) + rounding }
}

/// The finite differences along one line.
///
/// The base is the central difference of fourth order, `D(h) = (−f(x+2h) + 8f(x+h) − 8f(x−h) +
/// f(x−2h)) / 12h`. Its error is a series in h⁴, h⁶, h⁸, …, of which Richardson's extrapolation
/// over halved steps takes one term after the other: `(16·D(h) − D(2h)) / 15`, then 64 and 63, then
/// 256 and 255. The entry of the table decides that is least in doubt: as far from the two that it
/// was made of as the farther one, and what rounding of the function can make of it.
package final class LineDifferences {
  package let move: Move
  private let source: Differences
  /// By k: f(x + 2ᵏh) − f(x − 2ᵏh) and f(x + 2ᵏh) + f(x − 2ᵏh) − 2f(x); nil over a kink.
  private var pairs: [Int: (odd: Double, even: Double)?] = [:]
  private var near: DifferenceEstimate??
  private var wide: DifferenceEstimate??

  /// The steps of the whole table: from 64h to h/64.
  private static let widest = 6
  /// The columns of the table behind the first.
  private static let columns = 3

  fileprivate init(_ source: Differences, _ move: Move) {
    (self.source, self.move) = (source, move)
  }

  /// The derivative; nil if a kink is in the way at every step size.
  ///
  /// - Parameters:
  ///   - expected: says whether the first step size will do, and nothing else.
  ///   - floor: derivatives below it count as if they were as large.
  package func derivative(expected: Double, floor: Double) throws -> DifferenceEstimate? {
    if let first = try difference(0),
      (first - expected).magnitude <= 1e-9 * max(first.magnitude, floor)
    {
      return DifferenceEstimate(value: first, truncation: nil, rounding: 0)
    }
    return try extrapolated(floor: floor)
  }

  /// The derivative by extrapolation: over two steps if that leaves no doubt, else over all.
  package func extrapolated(floor: Double) throws -> DifferenceEstimate? {
    let near: DifferenceEstimate? = try self.near ?? table(from: 0, to: -1)
    self.near = near
    if let near, near.doubt <= 1e-10 * max(near.value.magnitude, floor) { return near }
    let wide: DifferenceEstimate? = try self.wide ?? table(from: Self.widest, to: -Self.widest)
    self.wide = wide
    return wide
  }

  /// Whether the smallest step that rounding leaves exact enough has the same derivative: where a
  /// function is rough, wide steps can agree with each other by chance.
  ///
  /// - Parameter distance: what tells two derivatives apart.
  package func confirms(_ value: Double, distance: Double) throws -> Bool {
    for level in -Self.widest...Self.widest
    where 1.5 * source.rounding / step(level) <= 0.25 * distance {
      if let found = try difference(level) { return (found - value).magnitude <= 0.5 * distance }
    }
    return false
  }

  /// How far the slope jumps at the point itself, if it does: the difference of the slopes to both
  /// sides shrinks with the step where the function is smooth, and grows where it is rough. It finds
  /// the kinks of ops that are not known to have any.
  package func jump() throws -> Double? {
    let slopes = try [0, -Self.widest / 2, -Self.widest].map { level in
      try pair(level).map { ($0.even / step(level)).magnitude }
    }
    guard let coarse = slopes[0], let middle = slopes[1], let fine = slopes[2],
      fine > 8 * source.rounding / step(-Self.widest)
    else { return nil }
    let like = (0.5 * fine)...(2 * fine)
    return like.contains(coarse) && like.contains(middle) ? fine : nil
  }

  /// Richardson's table; the steps go from 2ᵏh for k = `first` down to k = `last`.
  private func table(from first: Int, to last: Int) throws -> DifferenceEstimate? {
    var best: DifferenceEstimate?
    // The row of the step twice as large.
    var above: [DifferenceEstimate] = []
    for level in stride(from: first, through: last, by: -1) {
      guard let value = try difference(level) else {
        above = []
        continue
      }
      let rounding = 1.5 * source.rounding / step(level)  // (8 + 8 + 1 + 1) / 12
      var row = [DifferenceEstimate(value: value, truncation: nil, rounding: rounding)]
      for (column, coarse) in above.prefix(Self.columns).enumerated() {
        let fine = row[column]
        let factor = Double(16 << (2 * column))
        let value = fine.value + (fine.value - coarse.value) / (factor - 1)
        let entry = DifferenceEstimate(
          value: value,
          truncation: max((value - fine.value).magnitude, (value - coarse.value).magnitude),
          rounding: (factor * fine.rounding + coarse.rounding) / (factor - 1))
        row.append(entry)
        // Written so that a NaN gives way to any number.
        if best.map({ !($0.doubt <= entry.doubt) }) ?? true { best = entry }
      }
      above = row
    }
    return best
  }

  /// The fourth-order central difference with the step 2ᵏh; nil if it reaches over a kink.
  private func difference(_ level: Int) throws -> Double? {
    guard let inner = try pair(level), let outer = try pair(level + 1) else { return nil }
    return (8 * inner.odd - outer.odd) / (12 * step(level))
  }

  private func pair(_ level: Int) throws -> (odd: Double, even: Double)? {
    if let known = pairs[level] { return known }
    let found = try points(level)
    pairs[level] = .some(found)
    return found
  }

  private func points(_ level: Int) throws -> (odd: Double, even: Double)? {
    let center = source.center
    let above = try source.function(move, step(level))
    guard above.sides == center.sides else { return nil }
    let below = try source.function(move, -step(level))
    guard below.sides == center.sides else { return nil }
    return (
      above.value - below.value, (above.value - center.value) + (below.value - center.value)
    )
  }

  private func step(_ level: Int) -> Double {
    Double(sign: .plus, exponent: level, significand: move.step)
  }
}
