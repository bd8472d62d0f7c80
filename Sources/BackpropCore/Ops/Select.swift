/// One of two values, chosen element by element: `y = condition ? a : b`, broadcast.
///
/// - Shapes: `condition` (bool), `a` and `b`: any that broadcast, as NumPy has it.
/// - Derivative: `∂C/∂a = condition ? g : 0`, `∂C/∂b = condition ? 0 : g`, each summed over its
///   broadcast axes. Nothing reaches the operand not chosen, not even a NaN.
/// - Throws: ``ShapeError`` if the condition is not bool, if `a` and `b` are not real numbers of
///   one type, or if the shapes do not broadcast.
public struct Select: Op {
  public static let name = "where"
  public static let derivative =
    "∂C/∂a = condition ? g : 0, ∂C/∂b = condition ? 0 : g, each summed over its broadcast"
    + " axes. Nothing reaches the operand not chosen, not even a NaN"
  /// Makes the op.
  public init() {}

  public func result(of inputs: [ValueType]) throws -> ValueType {
    guard inputs[0].scalarType == .bool else {
      throw ShapeError(
        name, inputs.map(\.shape),
        "the condition is \(inputs[0].scalarType.rawValue), not bool; compare it with something")
    }
    try requireReal(Array(inputs[1...]))
    return ValueType(try broadcastType(inputs).shape, inputs[1].scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (condition, g) = (point.inputs[0], point.adjoint)
    let da = try condition.select(g, 0)
    let db = try condition.select(0, g)
    return [
      nil, try da.summed(to: point.inputs[1].shape), try db.summed(to: point.inputs[2].shape),
    ]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let condition = inputs[0].broadcast(to: result.shape)
    let a = inputs[1].broadcast(to: result.shape)
    let b = inputs[2].broadcast(to: result.shape)
    return Numbers(result.shape, a.indices.map { condition[$0] != 0 ? a[$0] : b[$0] })
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.select) }
}

extension Value {
  /// Where this condition holds the elements of `a`, elsewhere those of `b`: see ``Select``.
  public func select(_ a: Value, _ b: Value) throws -> Value { try apply(Select(), a, b) }
  /// Where this condition holds the elements of `a`, elsewhere a constant: see ``Select``.
  public func select(_ a: Value, _ b: Double) throws -> Value { try select(a, a.constant(b)) }
  /// Where this condition holds a constant, elsewhere the elements of `b`: see ``Select``.
  public func select(_ a: Double, _ b: Value) throws -> Value { try select(b.constant(a), b) }
}
