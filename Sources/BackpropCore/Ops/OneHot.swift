/// Each index as a row of `depth` numbers: 1 at the index, 0 elsewhere; all 0 for an index outside
/// 0 ..< depth.
///
/// - Shapes: int32 [...] → [..., depth] of the given real type.
/// - Derivative: none; indices are whole numbers.
/// - Throws: ``ShapeError`` if the indices are not int32 or the type asked for is not real.
public struct OneHot: Op {
  public static let name = "one-hot"
  public static let derivative = "none; indices are whole numbers"
  /// The size of the new axis.
  public let depth: Int
  /// The real type of the result.
  public let scalarType: ScalarType

  /// Makes the op.
  public init(depth: Int, scalarType: ScalarType) {
    (self.depth, self.scalarType) = (depth, scalarType)
  }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireIndices(inputs[0])
    guard scalarType.isReal, depth >= 0 else {
      throw ShapeError(
        name, [inputs[0].shape],
        "depth \(depth) of \(scalarType.rawValue); expected 0 or more, of a real type")
    }
    return ValueType(Shape(inputs[0].shape.sizes + [depth]), scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] { [nil] }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let rows = inputs[0].values.flatMap { index in (0..<depth).map { R($0) == index ? R(1) : 0 } }
    return Numbers(result.shape, rows)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    try inputs[0].isOneHot(depth: depth, as: scalarType).cast(to: scalarType)
  }
}

extension Value {
  /// Each index as a row that is 1 at the index and 0 elsewhere: see ``OneHot``.
  public func oneHot(depth: Int, as scalarType: ScalarType) throws -> Value {
    try apply(OneHot(depth: depth, scalarType: scalarType))
  }

  /// The same as truth values, from a comparison in the given real type (float32 is exact below
  /// 2²⁴).
  func isOneHot(depth: Int, as scalarType: ScalarType) throws -> Value {
    let column = try cast(to: scalarType).reshaped(to: Shape(shape.sizes + [1]))
    return try column.equal(to: builder.iota(depth, scalarType))
  }
}

extension Op {
  /// Checks that an input holds int32.
  package func requireIndices(_ input: ValueType) throws {
    guard input.scalarType == .int32 else {
      throw ShapeError(
        name, [input.shape], "indices are \(input.scalarType.rawValue); expected int32")
    }
  }
}
