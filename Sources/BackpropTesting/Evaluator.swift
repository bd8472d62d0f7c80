public import BackpropCore

/// Another way to compute a graph, to be compared with the interpreter: a compiled plan, say.
public struct Evaluator: Sendable {
  /// The name in reports.
  public let name: String
  /// The greatest accepted relative error of its numbers.
  public let tolerance: Double
  /// The values of the outputs, for the numbers bound to the leaves.
  public let evaluate:
    @Sendable (_ graph: Graph, _ outputs: [Value], _ bindings: [Leaf: Numbers<Double>]) throws
      -> [Numbers<Double>]

  /// Names a way to compute a graph.
  public init(
    _ name: String, tolerance: Double,
    evaluate:
      @escaping @Sendable (Graph, [Value], [Leaf: Numbers<Double>]) throws
      -> [Numbers<Double>]
  ) {
    (self.name, self.tolerance, self.evaluate) = (name, tolerance, evaluate)
  }
}
