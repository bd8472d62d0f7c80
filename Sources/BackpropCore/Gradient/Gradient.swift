/// Adds to the graph the derivatives of a scalar with respect to values: the backward pass, as ordinary graph.
///
/// Since it is ordinary graph, derivatives of derivatives come for free. Each added node knows the forward node it
/// belongs to (``Node/forward``). A value that the cost does not depend on gets zeros.
///
/// - Parameters:
///   - cost: a scalar, or any value if `adjoint` is given.
///   - values: what to differentiate with respect to.
///   - adjoint: the derivative that arrives at `cost`; 1 unless told. It has the shape of `cost`.
///   - updating: for the *sequential* order of updates: gives the value that takes a parameter's place as soon as its
///     adjoint is known. Adjoints further back are then computed through it, and not through the parameter. Nil, the
///     rule: everything is computed from the parameters as they are.
/// - Returns: one adjoint for each value, of the value's shape.
/// - Throws: ``ShapeError`` if `cost` is not a scalar and no adjoint is given.
public func gradient(
  of cost: Value, withRespectTo values: [Value], adjoint: Value? = nil,
  updating: ((_ parameter: Value, _ adjoint: Value) throws -> Value)? = nil
) throws -> [Value] {
  let adjoints = try adjoints(
    of: cost, withRespectTo: values, adjoint: adjoint, updating: updating)
  return try values.map { try adjoints[$0.id] ?? $0.constant(0).broadcast(to: $0.shape) }
}

/// What ``gradient(of:withRespectTo:adjoint:updating:)`` adds to the graph: the adjoint of every node on the way
/// from `values` to `cost`, by the node's number. A node that the cost does not depend on has none.
package func adjoints(
  of cost: Value, withRespectTo values: [Value], adjoint: Value? = nil,
  updating: ((_ parameter: Value, _ adjoint: Value) throws -> Value)? = nil
) throws -> [Int: Value] {
  let builder = cost.builder
  guard adjoint != nil || cost.shape.count == 1 else {
    throw ShapeError(
      "gradient", [cost.shape], "the cost must be one number; sum or average it first")
  }
  let outerForward = builder.forward
  let outerPath = builder.path
  defer { (builder.forward, builder.path) = (outerForward, outerPath) }

  let needed = builder.graph.dependents(of: values.map(\.id), upTo: cost.id)
  var adjoints: [Int: Value] = [:]
  var slices = SliceAdjoints()
  var products = SharedMatrixAdjoints(builder.graph, upTo: cost.id, needed: needed)
  adjoints[cost.id] = try adjoint ?? cost.constant(1).broadcast(to: cost.shape)
  for id in stride(from: cost.id, through: 0, by: -1) {
    for joined in [try slices.take(Value(builder: builder, id: id)), try products.take(id)] {
      guard let joined else { continue }
      adjoints[id] = try adjoints[id].map { try $0 + joined } ?? joined
    }
    guard needed[id], let adjoint = adjoints[id] else { continue }
    let node = builder.graph.nodes[id]
    guard case .op(let op) = node.kind else { continue }
    (builder.forward, builder.path) = (id, node.path)
    let inputs = node.inputs.map { Value(builder: builder, id: $0) }
    let output = Value(builder: builder, id: id)
    if let slice = op as? Slice, updating == nil {
      slices.add(slice, of: inputs[0], id, adjoint)
      continue
    }
    var contributions = try op.derivative(
      DerivativePoint(inputs: inputs, output: output, adjoint: adjoint))
    if updating == nil, products.add(id, adjoint) { contributions[1] = nil }
    if let updating {
      // The parameters among the inputs give way to their next values; what reaches the others goes through those.
      let next = try zip(inputs, contributions).map { input, own in
        guard let own, values.contains(where: { $0.id == input.id }) else { return input }
        return try updating(input, own)
      }
      let through = try op.derivative(
        DerivativePoint(inputs: next, output: output, adjoint: adjoint))
      for index in inputs.indices where next[index].id == inputs[index].id {
        contributions[index] = through[index]
      }
    }
    for (input, contribution) in zip(inputs, contributions) where needed[input.id] {
      guard let contribution else { continue }
      adjoints[input.id] = try adjoints[input.id].map { try $0 + contribution } ?? contribution
    }
  }
  return adjoints
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
