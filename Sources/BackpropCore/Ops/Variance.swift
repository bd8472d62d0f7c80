/// Variance over axes, the mean square of what is left when the mean is taken off; NaN over no elements.
///
/// The derivative's way through the mean adds nothing, since Σ (x − μ) = 0.
///
/// - Shapes: any → the reduced axes have size 1 (`keepsAxes`) or are gone.
/// - Derivative: `∂C/∂x = 2/n · g ⊙ (x − μ)`, where n elements have the mean μ.
/// - Precision: in two passes, so that a mean far from 0 costs no digits. The divisor is n.
/// - Throws: ``ShapeError`` if an axis does not exist or is named twice.
public struct Variance: Op {
  public static let name = "variance"
  public static let derivative = "∂C/∂x = 2/n · g ⊙ (x − μ), where n elements have the mean μ"
  /// The axes; negative ones count from the end.
  public let axes: [Int]
  /// Whether reduced axes stay, with size 1.
  public let keepsAxes: Bool

  /// Makes the op.
  public init(axes: [Int], keepsAxes: Bool) { (self.axes, self.keepsAxes) = (axes, keepsAxes) }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try Mean(axes: axes, keepsAxes: keepsAxes).result(of: inputs)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let x = point.inputs[0]
    let kept = x.shape.reduced(over: try resolve(axes, in: x.shape), keeping: true)
    let count = x.shape.count / max(kept.count, 1)
    let share = try (point.adjoint * (2 / Double(count))).reshaped(to: kept)
    return [try share * centered(x)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let x = inputs[0]
    let inside = axes.map { $0 < 0 ? $0 + x.shape.rank : $0 }
    let kept = ValueType(x.shape.reduced(over: inside, keeping: true), result.scalarType)
    let means = Mean(axes: inside, keepsAxes: true).evaluate([x], result: kept)
    let squares = zip(x.values, means.broadcast(to: x.shape)).map { ($0 - $1) * ($0 - $1) }
    return Mean(axes: inside, keepsAxes: keepsAxes)
      .evaluate([Numbers(x.shape, squares)], result: result)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    let centered = try centered(inputs[0])
    return try (centered * centered).mean(axes: axes, keepingAxes: keepsAxes)
  }

  private func centered(_ x: Value) throws -> Value {
    try x - x.mean(axes: axes, keepingAxes: true)
  }
}

extension Value {
  /// The variance (divisor n) over axes, or over all of them: see ``Variance``.
  public func variance(axes: [Int]? = nil, keepingAxes: Bool = false) throws -> Value {
    try apply(Variance(axes: axes ?? Array(0..<shape.rank), keepsAxes: keepingAxes))
  }
}
