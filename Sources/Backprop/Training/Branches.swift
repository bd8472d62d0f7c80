package import BackpropCore

/// For each place where a cost may have a kink, a number that tells on which side it is.
///
/// A kink is where a derivative jumps, the first (relu, abs, max) or the second (elu, Huber's
/// cost). The number is `Σ (2 + sin(0.7548776662·i)) · sᵢ`, sᵢ the side of element i: the weights
/// differ, so elements that change sides change the number.
///
/// - Parameters:
///   - cost: the last value to look at.
///   - parameters: what is going to move; what does not depend on it stays on its side.
/// - Returns: one scalar for each op with kinks. An op of the user's own is not known, and has
///   none.
package func branches(of cost: Value, movedBy parameters: [Value]) throws -> [Value] {
  let builder = cost.builder
  let nodes = builder.graph.nodes
  let reached = builder.graph.reachable(from: [cost.id])
  var moves = [Bool](repeating: false, count: nodes.count)
  for parameter in parameters { moves[parameter.id] = true }
  var found: [Value] = []
  for (id, node) in nodes.enumerated() where reached[id] && id <= cost.id {
    moves[id] = moves[id] || node.inputs.contains { moves[$0] }
    guard moves[id], case .op(let op) = node.kind else { continue }
    let inputs = node.inputs.map { Value(builder: builder, id: $0) }
    for side in try sides(of: op, inputs, Value(builder: builder, id: id)) {
      found.append(try weighted(side.cast(to: cost.scalarType)))
    }
  }
  return found
}

/// The sides on which an op's elements are.
private func sides(of op: any Op, _ inputs: [Value], _ output: Value) throws -> [Value] {
  switch op {
  case is Relu, is LeakyRelu, is Elu, is Abs, is Sign: [try inputs[0].sign()]
  case is Minimum, is Maximum: [try (inputs[0] - inputs[1]).sign()]
  case let clamp as Clamp:
    [try (inputs[0] - clamp.lower).sign(), try (inputs[0] - clamp.upper).sign()]
  case let max as Max:
    [try inputs[0].equal(to: inputs[0].max(axes: max.axes, keepingAxes: true))]
  case is Less, is LessOrEqual, is Equal, is NotEqual, is Argmax: [output]
  case is Cast where !output.scalarType.isReal: [output]
  default: []
  }
}

private func weighted(_ sides: Value) throws -> Value {
  let count = sides.shape.count
  let weights = try (0.7548776662466927 * sides.builder.iota(count, sides.scalarType)).sin() + 2
  return try (weights * sides.reshaped(to: [count])).sum()
}
