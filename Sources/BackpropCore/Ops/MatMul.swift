/// Matrix product of the last two axes, `y = a · b`; leading axes broadcast.
///
/// - Shapes: `a` [..., m, k], `b` [..., k, n] → [..., m, n]. With `transposeA` the last two axes of
///   `a` are [k, m], with `transposeB` those of `b` are [n, k].
/// - Derivative: `∂C/∂a = g · bᵀ`, `∂C/∂b = aᵀ · g`, where `g = ∂C/∂y`; summed over broadcast axes.
/// - Precision: elementwise error ≤ about k·ε·(|a|·|b|). Cost: 2mkn flops a product.
/// - Throws: ``ShapeError`` if the inner sizes differ or the leading axes do not broadcast.
public struct MatMul: Op {
  public static let name = "matmul"
  public static let derivative =
    "∂C/∂a = g · bᵀ, ∂C/∂b = aᵀ · g, where g = ∂C/∂y; summed over broadcast axes"
  /// Whether the last two axes of each operand are read in swapped order.
  public let transposeA, transposeB: Bool

  /// Makes the op.
  public init(transposeA: Bool = false, transposeB: Bool = false) {
    (self.transposeA, self.transposeB) = (transposeA, transposeB)
  }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    try requireReal(inputs)
    guard a.rank >= 2, b.rank >= 2 else {
      throw ShapeError(name, [a, b], "both operands need at least two axes")
    }
    let (m, k) = transposeA ? (a[-1], a[-2]) : (a[-2], a[-1])
    let (k2, n) = transposeB ? (b[-1], b[-2]) : (b[-2], b[-1])
    guard k == k2 else {
      throw ShapeError(name, [a, b], "inner sizes \(k) and \(k2) differ; expected the same")
    }
    let leadingA = Shape(a.sizes.dropLast(2))
    let leadingB = Shape(b.sizes.dropLast(2))
    guard let leading = leadingA.broadcast(with: leadingB) else {
      throw ShapeError(name, [a, b], "leading axes \(leadingA) and \(leadingB) do not broadcast")
    }
    return ValueType(Shape(leading.sizes + [m, n]), inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (a, b, g) = (point.inputs[0], point.inputs[1], point.adjoint)
    let da =
      transposeA
      ? try b.matmul(g, transposeA: transposeB, transposeB: true)
      : try g.matmul(b, transposeB: !transposeB)
    let db =
      transposeB
      ? try g.matmul(a, transposeA: true, transposeB: transposeA)
      : try a.matmul(g, transposeA: !transposeA)
    return [try da.summed(to: a.shape), try db.summed(to: b.shape)]
  }

  @_specialize(where R == Double)
  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let (a, b) = (inputs[0], inputs[1])
    let (m, n) = (result.shape[-2], result.shape[-1])
    let k = transposeA ? a.shape[-2] : a.shape[-1]
    let leading = Shape(result.shape.sizes.dropLast(2))
    let startsA = Shape(a.shape.sizes.dropLast(2)).positions(in: leading)
    let startsB = Shape(b.shape.sizes.dropLast(2)).positions(in: leading)
    let (rowA, columnA) = transposeA ? (1, m) : (k, 1)
    let (rowB, columnB) = transposeB ? (1, k) : (n, 1)
    var y: [R] = []
    y.reserveCapacity(result.shape.count)
    for (startA, startB) in zip(startsA, startsB) {
      for i in 0..<m {
        for j in 0..<n {
          var sum: R = 0
          for p in 0..<k {
            sum +=
              a.values[startA * m * k + i * rowA + p * columnA]
              * b.values[startB * k * n + p * rowB + j * columnB]
          }
          y.append(sum)
        }
      }
    }
    return Numbers(result.shape, y)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .matmul(transposeA: transposeA, transposeB: transposeB)
  }
}

extension Value {
  /// The matrix product with another value: see ``MatMul``.
  public func matmul(
    _ other: Value, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> Value {
    try apply(MatMul(transposeA: transposeA, transposeB: transposeB), other)
  }
}
