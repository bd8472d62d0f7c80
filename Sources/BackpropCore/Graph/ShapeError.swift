/// Shapes or types that do not fit an operation: what, in which layer, and the shapes that stood there.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  /// The operation, as in `matmul`.
  public let operation: String
  /// The path of the layer that asked for it, once known; empty outside any layer.
  public var path: String
  /// The shapes (with types where they matter) of the operands.
  public let shapes: [String]
  /// What is wrong, and what was expected.
  public let reason: String

  /// Describes operands that do not fit. The layer path is added by the scope that runs the layer.
  public init(_ operation: String, _ shapes: [Shape] = [], path: String = "", _ reason: String) {
    self.operation = operation
    self.path = path
    self.shapes = shapes.map(\.description)
    self.reason = reason
  }

  public var description: String {
    let place = path.isEmpty ? "" : "layer '\(path)': "
    let operands = shapes.isEmpty ? "" : " of \(shapes.joined(separator: " and "))"
    return "\(place)\(operation)\(operands): \(reason)"
  }
}
