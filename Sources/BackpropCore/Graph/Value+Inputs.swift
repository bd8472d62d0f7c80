extension Value {
  /// The inputs of the op that computes this value, if it is an op of the given type; otherwise
  /// nil.
  package func inputs<O: Op>(of type: O.Type) -> [Value]? {
    let node = builder.graph.nodes[id]
    guard case .op(let op) = node.kind, op is O else { return nil }
    return node.inputs.map { Value(builder: builder, id: $0) }
  }
}
