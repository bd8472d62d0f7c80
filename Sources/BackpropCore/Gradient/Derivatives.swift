/// The Jacobian of a value with respect to others: how each of its elements depends on each of theirs.
///
/// One backward pass for each element of `output`: for small outputs. For a product with the Jacobian from the left
/// see ``gradient(of:withRespectTo:adjoint:updating:)`` and its adjoint, from the right
/// ``directionalDerivative(of:along:)``: each is a single pass.
///
/// - Parameters:
///   - output: m elements of any shape, at least one.
///   - values: what to differentiate with respect to.
/// - Returns: for each value of shape [...] an array [m, ...]: row i is the gradient of element i of `output`, counted
///   row by row.
/// - Throws: ``ShapeError`` if `output` has no elements.
public func jacobian(of output: Value, withRespectTo values: [Value]) throws -> [Value] {
  let count = output.shape.count
  guard count > 0 else {
    throw ShapeError("jacobian", [output.shape], "the value has no elements")
  }
  let elements = try output.reshaped(to: [count])
  let rows = try (0..<count).map { row in
    try gradient(of: elements.sliced(axis: 0, row..<row + 1), withRespectTo: values)
  }
  return try values.indices.map { index in
    let parts = try rows.map { row in
      try row[index].reshaped(to: Shape([1] + values[index].shape.sizes))
    }
    return try parts[0].concatenated(with: Array(parts[1...]), axis: 0)
  }
}

/// The derivative of a value along a direction, J·v: how it changes when other values move.
///
/// It is forward mode, made of two backward passes: `uᵀ·J` is linear in u, and its derivative with respect to u along
/// v is `J·v`. No element of J is computed alone.
///
/// - Parameters:
///   - output: any shape.
///   - directions: values with their directions v, of the same shapes.
/// - Returns: `Σ J·v`, of the shape of `output`.
/// - Throws: ``ShapeError`` if a direction has another shape than its value.
public func directionalDerivative(
  of output: Value, along directions: [(value: Value, direction: Value)]
) throws -> Value {
  // Any u will do: what is linear in it has the same derivative everywhere.
  let adjoint = try output.constant(0).broadcast(to: output.shape)
  let products = try gradient(
    of: output, withRespectTo: directions.map(\.value), adjoint: adjoint)
  let sum = try innerProduct(products, directions.map(\.direction), "directional derivative")
  return try gradient(of: sum, withRespectTo: [adjoint])[0]
}

/// The product of a Hessian and a vector, H·v: how a gradient changes when values move.
///
/// Two backward passes; H itself, which has as many elements as the values squared, is never made.
///
/// - Parameters:
///   - cost: a scalar.
///   - values: what to differentiate with respect to.
///   - vectors: v, one for each value and of its shape.
/// - Returns: H·v, one for each value and of its shape.
/// - Throws: ``ShapeError`` if `cost` is not a scalar or a vector has another shape than its value.
/// - Source: B. Pearlmutter, "Fast Exact Multiplication by the Hessian" (1994).
public func hessianVectorProduct(
  of cost: Value, withRespectTo values: [Value], _ vectors: [Value]
) throws -> [Value] {
  let gradients = try gradient(of: cost, withRespectTo: values)
  return try gradient(
    of: innerProduct(gradients, vectors, "hessian-vector product"), withRespectTo: values)
}

/// The Hessian of a scalar with respect to one value: all second derivatives.
///
/// One backward pass for each of the value's n elements: for small functions.
///
/// - Parameters:
///   - cost: a scalar.
///   - value: n elements of any shape, at least one.
/// - Returns: [n, n], symmetric but for rounding; elements are counted row by row.
/// - Throws: ``ShapeError`` if `cost` is not a scalar or the value has no elements.
public func hessian(of cost: Value, withRespectTo value: Value) throws -> Value {
  let first = try gradient(of: cost, withRespectTo: [value])[0]
  let count = value.shape.count
  return try jacobian(of: first, withRespectTo: [value])[0].reshaped(to: [count, count])
}

/// `Σ a ⊙ b` over all elements of all pairs.
private func innerProduct(_ values: [Value], _ others: [Value], _ name: String) throws -> Value {
  guard !values.isEmpty, values.count == others.count else {
    throw ShapeError(
      name, others.map(\.shape),
      "\(others.count) directions for \(values.count) values; expected one for each")
  }
  let sums = try zip(values, others).map { value, other in
    guard value.shape == other.shape else {
      throw ShapeError(
        name, [value.shape, other.shape], "a direction must have the shape of its value, the first")
    }
    return try (value * other).sum()
  }
  return try sums.dropFirst().reduce(sums[0]) { try $0 + $1 }
}
