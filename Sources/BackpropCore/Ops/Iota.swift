/// The numbers 0, 1, 2, … along the last axis, repeated over the others: the op takes no input.
///
/// - Shapes: none → `shape`.
/// - Derivative: none; there is no input.
/// - Throws: ``ShapeError`` if the scalar type is not real.
public struct Iota: Op {
  public static let name = "iota"
  public static let derivative = "none; there is no input"
  /// The shape of the result.
  public let shape: Shape
  /// The real type of the result.
  public let scalarType: ScalarType

  /// Makes the op.
  public init(_ shape: Shape, _ scalarType: ScalarType) {
    (self.shape, self.scalarType) = (shape, scalarType)
  }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal([ValueType(shape, scalarType)])
    return ValueType(shape, scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] { [] }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    Numbers(shape, (0..<shape.count).map { R($0 % shape.last) })
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.iota) }
}

extension GraphBuilder {
  /// The numbers 0 ..< count of a real type: see ``Iota``.
  public func iota(_ count: Int, _ scalarType: ScalarType) throws -> Value {
    try add(Iota([count], scalarType), [])
  }
}
