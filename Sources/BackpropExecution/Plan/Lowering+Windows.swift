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
        source.node = padded(source, images)
      }
      if images.padded.areUnfolded { return source.node }
      return add(.window(.unfold, images.padded), [source], count: shape.count)
    case .fold:
      let images = Images(shape, window), padded = images.padded
      if let convolution = convolution(folding: operands[0].node, images) { return convolution }
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

  /// Windows that a product E·F makes and that are folded, as windows over E, where that takes no more multiplications
  /// to speak of: each place of the images is the sum over the windows around it, so a product with F turned around.
  /// Its sums stay in registers, where folding would add each of them to memory.
  private mutating func convolution(folding node: Int, _ images: Images) -> Int? {
    guard case .matmul(let product) = nodes[node].kind, product.batch == 1, product.view == nil,
      !product.transposeA, images.channels >= Self.leastChannels, !images.areUnfolded,
      let rows = images.window.rows.turned, let columns = images.window.columns.turned,
      4 * images.height * images.width <= 5 * images.down * images.across
    else { return nil }
    let errors = Images(
      [images.samples, images.down, images.across, product.k], Window(rows, columns))
    let operands = nodes[node].operands
    var source = operands[0]
    if errors.isPadded { source.node = padded(source, errors) }

    // F [place, channel; k] becomes [place from the last, k; channel].
    let (ofPlace, ofStep) = product.transposeB ? (product.k, 1) : (1, product.n)
    let channels = images.channels, places = images.window.count
    let turned = strided(
      operands[1].node, strides: [-channels * ofPlace, ofStep, ofPlace],
      offset: (places - 1) * channels * ofPlace, [places, product.k, channels], .real)
    var result = MatrixProduct(
      m: images.samples * images.height * images.width, n: channels, k: places * product.k,
      transposeA: false, transposeB: false)
    result.view = errors.padded
    return add(
      PlanNode(
        kind: .matmul(result), operands: [source, Operand(node: turned, access: .full)],
        domain: Domain(rows: result.m, columns: channels), count: images.count, element: .real,
        isFlexible: false))
  }

  private mutating func padded(_ source: Operand, _ images: Images) -> Int {
    let places = images.samples * images.height * images.width
    return add(
      PlanNode(
        kind: .pad(images), operands: [source],
        domain: Domain(rows: places, columns: images.channels), count: images.padded.count,
        element: .real, isFlexible: false))
  }

  /// The channels from which the vectors of such a product are full enough.
  private static let leastChannels = 8

  private mutating func add(_ kind: PlanKind, _ operands: [Operand], count: Int) -> Int {
    add(
      PlanNode(
        kind: kind, operands: operands, domain: Domain(rows: 1, columns: count), count: count,
        element: .real, isFlexible: false))
  }
}

extension WindowAxis {
  /// The windows around a place that see it, from windows of stride 1: as large, and padded with what those were not.
  fileprivate var turned: WindowAxis? {
    guard stride == 1, span > before, span > after else { return nil }
    return WindowAxis(size, dilation: dilation, before: span - 1 - before, after: span - 1 - after)
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
