/// Sum over axes.
///
/// - Shapes: any → the summed axes have size 1 (`keepsAxes`) or are gone.
/// - Derivative: `∂C/∂x = g`, broadcast back.
/// - Precision: along the contiguous axis 16 partial sums and a tree; over rows in four chains within
///   planned blocks.
/// - Throws: ``ShapeError`` if an axis does not exist or is named twice.
public struct Sum: Op {
  public static let name = "sum"
  public static let derivative = "∂C/∂x = g, broadcast back"
  /// The axes; negative ones count from the end.
  public let axes: [Int]
  /// Whether summed axes stay, with size 1.
  public let keepsAxes: Bool

  /// Makes the op.
  public init(axes: [Int], keepsAxes: Bool) { (self.axes, self.keepsAxes) = (axes, keepsAxes) }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    let axes = try resolve(axes, in: inputs[0].shape)
    return ValueType(inputs[0].shape.reduced(over: axes, keeping: keepsAxes), inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let x = point.inputs[0].shape
    let kept = x.reduced(over: try resolve(axes, in: x), keeping: true)
    return [try point.adjoint.reshaped(to: kept).broadcast(to: x)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0].reduced(over: axes, to: result.shape, from: 0) { $0 + $1 }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .reduce(.sum, axes: inputs[0].shape.resolved(axes: axes) ?? axes)
  }
}

extension Value {
  /// The sum over axes, or over all of them: see ``Sum``.
  public func sum(axes: [Int]? = nil, keepingAxes: Bool = false) throws -> Value {
    try apply(Sum(axes: axes ?? Array(0..<shape.rank), keepsAxes: keepingAxes))
  }
}

extension Shape {
  /// This shape with some axes reduced to size 1, or gone. Axes count from 0.
  package func reduced(over axes: [Int], keeping: Bool) -> Shape {
    Shape(sizes.indices.compactMap { axes.contains($0) ? (keeping ? 1 : nil) : sizes[$0] })
  }
}

extension Numbers {
  /// Combines the elements along axes, in row-major order, beginning with `start`.
  package func reduced(
    over axes: [Int], to shape: Shape, from start: R, _ combine: (R, R) -> R
  ) -> Numbers {
    let axes = self.shape.resolved(axes: axes) ?? []
    let kept = self.shape.reduced(over: axes, keeping: true)
    var result = Numbers(shape, repeating: start)
    for (position, value) in zip(kept.positions(in: self.shape), values) {
      result.values[position] = combine(result.values[position], value)
    }
    return result
  }
}
