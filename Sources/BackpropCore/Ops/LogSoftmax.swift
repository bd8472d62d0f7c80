import RealModule

/// The logarithm of softmax along the last axis, `y_i = x_i − ln Σ_j e^{x_j}`, computed from x −
/// max x so that nothing overflows.
///
/// - Shapes: [..., n] → the same.
/// - Derivative: `∂C/∂x = g − e^y · Σ_j g_j`.
/// - Throws: ``ShapeError`` for a scalar.
public struct LogSoftmax: Op {
  public static let name = "log-softmax"
  public static let derivative = "∂C/∂x = g − e^y · Σ_j g_j"
  /// Makes the op.
  public init() {}

  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    guard inputs[0].shape.rank >= 1 else {
      throw ShapeError(name, [inputs[0].shape], "needs at least one axis")
    }
    return inputs[0]
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (y, g) = (point.output, point.adjoint)
    return [try g - y.exp() * g.sum(axes: [-1], keepingAxes: true)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0].mapRows { row in
      let shifted = shiftedByTop(row)
      let logarithm = R.log(shifted.reduce(0) { $0 + .exp($1) })
      return shifted.map { $0 - logarithm }
    }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    let shifted = try inputs[0] - inputs[0].max(axes: [-1], keepingAxes: true)
    return try shifted - shifted.exp().sum(axes: [-1], keepingAxes: true).log()
  }
}

extension Value {
  /// The logarithm of softmax along the last axis: see ``LogSoftmax``.
  public func logSoftmax() throws -> Value { try apply(LogSoftmax()) }
}

/// The elements less the greatest one.
func shiftedByTop<R: RealNumber>(_ row: [R]) -> [R] {
  let top = row.max() ?? 0
  return row.map { $0 - top }
}
