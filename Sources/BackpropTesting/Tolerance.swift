/// A tolerance that no check can honestly use.
public struct ToleranceError: Error, Equatable, CustomStringConvertible {
  /// The tolerance asked for.
  public let tolerance: Double

  public var description: String {
    "a relative tolerance of \(tolerance) makes no check; expected a number from 0 to 0.01"
  }
}

/// The one place that every tolerance of a check goes through.
///
/// - Parameter relative: the greatest accepted relative error; 0 asks for equal numbers.
/// - Throws: ``ToleranceError`` for one that is negative, not a number, or so wide (above 0.01)
///   that wrong results pass.
public func checkedTolerance(_ relative: Double) throws -> Double {
  guard relative >= 0, relative <= 0.01 else { throw ToleranceError(tolerance: relative) }
  return relative
}
