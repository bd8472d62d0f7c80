public import BackpropCore

/// Where each array of a training state stands in its one buffer.
public struct StateLayout: Sendable {
  /// One array.
  public struct Entry: Sendable {
    /// The path, as in `hidden.weight`.
    public let path: String
    /// The sizes.
    public let shape: Shape
    /// Bytes from the start of the buffer.
    public let byteOffset: Int
  }

  /// The arrays in the order of their declaration.
  public let entries: [Entry]
  /// The real type of all of them.
  public let scalarType: ScalarType
  /// The size of the buffer.
  public let byteCount: Int
  private let byPath: [String: Int]

  /// Places arrays one behind the other, each on cache lines of its own.
  public init(_ arrays: [(path: String, shape: Shape)], scalarType: ScalarType) {
    var entries: [Entry] = []
    var offset = 0
    for (path, shape) in arrays {
      entries.append(Entry(path: path, shape: shape, byteOffset: offset))
      offset += Storage.room(for: shape.count * scalarType.size)
    }
    self.entries = entries
    self.scalarType = scalarType
    byteCount = offset
    byPath = Dictionary(uniqueKeysWithValues: entries.indices.map { (entries[$0].path, $0) })
  }

  /// The array of a path.
  public subscript(path: String) -> Entry? { byPath[path].map { entries[$0] } }
}
