/// A range of places along an axis.
///
/// - Shapes: any but a scalar → the axis has the size of the range; any scalar type.
/// - Derivative: `∂C/∂x = g` within the range, 0 outside.
/// - Throws: ``ShapeError`` if the axis does not exist or the range leaves it.
public struct Slice: Op {
  public static let name = "slice"
  public static let derivative = "∂C/∂x = g within the range, 0 outside"
  /// The axis; negative ones count from the end.
  public let axis: Int
  /// The places, counted from 0.
  public let range: Range<Int>

  /// Makes the op.
  public init(axis: Int, _ range: Range<Int>) { (self.axis, self.range) = (axis, range) }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let shape = inputs[0].shape
    let axis = try resolve([axis], in: shape)[0]
    guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw ShapeError(
        name, [shape], "places \(range) leave axis \(axis), which has size \(shape[axis])")
    }
    var sizes = shape.sizes
    sizes[axis] = range.count
    return ValueType(Shape(sizes), inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, g) = (point.inputs[0].shape, point.adjoint)
    func zeros(_ count: Int) throws -> [Value] {
      var sizes = x.sizes
      sizes[axis < 0 ? axis + x.rank : axis] = count
      return count == 0 ? [] : [try g.constant(0).broadcast(to: Shape(sizes))]
    }
    let parts = try zeros(range.lowerBound) + [g] + zeros(x[axis] - range.upperBound)
    return [parts.count == 1 ? g : try parts[0].concatenated(with: Array(parts[1...]), axis: axis)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let strides = inputs[0].shape.strides
    let offset = range.lowerBound * strides[axis < 0 ? axis + strides.count : axis]
    let positions = result.shape.positions(strides: strides, offset: offset)
    return Numbers(result.shape, positions.map { inputs[0].values[$0] })
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    let strides = inputs[0].shape.strides
    let step = strides[axis < 0 ? axis + strides.count : axis]
    return .copy(strides: strides, offset: range.lowerBound * step)
  }
}

extension Value {
  /// The places of a range along an axis: see ``Slice``.
  public func sliced(axis: Int, _ range: Range<Int>) throws -> Value {
    try apply(Slice(axis: axis, range))
  }
}
