import BackpropCore

/// Moves between images and the windows over them.
extension Lowerer {
  /// The node of a move; `shape` is its result.
  mutating func windows(
    _ move: WindowMove, _ window: Window, _ inputs: [Lowered], _ types: [ValueType], _ shape: Shape
  ) throws -> Int {
    let operands = try inputs.map { Operand(node: try materialized($0), access: .full) }
    switch move {
    case .unfold:
      let images = Images(types[0].shape, window)
      var source = operands[0]
      if images.isPadded {
        source.node = add(.pad(images), [source], count: images.padded.count)
      }
      if images.padded.areUnfolded { return source.node }
      return add(.window(.unfold, images.padded), [source], count: shape.count)
    case .fold:
      let images = Images(shape, window), padded = images.padded
      let whole =
        padded.areUnfolded
        ? operands[0].node : add(.window(.fold, padded), operands, count: padded.count)
      guard images.isPadded else { return whole }
      let paddedShape: Shape = [padded.samples, padded.height, padded.width, padded.channels]
      let strides = paddedShape.strides
      let corner = window.rows.before * strides[1] + window.columns.before * strides[2]
      return strided(whole, strides: strides, offset: corner, shape, .real)
    case .max, .sum, .maxSpread, .maxPick:
      return add(
        .window(move, Images(types[0].shape, window)), operands, count: shape.count)
    case .sumSpread:
      return add(.window(move, Images(shape, window)), operands, count: shape.count)
    }
  }

  private mutating func add(_ kind: PlanKind, _ operands: [Operand], count: Int) -> Int {
    add(
      PlanNode(
        kind: kind, operands: operands, domain: Domain(rows: 1, columns: count), count: count,
        element: .real, isFlexible: false))
  }
}

/// Joins windows that are folded with the product that makes them, where nobody else reads it: the product then never
/// reaches memory.
struct FoldFusion {
  private(set) var nodes: [PlanNode] = []
  private var place: [Int]

  /// Rewrites nodes; ``place(of:)`` tells where a node went.
  init(_ old: [PlanNode], roots: [Int]) {
    var readers = [Int](repeating: 0, count: old.count)
    for node in old { for operand in node.operands { readers[operand.node] += 1 } }
    for root in roots { readers[root] += 1 }
    place = Array(repeating: -1, count: old.count)
    for (id, var node) in old.enumerated() {
      if case .window(.fold, let images) = node.kind, readers[node.operands[0].node] == 1,
        case .matmul(var product) = old[node.operands[0].node].kind, product.batch == 1,
        product.view == nil, !product.transposeA, old[node.operands[0].node].operands.count == 2
      {
        var operands = old[node.operands[0].node].operands
        if product.transposeB {
          operands[1].node = transposed(operands[1].node, old, rows: product.n, columns: product.k)
          product.transposeB = false
          operands[0].node = place[operands[0].node]
        } else {
          for index in operands.indices { operands[index].node = place[operands[index].node] }
        }
        (node.kind, node.operands) = (.foldedProduct(product, images), operands)
      } else {
        for index in node.operands.indices {
          node.operands[index].node = place[node.operands[index].node]
        }
      }
      nodes.append(node)
      place[id] = nodes.count - 1
    }
  }

  /// The number of a node among the new ones.
  func place(of id: Int) -> Int { place[id] }

  /// A matrix with its axes swapped: each block of rows would have to do it again.
  private mutating func transposed(
    _ id: Int, _ old: [PlanNode], rows: Int, columns: Int
  ) -> Int {
    nodes.append(
      PlanNode(
        kind: .copy(sizes: [columns, rows], strides: [1, columns], offset: 0),
        operands: [Operand(node: place[id], access: .full)],
        domain: Domain(rows: 1, columns: rows * columns), count: rows * columns, element: .real,
        isFlexible: false))
    return nodes.count - 1
  }
}
