/// The adjoints of slices, kept until all slices of a value are known.
///
/// The derivative of one slice is as large as the value that it was cut from. A value that is cut into
/// many, as a sequence into its times, would get as many adjoints of full size, nearly all of them
/// zeros. Slices along one axis that do not overlap are put side by side instead: one adjoint, which
/// holds the same numbers.
struct SliceAdjoints {
  private struct Part {
    let slice: Slice
    /// The node of the slice.
    let node: Int
    let adjoint: Value
  }

  /// By the number of the sliced value.
  private var parts: [Int: [Part]] = [:]

  /// Keeps the adjoint of a slice of a value.
  mutating func add(_ slice: Slice, of value: Value, _ node: Int, _ adjoint: Value) {
    parts[value.id, default: []].append(Part(slice: slice, node: node, adjoint: adjoint))
  }

  /// What the slices of a value add to its adjoint; nil if it has none. All nodes behind the value
  /// must have been looked at.
  mutating func take(_ value: Value) throws -> Value? {
    guard let parts = parts.removeValue(forKey: value.id) else { return nil }
    return try Self.sideBySide(parts, value.shape)
      ?? parts.dropFirst().reduce(try Self.alone(parts[0], value)) { sum, part in
        try sum + Self.alone(part, value)
      }
  }

  /// What one slice adds by its own derivative.
  private static func alone(_ part: Part, _ value: Value) throws -> Value {
    belongs(to: part)
    let builder = value.builder
    let output = Value(builder: builder, id: part.node)
    let point = DerivativePoint(inputs: [value], output: output, adjoint: part.adjoint)
    return try part.slice.derivative(point)[0]!
  }

  /// The slices in their order, with zeros where there is none; nil if they cannot stand side by side.
  private static func sideBySide(_ parts: [Part], _ shape: Shape) throws -> Value? {
    let axes = Set(parts.map { $0.slice.axis < 0 ? $0.slice.axis + shape.rank : $0.slice.axis })
    guard parts.count > 1, axes.count == 1, let axis = axes.first else { return nil }
    let sorted = parts.sorted { $0.slice.range.lowerBound < $1.slice.range.lowerBound }
    for (part, next) in zip(sorted, sorted.dropFirst())
    where part.slice.range.upperBound > next.slice.range.lowerBound {
      return nil
    }
    belongs(to: sorted[0])
    var pieces: [Value] = []
    var end = 0
    func fill(to place: Int) throws {
      guard place > end else { return }
      var sizes = shape.sizes
      sizes[axis] = place - end
      pieces.append(try parts[0].adjoint.constant(0).broadcast(to: Shape(sizes)))
    }
    for part in sorted where !part.slice.range.isEmpty {
      try fill(to: part.slice.range.lowerBound)
      pieces.append(part.adjoint)
      end = part.slice.range.upperBound
    }
    try fill(to: shape[axis])
    guard let first = pieces.first else { return nil }
    return pieces.count == 1
      ? first : try first.concatenated(with: Array(pieces.dropFirst()), axis: axis)
  }

  /// Makes what is added next part of the backward pass of a slice.
  private static func belongs(to part: Part) {
    let builder = part.adjoint.builder
    (builder.forward, builder.path) = (part.node, builder.graph.nodes[part.node].path)
  }
}
