public import BackpropCore
public import BackpropExecution

extension Evaluator {
  /// Computes a graph with a compiled plan, for comparison with the interpreter.
  ///
  /// - Parameters:
  ///   - scalarType: the real type of the plan, and of the whole graph.
  ///   - tolerance: the greatest accepted relative error.
  ///   - options: how the plan is made.
  ///   - threads: the threads that run it.
  public static func plan(
    _ scalarType: ScalarType = .float64, tolerance: Double = 1e-11,
    options: PlanOptions = PlanOptions(), threads: Int = 1
  ) -> Evaluator {
    Evaluator("plan", tolerance: tolerance) { _, outputs, bindings in
      guard let builder = outputs.first?.builder else { return [] }
      return try PlanEvaluator(scalarType, options: options, threads: threads)
        .values(of: outputs, in: builder, bindings: bindings).outputs
    }
  }
}
