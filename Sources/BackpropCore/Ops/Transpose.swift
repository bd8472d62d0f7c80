/// The axes in another order: `result.shape[k] = x.shape[axes[k]]`.
///
/// - Shapes: any → its sizes in the order of `axes`; any scalar type.
/// - Derivative: `∂C/∂x = g` with the axes put back.
/// - Throws: ``ShapeError`` if `axes` does not name every axis once.
public struct Transpose: Op {
  public static let name = "transpose"
  public static let derivative = "∂C/∂x = g with the axes put back"
  /// For each axis of the result, the axis of the input; negative ones count from the end.
  public let axes: [Int]

  /// Makes the op.
  public init(_ axes: [Int]) { self.axes = axes }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let shape = inputs[0].shape
    guard axes.count == shape.rank, shape.resolved(axes: axes) != nil else {
      throw ShapeError(
        name, [shape], "axes \(axes) do not name each of the \(shape.rank) axes once")
    }
    return ValueType(Shape(axes.map { shape[$0] }), inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let order = axes.map { $0 < 0 ? $0 + axes.count : $0 }
    var inverse = order
    for (place, axis) in order.enumerated() { inverse[axis] = place }
    return [try point.adjoint.transposed(inverse)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let positions = result.shape.positions(strides: strides(of: inputs[0].shape), offset: 0)
    return Numbers(result.shape, positions.map { inputs[0].values[$0] })
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .copy(strides: strides(of: inputs[0].shape), offset: 0)
  }

  private func strides(of shape: Shape) -> [Int] {
    let strides = shape.strides
    return axes.map { strides[$0 < 0 ? $0 + axes.count : $0] }
  }
}

extension Value {
  /// The axes in the given order: see ``Transpose``.
  public func transposed(_ axes: [Int]) throws -> Value { try apply(Transpose(axes)) }
  /// The axes in reverse order; for a matrix, its transpose: see ``Transpose``.
  public func transposed() throws -> Value { try transposed((0..<shape.rank).reversed()) }
}
