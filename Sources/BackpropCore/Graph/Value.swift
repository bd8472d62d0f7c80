/// A number, vector or matrix that a graph will compute: what layers take and give.
///
/// Arithmetic on values adds ops to the graph and broadcasts as NumPy does. It throws ``ShapeError`` if shapes do not
/// fit. A `Double` stands for a constant of the other operand's scalar type.
public struct Value {
  /// The graph under construction.
  public let builder: GraphBuilder
  /// The number of the node.
  public let id: Int

  /// The value of a node.
  package init(builder: GraphBuilder, id: Int) { (self.builder, self.id) = (builder, id) }

  /// Shape and scalar type.
  public var type: ValueType { builder.graph.nodes[id].type }
  /// The sizes of the axes.
  public var shape: Shape { type.shape }
  /// The type of the elements.
  public var scalarType: ScalarType { type.scalarType }

  /// A constant beside this value, of its scalar type.
  public func constant(_ value: Double) -> Value { builder.constant(value, scalarType) }

  /// Names the part that this value plays in its layer. Explanations use it.
  ///
  /// - Parameters:
  ///   - label: the part.
  ///   - name: what an activation is called that several ops make together, as in `mish`.
  public func labelled(_ label: Label, as name: String? = nil) -> Value {
    builder.setLabel(label, name, of: id)
    return self
  }

  /// Adds an op with this value as its only input.
  package func apply(_ op: some Op) throws -> Value { try builder.add(op, [self]) }

  /// Adds an op with this value as its first input.
  package func apply(_ op: some Op, _ others: Value...) throws -> Value {
    try builder.add(op, [self] + others)
  }
}
