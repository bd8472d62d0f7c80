/// The same elements in the same order, under another shape.
///
/// - Shapes: any → `shape`, of the same count; any scalar type.
/// - Derivative: `∂C/∂x = g`, in the shape of x.
/// - Throws: ``ShapeError`` if the counts differ.
public struct Reshape: Op {
  public static let name = "reshape"
  public static let derivative = "∂C/∂x = g, in the shape of x"
  /// The new shape.
  public let shape: Shape

  /// Makes the op.
  public init(_ shape: Shape) { self.shape = shape }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0].shape
    guard x.count == shape.count else {
      throw ShapeError(
        name, [x, shape],
        "\(x.count) elements cannot fill the second shape, which has \(shape.count)")
    }
    return ValueType(shape, inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try point.adjoint.reshaped(to: point.inputs[0].shape)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    Numbers(shape, inputs[0].values)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .reshape }
}

extension Value {
  /// The same elements under another shape of the same count: see ``Reshape``.
  public func reshaped(to shape: Shape) throws -> Value {
    shape == self.shape ? self : try apply(Reshape(shape))
  }
}
