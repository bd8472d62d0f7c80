public import Backprop

/// What ``checkGradients(of:_:_:elements:directions:seed:)`` found, parameter by parameter.
public struct GradientReport: Sendable {
  /// The cost of the batch.
  public let cost: Double
  /// One entry for each trained parameter, in the order in which the network declared them.
  public let parameters: [ParameterCheck]

  /// The greatest error of all parameters; infinite where nothing could be compared, or the cost is
  /// not finite.
  public var worstError: Double {
    guard cost.isFinite, !parameters.isEmpty else { return .infinity }
    return parameters.map { $0.compared == 0 ? .infinity : $0.error }.max() ?? .infinity
  }

  /// The places that were left out for a kink, over all parameters.
  public var kinks: Int { parameters.reduce(0) { $0 + $1.kinks } }

  /// Whether every parameter was compared somewhere, with errors within a tolerance.
  ///
  /// - Throws: ``ToleranceError`` for a tolerance that makes no check.
  public func passes(tolerance: Double = 1e-7) throws -> Bool {
    worstError <= (try checkedTolerance(tolerance))
  }
}

/// The check of one parameter's array.
public struct ParameterCheck: Sendable {
  /// How an array was gone through.
  public enum Kind: String, Sendable {
    /// Every element.
    case elements
    /// Random directions.
    case directions
  }

  /// The path, as in `hidden.weight`.
  public let path: String
  /// The sizes.
  public let shape: Shape
  /// How the array was gone through.
  public let kind: Kind
  /// The elements or directions that were compared.
  public let compared: Int
  /// Those that were not, because a kink was in the way.
  public let kinks: Int
  /// The greatest error: `|a − n| / max(|a|, |n|, 10⁻³·‖g‖∞)`, less what rounding explains; 0 for a
  /// gradient that is 0 but for rounding.
  public let error: Double
  /// Where it is: the element's index by axis, or the number of the direction.
  public let place: [Int]
  /// There, the derivative that backpropagation gives.
  public let analytic: Double
  /// There, the one of finite differences.
  public let numeric: Double

  /// Finds the worst place. `numeric` is nil at kinks; an array with no number above `noise` counts
  /// as 0.
  init(
    _ path: String, _ shape: Shape, _ kind: Kind, analytic: [Double],
    numeric: [(value: Double, rounding: Double)?],
    noise: Double
  ) {
    let pairs = zip(analytic, numeric).enumerated().compactMap { index, pair in
      pair.1.map { (index: index, a: pair.0, n: $0.value, rounding: $0.rounding) }
    }
    let isZero =
      analytic.allSatisfy { $0.magnitude <= noise } && pairs.allSatisfy { $0.n.magnitude <= noise }
    let floor = 1e-3 * (analytic.map(\.magnitude).max() ?? 0)
    let errors = pairs.map { pair -> Double in
      if isZero || pair.a == pair.n { return 0 }
      let excess = (pair.a - pair.n).magnitude - pair.rounding
      if excess <= 0 { return 0 }
      let error = excess / Swift.max(pair.a.magnitude, pair.n.magnitude, floor)
      return error.isNaN ? .infinity : error
    }
    let worst = errors.indices.max { errors[$0] < errors[$1] }
    (self.path, self.shape, self.kind) = (path, shape, kind)
    compared = pairs.count
    kinks = analytic.count - pairs.count
    error = worst.map { errors[$0] } ?? 0
    (self.analytic, self.numeric) = worst.map { (pairs[$0].a, pairs[$0].n) } ?? (0, 0)
    place =
      worst.map { worst in
        let index = pairs[worst].index
        return kind == .directions
          ? [index] : zip(shape.strides, shape.sizes).map { index / $0 % $1 }
      } ?? []
  }
}

extension GradientReport: CustomStringConvertible {
  /// A table: one line for each parameter, with the worst place and both numbers.
  public var description: String {
    let header = [
      "parameter", "checked", "kinks", "worst error", "at", "backpropagation", "differences",
    ]
    let rows = [header] + parameters.map(\.cells)
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let isText = [true, false, false, false, true, false, false]
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isText[column] ? row[column] + space : space + row[column]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension ParameterCheck {
  fileprivate var cells: [String] {
    let place = place.map(String.init).joined(separator: ", ")
    let count = kind == .elements ? "\(compared)" : "\(compared) directions"
    guard compared > 0 else { return [path, count, "\(kinks)", "not compared", "", "", ""] }
    return [
      path, count, "\(kinks)", scientific(error),
      kind == .elements ? "[\(place)]" : "direction \(place)",
      "\(analytic)", "\(numeric)",
    ]
  }
}

/// A number with two digits, as in `3.1e-10`.
private func scientific(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
  var exponent = 0
  var digits = value
  while digits >= 9.95 { (digits, exponent) = (digits / 10, exponent + 1) }
  while digits < 0.995 { (digits, exponent) = (digits * 10, exponent - 1) }
  return "\((digits * 10).rounded() / 10)e\(exponent)"
}
