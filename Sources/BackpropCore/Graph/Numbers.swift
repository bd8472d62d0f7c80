/// What the interpreter computes with: real numbers and a shape. Whole numbers and truth values stand as reals.
public struct Numbers<R: RealNumber>: Sendable {
  /// The sizes of the axes.
  public let shape: Shape
  /// The elements in row-major order.
  public var values: [R]

  /// Makes an array of numbers; their count must be the shape's.
  public init(_ shape: Shape, _ values: [R]) {
    precondition(shape.count == values.count, "\(values.count) numbers cannot fill \(shape)")
    self.shape = shape
    self.values = values
  }

  /// An array of one repeated number.
  public init(_ shape: Shape, repeating value: R) {
    self.init(shape, [R](repeating: value, count: shape.count))
  }

  /// The numbers of a tensor.
  @_specialize(where R == Double)
  public init(_ tensor: Tensor) {
    self.init(tensor.shape, tensor.array(of: Double.self).map { R($0) })
  }

  /// A tensor with the nearest numbers of a scalar type.
  public func tensor(_ scalarType: ScalarType) -> Tensor {
    if let doubles = values as? [Double], scalarType == .float64 {
      return Tensor(doubles, shape: shape)
    }
    return Tensor(values.map { Double($0) }, shape: shape, as: scalarType)
  }

  /// Each element put through a function.
  @_specialize(where R == Double)
  public func map(_ transform: (R) -> R) -> Numbers { Numbers(shape, values.map(transform)) }

  /// For each element of `result`, the position in this array that broadcasting reads.
  package func positions(in result: Shape) -> [Int] { shape.positions(in: result) }

  /// The elements repeated as broadcasting to `result` has it.
  @_specialize(where R == Double)
  public func broadcast(to result: Shape) -> [R] {
    if shape == result { return values }
    if values.count == 1 { return [R](repeating: values[0], count: result.count) }
    return positions(in: result).map { values[$0] }
  }
}

extension Shape {
  /// For each element of `result`, in order, the position in an array of this shape that broadcasting reads.
  package func positions(in result: Shape) -> [Int] {
    result.positions(strides: broadcastStrides(to: result), offset: 0)
  }

  /// For each axis of `result`, the distance in an array of this shape between what broadcasting reads for neighbours.
  package func broadcastStrides(to result: Shape) -> [Int] {
    let padding = result.rank - rank
    var steps = [Int](repeating: 0, count: result.rank)
    for (axis, step) in strides.enumerated() where sizes[axis] != 1 { steps[padding + axis] = step }
    return steps
  }

  /// The positions `offset + Σ iₖ·strides[k]` for all indices of this shape, in row-major order.
  package func positions(strides: [Int], offset: Int) -> [Int] {
    var positions = [offset]
    for (size, step) in zip(sizes, strides) {
      positions = positions.flatMap { base in (0..<size).map { base + $0 * step } }
    }
    return positions
  }
}
