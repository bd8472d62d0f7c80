/// Rows of a table picked by index: `y[i…, j…] = table[indices[i…], j…]`.
///
/// Indices are checked when data is bound. In the computation itself an index out of range is moved
/// to the nearest row, and a non-number to row 0; nothing is read outside the table.
///
/// - Shapes: `table` [rows, j…], `indices` int32 [i…] → [i…, j…].
/// - Derivative: `∂C/∂table[r, j…] = Σ over i with indices[i…] = r of g[i…, j…]`: see
///   ``ScatterAdd``.
/// - Throws: ``ShapeError`` if the indices are not int32, or the table is a scalar or has no row to
///   pick.
public struct Gather: Op {
  public static let name = "gather"
  public static let derivative =
    "∂C/∂table[r, j…] = Σ over i with indices[i…] = r of g[i…, j…]: see ScatterAdd"
  /// Makes the op.
  public init() {}

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let (table, indices) = (inputs[0], inputs[1])
    try requireReal([table])
    try requireIndices(indices)
    guard table.shape.rank >= 1, table.shape[0] > 0 || indices.shape.count == 0 else {
      throw ShapeError(name, [table.shape, indices.shape], "the table has no rows to pick from")
    }
    return ValueType(Shape(indices.shape.sizes + table.shape.sizes[1...]), table.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (table, indices) = (point.inputs[0], point.inputs[1])
    return [try point.adjoint.scatterAdded(indices, rows: table.shape[0]), nil]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let (table, indices) = (inputs[0], inputs[1])
    let width = table.shape.sizes[1...].reduce(1, *)
    let last = R(table.shape[0] - 1)
    let values = indices.values.flatMap { index -> ArraySlice<R> in
      // The comparison is written so that a NaN goes to row 0.
      let row = index > 0 ? Int(Swift.min(index, last)) : 0
      return table.values[row * width..<(row + 1) * width]
    }
    return Numbers(result.shape, values)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .gather }
}

extension Value {
  /// The rows of this table at the given indices: see ``Gather``.
  public func gathered(_ indices: Value) throws -> Value { try apply(Gather(), indices) }
}
