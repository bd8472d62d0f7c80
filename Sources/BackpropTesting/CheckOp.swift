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

/// Checks an op, or any piece of graph: shapes, first and second derivatives, and other evaluators.
///
/// - Shapes: every node's numbers must have the shape that its shape rule says.
/// - First derivative: the gradient of `Σ c ⊙ f`, c random but fixed, against central differences
///   of fourth order in Float64, for every element of every real input.
/// - Second derivative: the same for `Σ d ⊙ ∇(Σ c ⊙ f)`.
/// - Evaluators: result, gradient and gradient of the gradient against the interpreter's.
///
/// A result that is not real is cast first: its derivatives must be 0, by differences too. The
/// error of a derivative is `|a − n| / max(|a|, |n|, 10⁻³ · ‖g‖∞)`. Differences step by about 10⁻³
/// · max(|x|, 0.1 · ‖x‖∞), so keep inputs that far from kinks and poles.
///
/// ```swift
/// let report = try checkOp("swish", inputs: [.random([3, 5], seed: 1)]) { try $0[0] * $0[0].sigmoid() }
/// #expect(report.passed, "\(report)")
/// ```
///
/// - Parameters:
///   - name: what the report calls it.
///   - inputs: the numbers of the inputs.
///   - scalarTypes: their types, float64 unless told; the interpreter computes in Double all the
///     same.
///   - tolerance: the greatest accepted relative error of derivatives.
///   - evaluators: other ways to compute the same graph.
///   - build: adds the op to the graph.
/// - Returns: the worst place of each comparison; see ``CheckReport/passed``.
/// - Throws: what `build` throws, and ``ToleranceError``.
public func checkOp(
  _ name: String, inputs: [Numbers<Double>], scalarTypes: [ScalarType]? = nil,
  tolerance: Double = 1e-7, evaluators: [Evaluator] = [], build: ([Value]) throws -> Value
) throws -> CheckReport {
  let types = scalarTypes ?? inputs.map { _ in .float64 }
  precondition(types.count == inputs.count, "\(inputs.count) inputs have \(types.count) types")
  var laboratory = Laboratory()
  let values = zip(inputs, types).map { laboratory.bind($0, $1) }
  let result = try build(values)
  let varied = values.filter(\.scalarType.isReal)

  var outputs = [result]
  var report = CheckReport(name: name)
  if !varied.isEmpty {
    let cost = try laboratory.weighted([result])
    let first = try gradient(of: cost, withRespectTo: varied)
    let slope = try laboratory.weighted(first)
    let second = try gradient(of: slope, withRespectTo: varied)
    outputs += first + second
    let checks = [("first derivative", cost, first), ("second derivative", slope, second)]
    for (order, scalar, derived) in checks {
      for (input, derivative) in zip(varied, derived) {
        guard derivative.type == input.type else {
          report.shapeFaults.append(
            "\(order): an adjoint is \(derivative.type); expected \(input.type)")
          continue
        }
        report.worst.append(
          try Discrepancy(
            "\(order) by '\(laboratory.name(of: input))'",
            found: laboratory.values(of: [derivative])[0],
            expected: laboratory.differences(of: scalar, by: input),
            tolerance: tolerance, floor: 1e-3))
      }
    }
  }
  report.shapeFaults += try laboratory.shapeFaults(outputs)
  for evaluator in evaluators {
    report.worst += try laboratory.compare(evaluator, outputs)
  }
  return report
}

/// A graph with numbers for its leaves.
private struct Laboratory {
  let builder = GraphBuilder()
  var bindings: [Leaf: Numbers<Double>] = [:]

  /// A new input with numbers.
  mutating func bind(_ numbers: Numbers<Double>, _ scalarType: ScalarType) -> Value {
    let leaf = Leaf.input("input \(bindings.count)")
    bindings[leaf] = numbers
    return builder.leaf(leaf, numbers.shape, scalarType)
  }

  func name(of value: Value) -> String { builder.graph.nodes[value.id].name }

  /// Σ c ⊙ v over all values, with random weights c for each.
  mutating func weighted(_ values: [Value]) throws -> Value {
    var total: Value?
    for value in values {
      let real = value.scalarType.isReal ? value : try value.cast(to: .float64)
      let weights = bind(
        Numbers(value.shape, RandomKey(UInt64(bindings.count)).normals(value.shape.count)),
        real.scalarType)
      let sum = try (weights * real).sum().cast(to: .float64)
      total = try total.map { try $0 + sum } ?? sum
    }
    return total ?? builder.constant(0, .float64)
  }

  func values(of outputs: [Value]) throws -> [Numbers<Double>] {
    try Interpreter(builder.graph).values(of: outputs, bindings: bindings)
  }

  /// The derivative of a scalar by each element of an input: (−f(x+2h) + 8f(x+h) − 8f(x−h) +
  /// f(x−2h)) / 12h.
  func differences(of scalar: Value, by input: Value) throws -> Numbers<Double> {
    let leaf = Leaf.input(name(of: input))
    guard let x = bindings[leaf] else { preconditionFailure("not an input: \(leaf)") }
    let interpreter = Interpreter<Double>(builder.graph)
    let norm = x.values.map(\.magnitude).max() ?? 0
    var derivative = x
    for (index, center) in x.values.enumerated() {
      let scale = Swift.max(center.magnitude, 0.1 * norm)
      // A power of two: x ± h loses few bits.
      let step = Double(
        sign: .plus, exponent: scale == 0 ? -10 : scale.exponent - 10, significand: 1)
      func at(_ steps: Double) throws -> Double {
        var moved = bindings
        moved[leaf]?.values[index] = center + steps * step
        return try interpreter.values(of: [scalar], bindings: moved)[0].values[0]
      }
      derivative.values[index] = try (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)
    }
    return derivative
  }

  /// The nodes whose numbers have another shape than their rule says.
  func shapeFaults(_ outputs: [Value]) throws -> [String] {
    let numbers = try Interpreter(builder.graph).allValues(
      of: outputs.map(\.id), bindings: bindings)
    return numbers.sorted { $0.key < $1.key }.compactMap { id, numbers in
      let node = builder.graph.nodes[id]
      guard numbers.shape != node.type.shape else { return nil }
      return "\(node.name) evaluates to \(numbers.shape); its rule says \(node.type.shape)"
    }
  }

  /// Another evaluator's numbers against the interpreter's.
  func compare(_ evaluator: Evaluator, _ outputs: [Value]) throws -> [Discrepancy] {
    let expected = try values(of: outputs)
    let found = try evaluator.evaluate(builder.graph, outputs, bindings)
    precondition(found.count == expected.count, "\(evaluator.name) left outputs out")
    return try zip(found, expected).enumerated().map { index, pair in
      try Discrepancy(
        "\(evaluator.name), output \(index)", found: pair.0, expected: pair.1,
        tolerance: evaluator.tolerance, floor: 1e-3)
    }
  }
}
