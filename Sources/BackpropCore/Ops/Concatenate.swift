/// Values one behind the other along an axis.
///
/// - Shapes: one or more values, equal but for the size of the axis → the sizes of the axis added;
///   one scalar type.
/// - Derivative: each input gets its slice of `g`.
/// - Throws: ``ShapeError`` if the axis does not exist or the other sizes or the scalar types
///   differ.
public struct Concatenate: Op {
  public static let name = "concatenate"
  public static let derivative = "each input gets its slice of g"
  /// The axis; negative ones count from the end.
  public let axis: Int

  /// Makes the op.
  public init(axis: Int) { self.axis = axis }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let shapes = inputs.map(\.shape)
    guard let first = inputs.first else { throw ShapeError(name, [], "needs at least one value") }
    let axis = try resolve([axis], in: first.shape)[0]
    guard inputs.allSatisfy({ $0.scalarType == first.scalarType }) else {
      let types = inputs.map(\.scalarType.rawValue).joined(separator: " and ")
      throw ShapeError(name, shapes, "takes values of one type, not \(types)")
    }
    let others = first.shape.reduced(over: [axis], keeping: true)
    guard
      shapes.allSatisfy({
        $0.rank == first.shape.rank && $0.reduced(over: [axis], keeping: true) == others
      })
    else {
      throw ShapeError(name, shapes, "all sizes but that of axis \(axis) must be equal")
    }
    var sizes = first.shape.sizes
    sizes[axis] = shapes.reduce(0) { $0 + $1[axis] }
    return ValueType(Shape(sizes), first.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    var start = 0
    return try point.inputs.map { input in
      let end = start + input.shape[axis]
      defer { start = end }
      return try point.adjoint.sliced(axis: axis, start..<end)
    }
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let axis = self.axis < 0 ? self.axis + result.shape.rank : self.axis
    let outer = result.shape.sizes[..<axis].reduce(1, *)
    var values: [R] = []
    values.reserveCapacity(result.shape.count)
    for index in 0..<outer {
      for input in inputs {
        let size = input.shape.sizes[axis...].reduce(1, *)
        values += input.values[index * size..<(index + 1) * size]
      }
    }
    return Numbers(result.shape, values)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .concatenate(axis: axis < 0 ? axis + inputs[0].shape.rank : axis)
  }
}

extension Value {
  /// This value and others behind it along an axis: see ``Concatenate``.
  public func concatenated(with others: [Value], axis: Int) throws -> Value {
    try builder.add(Concatenate(axis: axis), [self] + others)
  }
}
