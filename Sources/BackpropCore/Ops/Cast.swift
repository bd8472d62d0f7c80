/// The same numbers as another scalar type: to whole numbers towards zero and saturating (NaN gives
/// 0), to bool whether they are not 0.
///
/// The interpreter computes all real types in its own, so there a cast between real types changes
/// nothing. A plan keeps the result of a cast to uint8 as int32 numbers of 0 … 255.
///
/// - Shapes: any → the same, of the scalar type.
/// - Derivative: `∂C/∂x = g` between real types; none from or to the others.
/// - Throws: ``ShapeError`` for bfloat16, which is reserved.
public struct Cast: Op {
  public static let name = "cast"
  public static let derivative = "∂C/∂x = g between real types; none from or to the others"
  /// The type of the result.
  public let scalarType: ScalarType

  /// Makes the op.
  public init(to scalarType: ScalarType) { self.scalarType = scalarType }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    guard scalarType != .bfloat16 else {
      throw ShapeError(name, [inputs[0].shape], "bfloat16 is reserved and cannot be used yet")
    }
    return ValueType(inputs[0].shape, scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let x = point.inputs[0].scalarType
    return [x.isReal && scalarType.isReal ? try point.adjoint.cast(to: x) : nil]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    switch scalarType {
    case .float32, .float64, .bfloat16: inputs[0]
    case .int32: inputs[0].map { saturated($0, R(Int32.min), R(Int32.max)) }
    case .uint8: inputs[0].map { saturated($0, 0, 255) }
    case .bool: inputs[0].map { $0 != 0 ? 1 : 0 }
    }
  }

  private func saturated<R: RealNumber>(_ x: R, _ lowest: R, _ greatest: R) -> R {
    x.isNaN ? 0 : Swift.min(Swift.max(x.rounded(.towardZero), lowest), greatest)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering {
    switch (inputs[0].scalarType, scalarType) {
    case (let from, let to) where from == to: .reshape
    case (let from, let to) where to.isReal:
      .pointwise(from.isReal || from == .bool ? .copy : .fromInt32)
    // A plan holds both as 32-bit numbers.
    case (.uint8, .int32): .reshape
    case (let from, .int32) where from.isReal || from == .bool: .pointwise(.toInt32)
    default: .expanded
    }
  }

  public func expand(_ inputs: [Value]) throws -> Value {
    // What is not one instruction goes through real numbers; whole numbers of either sort keep
    // their order there. A plan holds one real type: the graph's own.
    let nodes = inputs[0].builder.graph.nodes
    let real = nodes.first { $0.type.scalarType.isReal }?.type.scalarType ?? .float32
    let x = inputs[0].scalarType.isReal ? inputs[0] : try inputs[0].cast(to: real)
    return switch scalarType {
    case .bool: try x.notEqual(to: 0)
    case .uint8: try x.clamp(0, 255).cast(to: .int32)
    default: try x.cast(to: scalarType)
    }
  }
}

extension Value {
  /// The same numbers as another scalar type: see ``Cast``.
  public func cast(to scalarType: ScalarType) throws -> Value {
    scalarType == self.scalarType ? self : try apply(Cast(to: scalarType))
  }
}
