/// The elements repeated along axes that are missing or have size 1, as NumPy broadcasts.
///
/// - Shapes: any that broadcasts to `shape` → `shape`; any scalar type.
/// - Derivative: `∂C/∂x = g`, summed over the axes along which x was repeated.
/// - Throws: ``ShapeError`` if the input does not broadcast to `shape`.
public struct Broadcast: Op {
  public static let name = "broadcast"
  public static let derivative = "∂C/∂x = g, summed over the axes along which x was repeated"
  /// The new shape.
  public let shape: Shape

  /// Makes the op.
  public init(_ shape: Shape) { self.shape = shape }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let x = inputs[0].shape
    guard x.broadcast(with: shape) == shape else {
      throw ShapeError(
        name, [x, shape],
        "the first does not broadcast to the second: sizes must be equal, or 1, from the last axis")
    }
    return ValueType(shape, inputs[0].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try point.adjoint.summed(to: point.inputs[0].shape)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    Numbers(shape, inputs[0].broadcast(to: shape))
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    .copy(strides: inputs[0].shape.broadcastStrides(to: shape), offset: 0)
  }
}

extension Value {
  /// The elements repeated as broadcasting to `shape` has it: see ``Broadcast``.
  public func broadcast(to shape: Shape) throws -> Value {
    shape == self.shape ? self : try apply(Broadcast(shape))
  }
}
