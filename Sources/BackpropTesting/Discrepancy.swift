public import BackpropCore

/// The worst place of one comparison of two arrays.
public struct Discrepancy: Sendable, CustomStringConvertible {
  /// What was compared, as in `first derivative by input 0`.
  public let check: String
  /// The relative error: see ``init(_:found:expected:tolerance:floor:)``.
  public let error: Double
  /// The greatest accepted error.
  public let tolerance: Double
  /// The index of the element in the array.
  public let place: [Int]
  /// The number that stood there.
  public let found: Double
  /// The number to compare with.
  public let expected: Double

  /// Whether the error is within the tolerance.
  public var passed: Bool { error <= tolerance }

  /// Finds the worst place: the greatest `|a − n| / max(|a|, |n|, floor · ‖n‖∞)`.
  ///
  /// Equal numbers have no error, two NaN neither if `floor` is 0; any other NaN has an infinite
  /// one.
  ///
  /// - Parameters:
  ///   - check: what is compared.
  ///   - found: the numbers in question, a.
  ///   - expected: the numbers to compare with, n; as many as in `found`.
  ///   - tolerance: the greatest accepted error.
  ///   - floor: elements smaller than this share of the greatest count as if they were as large.
  /// - Throws: ``ToleranceError``.
  public init(
    _ check: String, found: Numbers<Double>, expected: Numbers<Double>, tolerance: Double,
    floor: Double
  ) throws {
    precondition(found.shape == expected.shape, "\(check): \(found.shape) is not \(expected.shape)")
    func finiteNorm(_ values: [Double]) -> Double {
      values.map(\.magnitude).filter(\.isFinite).max() ?? 0
    }
    let least = floor * Swift.max(finiteNorm(found.values), finiteNorm(expected.values))
    let errors = zip(found.values, expected.values).map { a, n -> Double in
      if a == n || (floor == 0 && a.isNaN && n.isNaN) { return 0 }
      let error = (a - n).magnitude / Swift.max(a.magnitude, n.magnitude, least)
      return error.isNaN ? .infinity : error
    }
    let index = errors.indices.max { errors[$0] < errors[$1] }
    self.check = check
    self.tolerance = try checkedTolerance(tolerance)
    self.error = index.map { errors[$0] } ?? 0
    self.place =
      index.map { position in
        zip(found.shape.strides, found.shape.sizes).map { position / $0 % $1 }
      } ?? []
    self.found = index.map { found.values[$0] } ?? 0
    self.expected = index.map { expected.values[$0] } ?? 0
  }

  public var description: String {
    let verdict = passed ? "worst error" : "error"
    return "\(check): \(verdict) \(error) (tolerance \(tolerance)) at element \(place): "
      + "found \(found), expected \(expected)"
  }
}
