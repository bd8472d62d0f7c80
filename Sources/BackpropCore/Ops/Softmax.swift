import RealModule

/// Softmax along the last axis, `y_i = e^{x_i} / Σ_j e^{x_j}`, computed from x − max x so that
/// nothing overflows.
///
/// - Shapes: [..., n] → the same.
/// - Derivative: `∂C/∂x = y ⊙ (g − Σ_j g_j y_j)`: its Jacobian is not diagonal.
/// - Throws: ``ShapeError`` for a scalar.
public struct Softmax: Op {
  public static let name = "softmax"
  public static let derivative = "∂C/∂x = y ⊙ (g − Σ_j g_j y_j): its Jacobian is not diagonal"
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
    return [try y * (g - (g * y).sum(axes: [-1], keepingAxes: true))]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0].mapRows { row in
      let top = row.max() ?? 0
      let powers = row.map { R.exp($0 - top) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    let shifted = try inputs[0] - inputs[0].max(axes: [-1], keepingAxes: true)
    let powers = try shifted.exp()
    return try powers / powers.sum(axes: [-1], keepingAxes: true)
  }
}

extension Value {
  /// Softmax along the last axis: see ``Softmax``.
  public func softmax() throws -> Value { try apply(Softmax()) }
}

extension Numbers {
  /// Each row along the last axis put through a function that keeps its length.
  package func mapRows(_ transform: ([R]) -> [R]) -> Numbers {
    let width = shape.last
    guard width > 0 else { return self }
    let starts = stride(from: 0, to: values.count, by: width)
    return Numbers(shape, starts.flatMap { transform(Array(values[$0..<$0 + width])) })
  }
}
