public import BackpropCore

/// The greatest element of each window, channel by channel.
///
/// - Shapes: x [batch, height, width, channels] → [batch, windows down, windows across, channels].
/// - Derivative: to the greatest element of each window; several equal ones share it equally. (PyTorch gives it to the
///   first.)
/// - Throws: `ShapeError` if the input is no image, no window fits, or a window could lie in the padding alone.
/// - Source: PyTorch's `MaxPool2d`.
public struct MaxPool2D: Layer {
  /// The size of a window.
  public var size: ImageSize
  /// The distance from one window to the next; nil for windows side by side.
  public var stride: ImageSize?
  /// What stands around the image; it takes no part.
  public var padding: Padding
  /// The distance between neighbouring places of a window.
  public var dilation: ImageSize

  /// Makes a layer.
  public init(
    _ size: ImageSize, stride: ImageSize? = nil, padding: Padding = .none, dilation: ImageSize = 1
  ) {
    (self.size, self.stride, self.padding, self.dilation) = (size, stride, padding, dilation)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("max-pool-2d")
    let sliding = Sliding(
      size: size, stride: stride ?? size, dilation: dilation, padding: padding)
    return try x.maxPooled(sliding.window(over: x.shape))
  }
}

/// The greatest element of each window of a sequence: ``MaxPool2D`` along one axis.
///
/// - Shapes: x [batch, time, features] → [batch, windows, features].
/// - Throws: `ShapeError` if the input is no sequence, no window fits, or a window could lie in the padding alone.
/// - Source: PyTorch's `MaxPool1d`.
public struct MaxPool1D: Layer {
  /// The size of a window.
  public var size: Int
  /// The distance from one window to the next; nil for windows side by side.
  public var stride: Int?
  /// What stands before and behind the sequence; it takes no part.
  public var padding: SequencePadding
  /// The distance between neighbouring places of a window.
  public var dilation: Int

  /// Makes a layer.
  public init(
    _ size: Int, stride: Int? = nil, padding: SequencePadding = .none, dilation: Int = 1
  ) {
    (self.size, self.stride, self.padding, self.dilation) = (size, stride, padding, dilation)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let sliding = Sliding.along(
      size, stride: stride ?? size, dilation: dilation, padding: padding)
    return try x.asImage("max-pool-1d") { try $0.maxPooled(sliding.window(over: $0.shape)) }
  }
}

/// The mean of each window, channel by channel.
///
/// - Shapes: x [batch, height, width, channels] → [batch, windows down, windows across, channels].
/// - Throws: `ShapeError` if the input is no image, no window fits, or a window could lie in the padding alone and the
///   padding does not count.
/// - Source: PyTorch's `AvgPool2d`.
public struct AveragePool2D: Layer {
  /// The size of a window.
  public var size: ImageSize
  /// The distance from one window to the next; nil for windows side by side.
  public var stride: ImageSize?
  /// What stands around the image.
  public var padding: Padding
  /// Whether the padding counts, as zeros; otherwise the mean is over what is inside.
  public var countsPadding: Bool

  /// Makes a layer.
  public init(
    _ size: ImageSize, stride: ImageSize? = nil, padding: Padding = .none,
    countsPadding: Bool = true
  ) {
    (self.size, self.stride) = (size, stride)
    (self.padding, self.countsPadding) = (padding, countsPadding)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("average-pool-2d")
    return try x.averaged(
      Sliding(size: size, stride: stride ?? size, padding: padding), countsPadding: countsPadding)
  }
}

/// The mean of each window of a sequence: ``AveragePool2D`` along one axis.
///
/// - Shapes: x [batch, time, features] → [batch, windows, features].
/// - Throws: `ShapeError` if the input is no sequence, no window fits, or a window could lie in the padding alone and
///   the padding does not count.
/// - Source: PyTorch's `AvgPool1d`.
public struct AveragePool1D: Layer {
  /// The size of a window.
  public var size: Int
  /// The distance from one window to the next; nil for windows side by side.
  public var stride: Int?
  /// What stands before and behind the sequence.
  public var padding: SequencePadding
  /// Whether the padding counts, as zeros; otherwise the mean is over what is inside.
  public var countsPadding: Bool

  /// Makes a layer.
  public init(
    _ size: Int, stride: Int? = nil, padding: SequencePadding = .none, countsPadding: Bool = true
  ) {
    (self.size, self.stride) = (size, stride)
    (self.padding, self.countsPadding) = (padding, countsPadding)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let sliding = Sliding.along(size, stride: stride ?? size, padding: padding)
    return try x.asImage("average-pool-1d") {
      try $0.averaged(sliding, countsPadding: countsPadding)
    }
  }
}

extension Value {
  /// The means of windows.
  func averaged(_ sliding: Sliding, countsPadding: Bool) throws -> Value {
    let window = sliding.window(over: shape)
    let sums = try sumPooled(window)
    let isPadded =
      window.rows.before + window.rows.after + window.columns.before + window.columns.after > 0
    guard isPadded, !countsPadding else { return try sums * (1 / Double(window.count)) }
    _ = try MaxPool(window).result(of: [type])  // no window without a place
    let ones = try constant(1).broadcast(to: [1, shape[1], shape[2], 1])
    return try sums / ones.sumPooled(window)
  }
}

extension MaxPool2D: SpecifiedLayer {
  /// Its size must be said.
  public static let templates = [MaxPool2D(0)]

  public var kind: String { "max-pool-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.size("size", &size, isRequired: true)
    try options.stride(&stride, of: size)
    try options.padding("padding", &padding)
    try options.size("dilation", &dilation)
  }
}

extension MaxPool1D: SpecifiedLayer {
  /// Its size must be said.
  public static let templates = [MaxPool1D(0)]

  public var kind: String { "max-pool-1d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("size", &size, isRequired: true)
    try options.stride(&stride, of: size)
    try options.padding("padding", &padding)
    try options.count("dilation", &dilation)
  }
}

extension AveragePool2D: SpecifiedLayer {
  /// Its size must be said.
  public static let templates = [AveragePool2D(0)]

  public var kind: String { "average-pool-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.size("size", &size, isRequired: true)
    try options.stride(&stride, of: size)
    try options.padding("padding", &padding)
    try options.flag("count-padding", &countsPadding)
  }
}

extension AveragePool1D: SpecifiedLayer {
  /// Its size must be said.
  public static let templates = [AveragePool1D(0)]

  public var kind: String { "average-pool-1d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("size", &size, isRequired: true)
    try options.stride(&stride, of: size)
    try options.padding("padding", &padding)
    try options.flag("count-padding", &countsPadding)
  }
}
