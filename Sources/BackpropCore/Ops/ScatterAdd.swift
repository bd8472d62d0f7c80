/// Rows added up by index: `y[r, j…] = Σ over i with indices[i…] = r of values[i…, j…]`, in
/// ascending i.
///
/// Indices are checked when data is bound. In the computation itself a row with an index out of
/// range is left out; nothing is written outside the result.
///
/// - Shapes: `values` [i…, j…], `indices` int32 [i…] → [rows, j…].
/// - Derivative: `∂C/∂values[i…, j…] = g[indices[i…], j…]`: see ``Gather``.
/// - Throws: ``ShapeError`` if the indices are not int32, or their shape does not begin that of the
///   values.
public struct ScatterAdd: Op {
  public static let name = "scatter-add"
  public static let derivative = "∂C/∂values[i…, j…] = g[indices[i…], j…]: see Gather"
  /// The size of the result's first axis.
  public let rows: Int
  /// Makes the op.
  public init(rows: Int) { self.rows = rows }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let (values, indices) = (inputs[0], inputs[1])
    try requireReal([values])
    try requireIndices(indices)
    guard values.shape.sizes.starts(with: indices.shape.sizes) else {
      throw ShapeError(
        name, [values.shape, indices.shape], "the values' sizes must begin with the indices' sizes")
    }
    guard rows > 0 || (rows == 0 && indices.shape.count == 0) else {
      throw ShapeError(name, [values.shape, indices.shape], "\(rows) rows cannot take the values")
    }
    let tail = values.shape.sizes[indices.shape.rank...]
    return ValueType(Shape([rows] + tail), values.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    [try point.adjoint.gathered(point.inputs[1]), nil]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let (values, indices) = (inputs[0], inputs[1])
    let width = result.shape.sizes[1...].reduce(1, *)
    var sums = Numbers<R>(result.shape, repeating: 0)
    for (place, index) in indices.values.enumerated() {
      guard let row = Int(exactly: index), (0..<rows).contains(row) else { continue }
      for column in 0..<width {
        sums.values[row * width + column] += values.values[place * width + column]
      }
    }
    return sums
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .scatterAdd }
}

extension Value {
  /// These rows added up at the given indices: see ``ScatterAdd``.
  public func scatterAdded(_ indices: Value, rows: Int) throws -> Value {
    try apply(ScatterAdd(rows: rows), indices)
  }
}
