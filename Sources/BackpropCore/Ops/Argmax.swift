/// The position of the greatest element along an axis, counted from 0: the first of equal ones; a
/// NaN counts as the greatest.
///
/// - Shapes: any but a scalar → the same without the axis; int32.
/// - Derivative: none; the result is constant almost everywhere.
/// - Throws: ``ShapeError`` if the axis does not exist or has size 0.
public struct Argmax: Op {
  public static let name = "argmax"
  public static let derivative = "none; the result is constant almost everywhere"
  /// The axis; negative ones count from the end.
  public let axis: Int

  /// Makes the op.
  public init(axis: Int) { self.axis = axis }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    let shape = inputs[0].shape
    let axes = try resolve([axis], in: shape)
    guard shape[axis] > 0 else {
      throw ShapeError(name, [shape], "there is no greatest of no elements")
    }
    return ValueType(shape.reduced(over: axes, keeping: false), .int32)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] { [nil] }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let x = inputs[0]
    let step = x.shape.strides[axis < 0 ? axis + x.shape.rank : axis]
    let size = x.shape[axis]
    let positions = (0..<result.shape.count).map { index -> R in
      let start = index / step * step * size + index % step
      var best = 0
      for place in 1..<Swift.max(size, 1) where !x.values[start + best * step].isNaN {
        let (value, top) = (x.values[start + place * step], x.values[start + best * step])
        if value > top || value.isNaN { best = place }
      }
      return R(best)
    }
    return Numbers(result.shape, positions)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .reduce(.argmax, axes: inputs[0].shape.resolved(axes: [axis]) ?? [axis])
  }
}

extension Value {
  /// The position of the greatest element along an axis: see ``Argmax``.
  public func argmax(axis: Int) throws -> Value { try apply(Argmax(axis: axis)) }
}
