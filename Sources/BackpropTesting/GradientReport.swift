import Backprop

/// What ``checkGradients(of:_:_:mode:order:tolerance:seed:)`` found, parameter by parameter.
///
/// ```
/// parameter      checked  kinks  worst error  at      backpropagation      differences          ±        suspicion
/// hidden.weight       24      0      1.0e-10  [1, 3]  -0.0212443137162     -0.0212443137183     3.2e-12  none
/// ```
///
/// Below the table, each parameter that failed has a paragraph with its numbers and what to do.
public struct GradientReport: Sendable, CustomStringConvertible {
  /// The cost of the batch.
  public let cost: Double
  /// Which derivatives were compared.
  public let order: DerivativeOrder
  /// One entry for each trained parameter, in the order in which the network declared them; before
  /// them one for all jointly, where random directions were asked for.
  public let parameters: [DerivativeCheck]

  /// The greatest error of all parameters; infinite where nothing could be compared, or the cost is
  /// not finite.
  public var worstError: Double {
    guard cost.isFinite, !parameters.isEmpty else { return .infinity }
    return parameters.map { $0.compared == 0 && !$0.passed ? .infinity : $0.error }.max()
      ?? .infinity
  }

  /// The places that were left out for a kink, over all parameters.
  public var kinks: Int { parameters.reduce(0) { $0 + $1.kinks } }

  /// Whether the cost is finite, and every parameter was compared somewhere, with errors within the
  /// tolerance.
  public var passed: Bool {
    cost.isFinite && !parameters.isEmpty && parameters.allSatisfy(\.passed)
  }

  public var description: String {
    describe(parameters, title: "parameter")
      + (cost.isFinite ? "" : "\n\nthe cost is \(cost): nothing can be compared")
  }
}
