import BackpropCore

extension TrainingStep {
  /// Says in which layer and op a batch's first number that is not finite arises, for which sample, which
  /// number it is, and what may be behind it: computed node by node.
  ///
  /// - Parameters:
  ///   - kind: training looks at cost and update, evaluation at the cost.
  ///   - learningRate: that of the step.
  /// - Returns: nil if all numbers are finite.
  func findNonFinite(
    _ state: TrainingState, _ batch: Batch, _ kind: StepPlan.Kind, learningRate: Double
  ) throws -> String? {
    let trace = try trace(kind, batch: batch.count, weighted: batch.dataset.weights != nil)
    let updates = kind == .training ? trace.updates.map(\.value.id) : []
    let roots = [trace.cost.id] + updates
    func find<R: RealNumber>(_: R.Type) throws -> String? {
      let bindings = bindings(trace, state, batch, R.self, learningRate: learningRate)
      return try findNonFinite(trace, roots, bindings, batch)
    }
    return precision == .float64 ? try find(Double.self) : try find(Float.self)
  }

  private func findNonFinite<R: RealNumber>(
    _ trace: StepTrace, _ roots: [Int], _ bindings: [Leaf: Numbers<R>], _ batch: Batch
  ) throws -> String? {
    let graph = trace.builder.graph
    let values = try Interpreter<R>(graph).allValues(of: roots, bindings: bindings)
    for (id, node) in graph.nodes.enumerated() {
      guard let numbers = values[id]?.values,
        let index = numbers.firstIndex(where: { !$0.isFinite })
      else { continue }
      let number = numbers[index].isNaN ? "NaN" : "\(numbers[index])"
      guard case .op(let op) = node.kind else { return "'\(node.name)' holds \(number)" }
      let place = node.path.isEmpty ? "in the cost or the update" : "in layer '\(node.path)'"
      let pass = node.forward == nil ? "" : ", on the way back"
      let independence = SampleIndependence(graph, upTo: id, batch: batch.count)
      var sample = ""
      if independence.kinds[id] == .bySample {
        let row = index / (numbers.count / batch.count)
        sample = ", for sample \(batch.indices[batch.range.lowerBound + row])"
      }
      let cause = Self.likelyCause(op).map { " (\($0))" } ?? ""
      return "the first number that is not finite is \(number), \(place), from \(node.name)"
        + "\(pass)\(sample)\(cause)"
    }
    return nil
  }

  /// What makes an op's result not finite though its inputs are.
  private static func likelyCause(_ op: any Op) -> String? {
    switch op {
    case is Exp, is Expm1: "the exponential of a large number overflows"
    case is Log, is Log1p: "the logarithm of 0 or of a negative number"
    case is Divide: "a division by 0, or by a number near it"
    case is Sqrt: "the root of a negative number"
    case is Power, is ConstantPower: "a power of a large number, or a fraction of a negative one"
    case is MatMul, is Multiply, is Add, is Subtract, is Sum, is Mean:
      "weights or gradients grew until they overflowed"
    default: nil
    }
  }
}
