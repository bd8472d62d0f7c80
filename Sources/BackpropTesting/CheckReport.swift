/// What ``checkOp(_:inputs:scalarTypes:orders:mode:tolerance:evaluators:build:)`` found: for each
/// thing it compared, the worst place.
public struct CheckReport: Sendable, CustomStringConvertible {
  /// What was checked.
  public let name: String
  /// Derivatives beside differences: one entry for each order and real input.
  public internal(set) var derivatives: [DerivativeCheck] = []
  /// Other evaluators beside the interpreter: one entry for each output.
  public internal(set) var evaluations: [Discrepancy] = []
  /// Shapes that were not what the shape rules say, one sentence each.
  public internal(set) var shapeFaults: [String] = []

  /// Whether all shapes were right and every error within its tolerance.
  public var passed: Bool {
    shapeFaults.isEmpty && derivatives.allSatisfy(\.passed) && evaluations.allSatisfy(\.passed)
  }

  /// The greatest error of all comparisons; 0 if nothing was compared.
  public var worstError: Double {
    (derivatives.map(\.error) + evaluations.map(\.error)).max() ?? 0
  }

  public var description: String {
    var lines = ["\(name): \(passed ? "passed" : "failed")"] + shapeFaults.map { "  " + $0 }
    if !derivatives.isEmpty { lines.append(describe(derivatives, title: "derivative")) }
    return (lines + evaluations.map { "  \($0)" }).joined(separator: "\n")
  }
}
