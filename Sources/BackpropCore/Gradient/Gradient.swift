/// Adds to the graph the derivatives of a scalar with respect to values: the backward pass, as ordinary graph.
///
/// Since it is ordinary graph, derivatives of derivatives come for free. Each added node knows the forward node it
/// belongs to (``Node/forward``). A value that the cost does not depend on gets zeros.
///
/// - Parameters:
///   - cost: a scalar, or any value if `adjoint` is given.
///   - values: what to differentiate with respect to.
///   - adjoint: the derivative that arrives at `cost`; 1 unless told. It has the shape of `cost`.
/// - Returns: one adjoint for each value, of the value's shape.
/// - Throws: ``ShapeError`` if `cost` is not a scalar and no adjoint is given.
public func gradient(
  of cost: Value, withRespectTo values: [Value], adjoint: Value? = nil
) throws -> [Value] {
  let builder = cost.builder
  guard adjoint != nil || cost.shape.count == 1 else {
    throw ShapeError("gradient", [cost.shape], "the cost must be one number; sum or average it first")
  }
  let outerForward = builder.forward
  let outerPath = builder.path
  defer { (builder.forward, builder.path) = (outerForward, outerPath) }

  let needed = builder.graph.dependents(of: values.map(\.id), upTo: cost.id)
  var adjoints: [Int: Value] = [:]
  adjoints[cost.id] = try adjoint ?? cost.constant(1).broadcast(to: cost.shape)
  for id in stride(from: cost.id, through: 0, by: -1) {
    guard needed[id], let adjoint = adjoints[id] else { continue }
    let node = builder.graph.nodes[id]
    guard case .op(let op) = node.kind else { continue }
    (builder.forward, builder.path) = (id, node.path)
    let inputs = node.inputs.map { Value(builder: builder, id: $0) }
    let point = DerivativePoint(inputs: inputs, output: Value(builder: builder, id: id), adjoint: adjoint)
    for (input, contribution) in zip(inputs, try op.derivative(point)) where needed[input.id] {
      guard let contribution else { continue }
      adjoints[input.id] = try adjoints[input.id].map { try $0 + contribution } ?? contribution
    }
  }
  (builder.forward, builder.path) = (outerForward, outerPath)
  return try values.map { try adjoints[$0.id] ?? $0.constant(0).broadcast(to: $0.shape) }
}

extension Graph {
  /// Which nodes up to `last` depend on one of the given nodes, themselves included.
  fileprivate func dependents(of sources: [Int], upTo last: Int) -> [Bool] {
    var depends = [Bool](repeating: false, count: nodes.count)
    for source in sources { depends[source] = true }
    for id in nodes.indices where id <= last && !depends[id] {
      depends[id] = nodes[id].inputs.contains { depends[$0] }
    }
    return depends
  }
}
