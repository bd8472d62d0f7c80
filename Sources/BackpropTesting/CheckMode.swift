/// Along which lines derivatives are compared with differences.
public enum CheckMode: Sendable, Hashable {
  /// Arrays from the smallest on, every element, up to `elements` in total; each array beyond that
  /// along `directions` random directions.
  case automatic(elements: Int = 2_000, directions: Int = 64)
  /// Every element of every array.
  case full
  /// So many random directions through all arrays jointly, and as many through each array.
  case directions(Int)
}

/// Which derivative is compared with differences.
public enum DerivativeOrder: Int, Sendable, CaseIterable {
  /// The gradient, with differences of the function.
  case first = 1
  /// The derivative of the gradient along a random direction, with differences of the gradient.
  case second
}

/// What is the likely cause of an error that is too great.
public enum Suspicion: String, Sendable, CaseIterable {
  /// Nothing is: the error is within the tolerance.
  case none
  /// The function has a kink there, so there is no derivative to compare with.
  case kink
  /// The differences have not converged for any step: they cannot tell.
  case step
  /// The differences have converged, to another number: the derivative is wrong.
  case derivative

  /// What it means, and what to do.
  public var advice: String {
    switch self {
    case .none: "nothing to do"
    case .kink:
      "a kink: the slope jumps within the smallest step, so there is no derivative to compare with; "
        + "move the numbers away from it (from 0 for relu and abs, from ties for max)"
    case .step:
      "the step: the differences have not converged, so they cannot tell; bring the inputs to about "
        + "1, take fewer samples, or look for numbers that are huge, not finite or not smooth"
    case .derivative:
      "the derivative: the differences have converged, to another number; look at the ops behind this "
        + "array for a factor, a sign, a transpose or a missing sum over broadcast axes, with checkOp "
        + "for one op alone"
    }
  }
}
