/// An op that computes each element of its result from one element of its input: y = f(x).
public protocol UnaryOp: Op {
  /// f(x).
  func apply<R: RealNumber>(_ x: R) -> R
  /// ∂C/∂x from x, y = f(x) and ∂C/∂y; nil where there is no derivative.
  func derivative(x: Value, y: Value, adjoint: Value) throws -> Value?
}

extension UnaryOp {
  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    return inputs[0]
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try derivative(x: point.inputs[0], y: point.output, adjoint: point.adjoint)]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0].map(apply)
  }
}

/// An op that computes each element of its result from one element of each of two inputs, broadcast: y = f(a, b).
public protocol BinaryOp: Op {
  /// f(a, b).
  func apply<R: RealNumber>(_ a: R, _ b: R) -> R
  /// ∂C/∂a and ∂C/∂b before they are summed over broadcast axes; nil where there is no derivative.
  func derivative(a: Value, b: Value, y: Value, adjoint: Value) throws -> (Value?, Value?)
}

extension BinaryOp {
  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    return try broadcastType(inputs)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (a, b) = (point.inputs[0], point.inputs[1])
    let (da, db) = try derivative(a: a, b: b, y: point.output, adjoint: point.adjoint)
    return [try da?.summed(to: a.shape), try db?.summed(to: b.shape)]
  }

  // Explanations evaluate whole networks in Double: worth code of its own.
  @_specialize(kind:partial,where R == Double)
  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let a = inputs[0].broadcast(to: result.shape)
    let b = inputs[1].broadcast(to: result.shape)
    return Numbers(result.shape, zip(a, b).map { apply($0, $1) })
  }
}

/// An op that compares each element of one input with one of another, broadcast: 1 where it holds, else 0.
public protocol ComparisonOp: BinaryOp {
  /// Whether it holds.
  func holds<R: RealNumber>(_ a: R, _ b: R) -> Bool
}

extension ComparisonOp {
  public func result(of inputs: [ValueType]) throws -> ValueType {
    try requireReal(inputs)
    return ValueType(try broadcastType(inputs).shape, .bool)
  }

  public func apply<R: RealNumber>(_ a: R, _ b: R) -> R { holds(a, b) ? 1 : 0 }

  public func derivative(
    a: Value, b: Value, y: Value, adjoint: Value
  ) throws -> (Value?, Value?) {
    (nil, nil)
  }
}

extension Op {
  /// Checks that inputs are real and of one type.
  package func requireReal(_ inputs: [ValueType]) throws {
    guard inputs.allSatisfy({ $0.scalarType.isReal && $0.scalarType == inputs[0].scalarType })
    else {
      let types = inputs.map(\.scalarType.rawValue).joined(separator: " and ")
      throw ShapeError(
        name, inputs.map(\.shape),
        "takes real numbers of one type, not \(types); cast(to:) converts")
    }
  }

  /// The type that all inputs broadcast to, with the first one's scalar type.
  package func broadcastType(_ inputs: [ValueType]) throws -> ValueType {
    var shape = inputs[0].shape
    for input in inputs.dropFirst() {
      guard let wider = shape.broadcast(with: input.shape) else {
        throw ShapeError(
          name, inputs.map(\.shape),
          "shapes do not broadcast: sizes must be equal, or one of them 1, from the last axis")
      }
      shape = wider
    }
    return ValueType(shape, inputs[0].scalarType)
  }

  /// Axes from 0, sorted.
  package func resolve(_ axes: [Int], in shape: Shape) throws -> [Int] {
    guard let resolved = shape.resolved(axes: axes) else {
      throw ShapeError(
        name, [shape], "axes \(axes) are not distinct axes of a value of rank \(shape.rank)")
    }
    return resolved
  }
}

extension Value {
  /// Sums over the axes along which `shape` was broadcast to this value's shape: the adjoint of broadcasting.
  package func summed(to shape: Shape) throws -> Value {
    if self.shape == shape { return self }
    let padding = self.shape.rank - shape.rank
    let axes = (0..<self.shape.rank).filter {
      $0 < padding || (shape.sizes[$0 - padding] == 1 && self.shape.sizes[$0] != 1)
    }
    return try sum(axes: axes, keepingAxes: true).reshaped(to: shape)
  }
}
