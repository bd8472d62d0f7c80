/// The greatest element over axes; NaN if one of them is NaN.
///
/// - Shapes: any → the axes gone through have size 1 (`keepsAxes`) or are gone.
/// - Derivative: `g` goes to the greatest element; several equal ones share it equally.
/// - Throws: ``ShapeError`` if an axis does not exist, is named twice or has size 0.
public struct Max: Op {
  public static let name = "max"
  public static let derivative =
    "g goes to the greatest element; several equal ones share it equally"
  /// The axes; negative ones count from the end.
  public let axes: [Int]
  /// Whether the axes gone through stay, with size 1.
  public let keepsAxes: Bool

  /// Makes the op.
  public init(axes: [Int], keepsAxes: Bool) { (self.axes, self.keepsAxes) = (axes, keepsAxes) }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    let shape = inputs[0].shape
    let axes = try resolve(axes, in: shape)
    guard axes.allSatisfy({ shape[$0] > 0 }) else {
      throw ShapeError(name, [shape], "there is no greatest of no elements")
    }
    return ValueType(shape.reduced(over: axes, keeping: keepsAxes), inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, y, g) = (point.inputs[0], point.output, point.adjoint)
    let kept = x.shape.reduced(over: try resolve(axes, in: x.shape), keeping: true)
    let isTop = try x.equal(to: y.reshaped(to: kept)).cast(to: x.scalarType)
    let share = try g.reshaped(to: kept) / isTop.sum(axes: axes, keepingAxes: true)
    return [try isTop * share]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0].reduced(over: axes, to: result.shape, from: -.infinity) {
      $0.isNaN ? $0 : $1.isNaN || $1 > $0 ? $1 : $0
    }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .reduce(.max, axes: inputs[0].shape.resolved(axes: axes) ?? axes)
  }
}

extension Value {
  /// The greatest element over axes, or over all of them: see ``Max``.
  public func max(axes: [Int]? = nil, keepingAxes: Bool = false) throws -> Value {
    try apply(Max(axes: axes ?? Array(0..<shape.rank), keepsAxes: keepingAxes))
  }
}
