public import BackpropCore

/// What a pooling without windows of its own does with the elements it meets.
public enum PoolingKind: String, Hashable, Sendable, CaseIterable {
  /// The mean.
  case average
  /// The greatest; several equal ones share the derivative equally.
  case max
}

/// Everything between the batch and the channels pooled into one element a channel.
///
/// - Shapes: x [batch, …, channels] with at least one axis between → [batch, channels].
/// - Throws: `ShapeError` without such an axis, or if one of them has size 0.
public struct GlobalPool: Layer {
  /// What becomes of the elements.
  public var pooling: PoolingKind

  /// Makes a layer.
  public init(_ pooling: PoolingKind = .average) { self.pooling = pooling }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 3, x.shape.count > 0 else {
      throw ShapeError(
        "global-pool", [x.shape],
        "the input needs axes between batch and channels, and none of size 0")
    }
    let axes = Array(1..<x.shape.rank - 1)
    return try pooling == .max ? x.max(axes: axes) : x.mean(axes: axes)
  }
}

/// Images cut into a given number of windows, each pooled: the windows' sizes follow from the image's.
///
/// Window i of n along an axis of length l covers the places ⌊i·l/n⌋ to ⌈(i + 1)·l/n⌉ − 1, and so windows may overlap
/// by one place.
///
/// - Shapes: x [batch, height, width, channels] → [batch, `size`, channels].
/// - Throws: `ShapeError` if the input is no image or has a side of 0, ``ConfigurationError`` for a size below 1.
/// - Source: PyTorch's `AdaptiveAvgPool2d` and `AdaptiveMaxPool2d`.
public struct AdaptivePool2D: Layer {
  /// The size of the result.
  public var size: ImageSize
  /// What becomes of the elements.
  public var pooling: PoolingKind

  /// Makes a layer.
  public init(_ size: ImageSize, _ pooling: PoolingKind = .average) {
    (self.size, self.pooling) = (size, pooling)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("adaptive-pool-2d")
    guard size.height >= 1, size.width >= 1, x.shape[1] >= 1, x.shape[2] >= 1 else {
      throw ShapeError(
        "adaptive-pool-2d", [x.shape],
        "a size of \(size) from this image; expected at least 1 everywhere")
    }
    if x.shape[1] % size.height == 0, x.shape[2] % size.width == 0 {
      // Windows side by side.
      let sliding = Sliding(
        size: [x.shape[1] / size.height, x.shape[2] / size.width],
        stride: [x.shape[1] / size.height, x.shape[2] / size.width])
      return pooling == .max
        ? try x.maxPooled(sliding.window(over: x.shape))
        : try x.averaged(sliding, countsPadding: true)
    }
    return try pooled(pooled(x, axis: 1, to: size.height), axis: 2, to: size.width)
  }

  /// Both poolings can be done one axis after the other.
  private func pooled(_ x: Value, axis: Int, to count: Int) throws -> Value {
    let length = x.shape[axis]
    let parts = try (0..<count).map { window in
      let range = window * length / count..<((window + 1) * length + count - 1) / count
      let slice = try x.sliced(axis: axis, range)
      return try pooling == .max
        ? slice.max(axes: [axis], keepingAxes: true) : slice.mean(axes: [axis], keepingAxes: true)
    }
    return try parts[0].concatenated(with: Array(parts[1...]), axis: axis)
  }
}

extension GlobalPool: SpecifiedLayer {
  public static let templates = [GlobalPool()]

  public var kind: String { "global-pool" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.choice("pooling", &pooling)
  }
}

extension AdaptivePool2D: SpecifiedLayer {
  /// Its size must be said.
  public static let templates = [AdaptivePool2D(0)]

  public var kind: String { "adaptive-pool-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.size("size", &size, isRequired: true)
    try options.choice("pooling", &pooling)
  }
}
