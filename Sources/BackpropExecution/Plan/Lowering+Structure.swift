import BackpropCore

/// What is not pointwise: copies by strides, reductions and matrix products.
extension Lowerer {
  mutating func copy(
    _ input: Lowered, strides: [Int], offset: Int, to shape: Shape, _ element: Element
  ) throws -> Lowered {
    // A broadcast is a copy whose repeated axes have stride 0: it stays small.
    if offset == 0, input.memory.broadcast(with: shape) == shape, input.shape == input.memory {
      let padding = shape.rank - input.memory.rank
      let plain = shape.sizes.indices.allSatisfy { axis in
        let own = axis - padding
        if own < 0 || input.memory.sizes[own] == 1 {
          return strides[axis] == 0 || shape.sizes[axis] == 1
        }
        return strides[axis] == input.memory.strides[own]
      }
      if plain { return Lowered(node: input.node, memory: input.memory, shape: shape) }
    }
    if input.memory.count == 1 { return Lowered(node: input.node, memory: [], shape: shape) }
    let id = strided(try materialized(input), strides: strides, offset: offset, shape, element)
    return Lowered(node: id, memory: shape, shape: shape)
  }

  mutating func strided(
    _ node: Int, strides: [Int], offset: Int, _ shape: Shape, _ element: Element
  ) -> Int {
    // Axes of size 1 go, and neighbours that one stride describes become one.
    var sizes: [Int] = []
    var steps: [Int] = []
    for (size, step) in zip(shape.sizes, strides) where size != 1 {
      if let last = steps.last, last == step * size {
        sizes[sizes.count - 1] *= size
        steps[steps.count - 1] = step
      } else {
        sizes.append(size)
        steps.append(step)
      }
    }
    if offset == 0, steps == [1], sizes[0] == nodes[node].count { return node }
    if sizes.isEmpty { (sizes, steps) = ([1], [1]) }
    return add(
      PlanNode(
        kind: .copy(sizes: sizes, strides: steps, offset: offset),
        operands: [Operand(node: node, access: .full)],
        domain: flat(shape), count: shape.count, element: element, isFlexible: false))
  }

  mutating func reduce(_ reduction: Reduction, _ input: Int, _ shape: Shape, _ axes: [Int])
    throws -> Int
  {
    let long = shape.sizes.indices.filter { shape.sizes[$0] != 1 }
    let reduced = long.filter(axes.contains)
    if reduced.isEmpty {
      return reduction == .argmax
        ? try materialized(Lowered(node: constant(0, .int32), memory: [], shape: shape)) : input
    }
    let kept = long.filter { !axes.contains($0) }
    if reduction == .sum, !kept.isEmpty, reduced.last! < kept[0] {
      let rows = reduced.map { shape.sizes[$0] }.reduce(1, *)
      let columns = kept.map { shape.sizes[$0] }.reduce(1, *)
      return add(
        PlanNode(
          kind: .columnSum, operands: [Operand(node: input, access: .full)],
          domain: Domain(rows: rows, columns: columns),
          count: columns, element: .real, isFlexible: false))
    }
    var node = input
    if let last = kept.last, last > reduced[0] {  // reduced axes to the end
      let order = kept + reduced
      node = strided(
        input, strides: order.map { shape.strides[$0] }, offset: 0,
        Shape(order.map { shape.sizes[$0] }), .real)
    }
    // One axis after the other, the innermost first, so that a row is one axis long.
    var count = shape.count
    for axis in reduced.reversed() {
      let columns = shape.sizes[axis]
      count /= columns
      node = add(
        PlanNode(
          kind: .rowReduce(reduction), operands: [Operand(node: node, access: .full)],
          domain: Domain(rows: count, columns: columns), count: count,
          element: reduction == .argmax ? .int32 : .real, isFlexible: false))
    }
    return node
  }

  mutating func matmul(
    _ inputs: [Lowered], _ transposeA: Bool, _ transposeB: Bool, _ shape: Shape
  ) throws -> Int {
    var (a, b) = (inputs[0], inputs[1])
    let leading = Shape(Array(shape.sizes.dropLast(2)))
    func matrices(_ value: Lowered) -> Int { Shape(Array(value.shape.sizes.dropLast(2))).count }
    // Either all matrices of an operand take part once, or its only one every time; else it is spelled out.
    func spelled(_ value: Lowered) -> Lowered {
      let count = matrices(value)
      if count == leading.count || count == 1 { return value }
      return Lowered(
        node: value.node, memory: value.memory,
        shape: Shape(leading.sizes + value.shape.sizes.suffix(2)))
    }
    (a, b) = (spelled(a), spelled(b))
    var product = MatrixProduct(
      m: shape[-2], n: shape[-1], k: transposeA ? a.shape[-2] : a.shape[-1], transposeA: transposeA,
      transposeB: transposeB)
    if matrices(b) == 1, !transposeA {
      product.m *= leading.count  // the matrices of a, one below the other
    } else {
      product.batch = leading.count
      product.distanceA = matrices(a) == 1 ? 0 : a.shape[-1] * a.shape[-2]
      product.distanceB = matrices(b) == 1 ? 0 : b.shape[-1] * b.shape[-2]
    }
    var operands = [
      Operand(node: try wholeOrSpread(a), access: .full),
      Operand(node: try wholeOrSpread(b), access: .full),
    ]
    // Windows laid side by side are read where they are.
    if case .window(.unfold, let images) = nodes[operands[0].node].kind, product.batch == 1 {
      product.view = images
      operands[0] = nodes[operands[0].node].operands[0]
    }
    return add(
      PlanNode(
        kind: .matmul(product), operands: operands,
        domain: Domain(rows: shape.count / max(product.n, 1), columns: product.n),
        count: shape.count, element: .real, isFlexible: false))
  }

  mutating func wholeOrSpread(_ value: Lowered) throws -> Int {
    if value.memory.count == value.shape.count || value.memory.count == 1 {
      return try materialized(value)
    }
    return spread(value, to: value.shape)
  }
}
