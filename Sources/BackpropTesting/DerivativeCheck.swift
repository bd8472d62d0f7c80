public import BackpropCore

/// The derivatives of one array beside their differences: the worst place.
public struct DerivativeCheck: Sendable {
  /// How an array was gone through.
  public enum Kind: String, Sendable {
    /// Every element.
    case elements
    /// Random directions.
    case directions
  }

  /// The array: a parameter's path, as in `hidden.weight`, or what was derived by which input.
  public let path: String
  /// The sizes; those of a vector of all elements where arrays moved jointly.
  public let shape: Shape
  /// How the array was gone through.
  public let kind: Kind
  /// The elements or directions that were compared.
  public internal(set) var compared = 0
  /// Those that were not, because a kink was in the way.
  public internal(set) var kinks = 0
  /// The greatest error: `|a − n| / max(|a|, |n|, 10⁻³·‖g‖∞)`, less what rounding explains; 0 for a
  /// gradient that is 0 but for rounding.
  public internal(set) var error = 0.0
  /// The greatest accepted error.
  public let tolerance: Double
  /// Where the greatest error is: the element's index by axis, or the number of the direction.
  public internal(set) var place: [Int] = []
  /// There, the derivative that backpropagation gives.
  public internal(set) var analytic = 0.0
  /// There, the one of finite differences.
  public internal(set) var numeric = 0.0
  /// How far off the differences may be, by their own estimate.
  public internal(set) var uncertainty = 0.0
  /// The likely cause of an error above the tolerance.
  public internal(set) var suspicion = Suspicion.none

  /// Whether something was compared, unless the array is empty, and every error was within the
  /// tolerance.
  public var passed: Bool { suspicion == .none }

  init(_ path: String, _ shape: Shape, _ kind: Kind, tolerance: Double) {
    (self.path, self.shape, self.kind, self.tolerance) = (path, shape, kind, tolerance)
  }
}
