import BackpropCore

/// Which values of a graph keep the samples of a batch apart.
///
/// It is what the first of backpropagation's two assumptions needs: only where each sample's
/// numbers depend on that sample alone does an error δ of one sample exist.
struct SampleIndependence {
  /// How a value depends on the samples.
  enum Kind: Hashable {
    /// Not at all.
    case free
    /// Its first axis holds samples, and each row depends on its own sample alone.
    case bySample
    /// Rows depend on other samples too.
    case mixed
  }

  /// The kind of every node up to the last one looked at.
  private(set) var kinds: [Kind] = []

  /// Looks at all nodes of a graph up to one.
  ///
  /// - Parameter batch: the number of samples.
  init(_ graph: Graph, upTo last: Int, batch: Int) {
    for id in 0...last {
      let node = graph.nodes[id]
      switch node.kind {
      case .leaf(.input): kinds.append(.bySample)
      case .leaf: kinds.append(.free)
      case .op(let op):
        let inputs = node.inputs.map { (kind: kinds[$0], type: graph.nodes[$0].type) }
        kinds.append(Self.kind(op, inputs, node.type, batch))
      }
    }
  }

  private typealias Input = (kind: Kind, type: ValueType)

  private static func kind(
    _ op: any Op, _ inputs: [Input], _ result: ValueType, _ batch: Int
  ) -> Kind {
    if inputs.contains(where: { $0.kind == .mixed }) { return .mixed }
    guard inputs.contains(where: { $0.kind == .bySample }) else { return .free }
    guard result.shape.rank >= 1, result.shape[0] % batch == 0 else { return .mixed }
    let keeps = keepsApart(op, inputs, result, batch)
    return keeps ? .bySample : .mixed
  }

  /// Whether rows of the result depend on the same rows of the inputs alone.
  private static func keepsApart(
    _ op: any Op, _ inputs: [Input], _ result: ValueType, _ batch: Int
  ) -> Bool {
    func isAligned(_ input: Input) -> Bool {
      input.kind == .free
        || (input.type.shape.rank == result.shape.rank && input.type.shape[0] == result.shape[0])
    }
    switch op.lowering(inputs.map(\.type)) {
    case .pointwise: return inputs.allSatisfy(isAligned)
    case .matmul(let transposeA, _):
      if result.shape.rank == 2 { return !transposeA && inputs[1].kind == .free }
      return inputs.allSatisfy(isAligned)
    case .reduce(_, let axes): return !axes.contains(0)
    case .reshape: return true
    case .copy(let strides, let offset):
      let input = inputs[0].type.shape
      let row = input.count / max(input[0], 1)
      return result.shape[0] == input[0] && strides.first == row && offset < row
    case .concatenate(let axis): return axis != 0 && inputs.allSatisfy(isAligned)
    case .gather: return inputs[0].kind == .free
    case .window: return inputs.allSatisfy(isAligned)
    case .scatterAdd, .uniform: return false
    case .expanded: return keepsApartExpanded(op, inputs, batch)
    }
  }

  /// Looks at what an op is made of.
  private static func keepsApartExpanded(_ op: any Op, _ inputs: [Input], _ batch: Int) -> Bool {
    let builder = GraphBuilder()
    let leaves = inputs.enumerated().map { index, input in
      builder.leaf(
        input.kind == .free ? .parameter("\(index)") : .input("\(index)"), input.type.shape,
        input.type.scalarType)
    }
    guard let result = try? op.expand(leaves) else { return false }
    return SampleIndependence(builder.graph, upTo: result.id, batch: batch).kinds[result.id]
      == .bySample
  }
}
