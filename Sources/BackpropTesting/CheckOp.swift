public import BackpropCore

/// Checks an op, or any piece of graph: shapes, first and second derivatives, and other evaluators.
///
/// - Shapes: every node's numbers must have the shape that its shape rule says.
/// - First derivative: the gradient of `Σ c ⊙ f`, c random but fixed, against its finite
///   differences in Float64.
/// - Second derivative: the same for `Σ d ⊙ ∇(Σ c ⊙ f)`.
/// - Evaluators: result, gradient and gradient of the gradient against the interpreter's.
///
/// A result that is not real is cast first: its derivatives must be 0, by differences too. The
/// error of a derivative is `|a − n| / max(|a|, |n|, 10⁻³ · ‖g‖∞)`. Differences, kinks and
/// suspicions are those of ``checkGradients(of:_:_:mode:order:tolerance:seed:)``, with steps of
/// about 10⁻³ · max(|x|, 0.1 · ‖x‖∞, 0.01). An op of your own is not known to have kinks: keep
/// inputs away from them.
///
/// ```swift
/// let report = try checkOp("swish", inputs: [.random([3, 5], seed: 1)]) { try $0[0] * $0[0].sigmoid() }
/// #expect(report.passed, "\(report)")
/// ```
///
/// Inputs that tell most: sizes that differ (a square matrix hides a missing transpose), sizes of 1
/// that broadcast, numbers of both signs and some size.
///
/// - Parameters:
///   - name: what the report calls it.
///   - inputs: the numbers of the inputs.
///   - scalarTypes: their types, float64 unless told; the interpreter computes in Double all the
///     same.
///   - orders: which derivatives are compared.
///   - mode: along which lines.
///   - tolerance: the greatest accepted relative error of derivatives.
///   - evaluators: other ways to compute the same graph.
///   - build: adds the op to the graph.
/// - Returns: the worst place of each comparison; see ``CheckReport/passed``.
/// - Throws: what `build` throws, and ``ToleranceError``.
public func checkOp(
  _ name: String, inputs: [Numbers<Double>], scalarTypes: [ScalarType]? = nil,
  orders: Set<DerivativeOrder> = [.first, .second], mode: CheckMode = .automatic(),
  tolerance: Double = 1e-7, evaluators: [Evaluator] = [], build: ([Value]) throws -> Value
) throws -> CheckReport {
  _ = try checkedTolerance(tolerance)
  let laboratory = try OpLaboratory(
    inputs: inputs, scalarTypes: scalarTypes, orders: orders, build: build)
  var report = CheckReport(name: name)
  for pass in laboratory.passes {
    let faults = laboratory.typeFaults(pass)
    report.shapeFaults += faults
    if faults.isEmpty {
      let checker = try laboratory.checker(pass, mode: mode)
      report.derivatives += try laboratory.check(
        pass, checker, laboratory.values(of: pass.derivatives), tolerance: tolerance)
    }
  }
  let outputs = [laboratory.result] + laboratory.passes.flatMap(\.derivatives)
  report.shapeFaults += try laboratory.shapeFaults(outputs)
  for evaluator in evaluators {
    report.evaluations += try laboratory.compare(evaluator, outputs)
  }
  return report
}
