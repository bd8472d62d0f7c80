public import BackpropCore

/// All axes behind the batch made one.
///
/// - Shapes: x [batch, …] → [batch, product of the others].
/// - Throws: `ShapeError` for a scalar.
public struct Flatten: Layer {
  /// Makes a layer.
  public init() {}

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 1 else {
      throw ShapeError("flatten", [x.shape], "the input needs a batch axis")
    }
    return try x.reshaped(to: [x.shape[0], x.shape.sizes.dropFirst().reduce(1, *)])
  }
}

/// Each sample's elements in another shape, in the same order.
///
/// ```yaml
/// - reshape: [28, 28, 1]      # an image of 784 numbers with its one channel
/// ```
///
/// - Shapes: x [batch, …] → [batch, `sizes`].
/// - Throws: `ShapeError` if the sizes hold another number of elements.
public struct Reshape: Layer {
  /// The sizes behind the batch.
  public var sizes: [Int]

  /// Makes a layer.
  public init(_ sizes: [Int]) { self.sizes = sizes }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 1, sizes.allSatisfy({ $0 >= 1 }) else {
      throw ShapeError(
        "reshape", [x.shape], "to [batch, \(sizes)]; expected sizes of at least 1 and a batch axis")
    }
    let elements = x.shape.sizes.dropFirst().reduce(1, *)
    guard Shape.count(of: sizes) == elements else {
      throw ShapeError(
        "reshape", [x.shape, Shape([x.shape[0]] + sizes)],
        "a sample has \(elements) elements; expected sizes that hold as many")
    }
    return try x.reshaped(to: Shape([x.shape[0]] + sizes))
  }
}

/// Places added around images, in one of PyTorch's ways.
///
/// - Shapes: x [batch, height, width, channels] → [batch, above + height + below, left + width + right, channels].
/// - Throws: `ShapeError` if the input is no image, or too small to be mirrored or repeated.
/// - Source: PyTorch's `ConstantPad2d`, `ReflectionPad2d`, `ReplicationPad2d` and `CircularPad2d`.
public struct Pad2D: Layer {
  /// What the new places hold.
  public enum Filling: String, Hashable, Sendable, CaseIterable {
    /// A number: see ``Pad2D/value``.
    case constant
    /// The places inside, mirrored at the edge, which does not come twice.
    case reflect
    /// The edge's place.
    case replicate
    /// What stands at the other end.
    case circular
  }

  /// How many places: on every side, above and below as the height, left and right as the width.
  public var places: ImageSize
  /// What they hold.
  public var filling: Filling
  /// The number for a constant filling.
  public var value: Double

  /// Makes a layer.
  public init(_ places: ImageSize, _ filling: Filling = .constant, value: Double = 0) {
    (self.places, self.filling, self.value) = (places, filling, value)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("pad-2d")
    return try padded(padded(x, axis: 1, places.height), axis: 2, places.width)
  }

  private func padded(_ x: Value, axis: Int, _ count: Int) throws -> Value {
    let length = x.shape[axis]
    let most =
      switch filling {
      case .constant: 1 << 24
      case .reflect: length - 1
      case .replicate: length == 0 ? 0 : 1 << 24
      case .circular: length
      }
    guard (0...max(most, 0)).contains(count) else {
      throw ShapeError(
        "pad-2d", [x.shape],
        "\(count) places (\(filling.rawValue)) beside \(length); expected 0 to \(max(most, 0))")
    }
    if count == 0 { return x }
    var sizes = x.shape.sizes
    sizes[axis] = count
    func place(_ index: Int) throws -> Value { try x.sliced(axis: axis, index..<index + 1) }
    var parts: [Value]
    switch filling {
    case .constant:
      let border = try x.constant(value).broadcast(to: Shape(sizes))
      parts = [border, x, border]
    case .circular:
      parts = [
        try x.sliced(axis: axis, length - count..<length), x, try x.sliced(axis: axis, 0..<count),
      ]
    case .replicate:
      parts = [
        try place(0).broadcast(to: Shape(sizes)), x,
        try place(length - 1).broadcast(to: Shape(sizes)),
      ]
    case .reflect:
      parts = try (1...count).reversed().map(place)
      parts += [x]
      parts += try (1...count).map { try place(length - 1 - $0) }
    }
    return try parts[0].concatenated(with: Array(parts[1...]), axis: axis)
  }
}

extension Flatten: SpecifiedLayer {
  public static let templates = [Flatten()]

  public var kind: String { "flatten" }

  public mutating func visit(_ options: inout LayerOptions) throws {}
}

extension Reshape: SpecifiedLayer {
  /// Its sizes must be said.
  public static let templates = [Reshape([])]

  public var kind: String { "reshape" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.sizes("sizes", &sizes)
  }
}

extension Pad2D: SpecifiedLayer {
  /// Its places must be said.
  public static let templates = [Pad2D(0)]

  public var kind: String { "pad-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.size("places", &places, isRequired: true, allowsZero: true)
    try options.choice("filling", &filling)
    try options.number("value", &value, .finite)
  }
}
