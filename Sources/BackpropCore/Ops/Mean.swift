/// Mean over axes; NaN over no elements.
///
/// - Shapes: any → the averaged axes have size 1 (`keepsAxes`) or are gone.
/// - Derivative: `∂C/∂x = g / n`, broadcast back, where n elements are averaged.
/// - Precision: that of ``Sum``, and one division.
/// - Throws: ``ShapeError`` if an axis does not exist or is named twice.
public struct Mean: Op {
  public static let name = "mean"
  public static let derivative = "∂C/∂x = g / n, broadcast back, where n elements are averaged"
  /// The axes; negative ones count from the end.
  public let axes: [Int]
  /// Whether averaged axes stay, with size 1.
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
    let share = try point.adjoint / Double(averaged(x))
    return [try share.reshaped(to: kept).broadcast(to: x)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let count = R(averaged(inputs[0].shape))
    return inputs[0].reduced(over: axes, to: result.shape, from: 0) { $0 + $1 }.map { $0 / count }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0].sum(axes: axes, keepingAxes: keepsAxes) / Double(averaged(inputs[0].shape))
  }

  /// How many elements make one mean.
  private func averaged(_ shape: Shape) -> Int { axes.reduce(1) { $0 * shape[$1] } }
}

extension Value {
  /// The mean over axes, or over all of them: see ``Mean``.
  public func mean(axes: [Int]? = nil, keepingAxes: Bool = false) throws -> Value {
    try apply(Mean(axes: axes ?? Array(0..<shape.rank), keepsAxes: keepingAxes))
  }
}
