import BackpropCore
import BackpropTesting

/// Computes a graph from the ops' lowerings alone, never with their `evaluate`: what a plan will
/// do, spelled out.
///
/// It shows that a lowering, or an expansion into other ops, means what `evaluate` says.
struct LoweredInterpreter {
  let graph: Graph

  static let evaluator = Evaluator("lowered", tolerance: 1e-12) { graph, outputs, bindings in
    let all = try LoweredInterpreter(graph: graph).values(outputs.map(\.id), bindings)
    return outputs.map { all[$0.id] ?? Numbers([0], []) }
  }

  func values(
    _ outputs: [Int], _ bindings: [Leaf: Numbers<Double>]
  ) throws -> [Int: Numbers<Double>] {
    var values: [Int: Numbers<Double>] = [:]
    for (id, isNeeded) in graph.reachable(from: outputs).enumerated() where isNeeded {
      let node = graph.nodes[id]
      switch node.kind {
      case .leaf(.constant(let number)): values[id] = Numbers(node.type.shape, repeating: number)
      case .leaf(let leaf): values[id] = bindings[leaf]
      case .op(let op):
        let types = node.inputs.map { graph.nodes[$0].type }
        values[id] = try compute(op, node.inputs.compactMap { values[$0] }, types, node.type)
      }
    }
    return values
  }

  private func compute(
    _ op: any Op, _ x: [Numbers<Double>], _ types: [ValueType], _ result: ValueType
  ) throws -> Numbers<Double> {
    let shape = result.shape
    switch op.lowering(types) {
    case .expanded: return try expand(op, x, types)
    case .pointwise(let primitive): return pointwise(primitive, x, shape)
    case .reshape: return Numbers(shape, x[0].values)
    case .copy(let strides, let offset):
      return Numbers(
        shape, shape.positions(strides: strides, offset: offset).map { x[0].values[$0] })
    case .reduce(let reduction, let axes): return reduce(reduction, axes, x[0], shape)
    case .concatenate(let axis):
      return x.dropFirst().reduce(x[0]) { join($0, $1, axis) }
    case .matmul, .gather, .scatterAdd, .uniform, .window:
      return op.evaluate(x, result: result)
    }
  }

  private func expand(
    _ op: any Op, _ x: [Numbers<Double>], _ types: [ValueType]
  ) throws -> Numbers<Double> {
    let builder = GraphBuilder()
    var bindings: [Leaf: Numbers<Double>] = [:]
    let inputs = zip(x, types).enumerated().map { index, input in
      bindings[.input("\(index)")] = input.0
      return builder.leaf(.input("\(index)"), input.1.shape, input.1.scalarType)
    }
    let output = try op.expand(inputs)
    let values = try LoweredInterpreter(graph: builder.graph).values([output.id], bindings)
    return values[output.id] ?? Numbers([0], [])
  }

  private func join(
    _ a: Numbers<Double>, _ b: Numbers<Double>, _ axis: Int
  ) -> Numbers<Double> {
    let rows = a.shape.sizes[..<axis].reduce(1, *)
    let (m, n) = (a.values.count / rows, b.values.count / rows)
    var sizes = a.shape.sizes
    sizes[axis] += b.shape[axis]
    var values: [Double] = []
    for row in 0..<rows {
      values += a.values[row * m..<(row + 1) * m]
      values += b.values[row * n..<(row + 1) * n]
    }
    return Numbers(Shape(sizes), values)
  }

  private func reduce(
    _ reduction: Reduction, _ axes: [Int], _ x: Numbers<Double>, _ shape: Shape
  ) -> Numbers<Double> {
    // Every element's reduced place, by arithmetic on indices alone; axes must count from 0 here.
    let kept = Shape(x.shape.sizes.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
    var groups = [[Double]](repeating: [], count: kept.count)
    for (group, value) in zip(kept.positions(in: x.shape), x.values) { groups[group].append(value) }
    return Numbers(
      shape,
      groups.map { group in
        let top = group.max() ?? -.infinity
        return switch reduction {
        case .sum: group.reduce(0, +)
        case .max: top
        case .argmax: Double(group.firstIndex(of: top) ?? 0)
        }
      })
  }

  private func pointwise(
    _ primitive: Primitive, _ x: [Numbers<Double>], _ shape: Shape
  ) -> Numbers<Double> {
    let x = x.map { $0.broadcast(to: shape) }
    return Numbers(
      shape,
      (0..<shape.count).map { index in
        let operands = x.map { $0[index] }
        return switch operands.count {
        case 0: Double(index % shape.last)
        case 1: unary(primitive, operands[0])
        case 2: binary(primitive, operands[0], operands[1])
        default: operands[0] != 0 ? operands[1] : operands[2]
        }
      })
  }

  private func unary(_ primitive: Primitive, _ x: Double) -> Double {
    switch primitive {
    case .copy, .fromInt32: x
    case .negate: -x
    case .sqrt: x.squareRoot()
    case .exp: .exp(x)
    case .expm1: .expMinusOne(x)
    case .log: .log(x)
    case .log1p: .log(onePlus: x)
    case .abs: x.magnitude
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .sin: .sin(x)
    case .cos: .cos(x)
    case .erf: .erf(x)
    case .sigmoid: 1 / (1 + .exp(-x))
    case .tanh: .tanh(x)
    case .relu: x < 0 ? 0 : x
    case .truncate: x.rounded(.towardZero)
    case .toInt32: x.isNaN ? 0 : min(max(x.rounded(.towardZero), -0x1p31), 0x1p31 - 1)
    default: .nan
    }
  }

  private func binary(_ primitive: Primitive, _ a: Double, _ b: Double) -> Double {
    switch primitive {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: a > 0 ? .exp(b * .log(a)) : .pow(a, Int(b))
    case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
    case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    default: .nan
    }
  }
}
