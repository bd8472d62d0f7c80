public import BackpropCore

/// A convolution over images without activation: at every window the sum over its places and channels, times weights,
/// plus a bias.
///
/// As everywhere in this field the kernel is not flipped: `z[i, j, o] = Σ x[i·s − p + y·d, j·s − p + x·d, c] ·
/// weight[y, x, c, o] + bias[o]`, with stride s, padding p and dilation d.
///
/// ```swift
/// let h = try scope("conv", Conv2D(20, kernel: 5), x).relu()     // [batch, 28, 28, 1] → [batch, 24, 24, 20]
/// ```
///
/// - Shapes: x [batch, height, width, channels in] → [batch, ⌊(height + 2p − d·(kernel − 1) − 1)/s⌋ + 1, …, channels].
///   Channels stand last, in the data as in the weights; PyTorch has them second in the data and first in the weights.
/// - Parameters it declares: `weight` [kernel height, kernel width, channels in / groups, channels], role weight;
///   `bias` [channels], or [1] for one that the channels share, role bias.
/// - The result is labelled `Label.weightedInput`.
/// - Throws: `ShapeError` if the input is no image, no window fits, or groups do not divide both numbers of channels.
/// - Source: Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998); PyTorch's `Conv2d`.
public struct Conv2D: Layer {
  /// How many channels come out.
  public var channels: Int
  /// The size of a window.
  public var kernel: ImageSize
  /// The distance from one window to the next.
  public var stride: ImageSize
  /// What stands around the image: zeros.
  public var padding: Padding
  /// The distance between neighbouring places of a window.
  public var dilation: ImageSize
  /// Into how many groups the channels are cut: each group of outputs sees its group of inputs alone.
  public var groups: Int
  /// Which biases there are: one for each channel, one that they share, or none.
  public var bias: Dense.Bias
  /// How the weights start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    _ channels: Int, kernel: ImageSize, stride: ImageSize = 1, padding: Padding = .none,
    dilation: ImageSize = 1, groups: Int = 1, bias: Dense.Bias = .unit,
    initializer: Initializer = .heUniform
  ) {
    (self.channels, self.kernel, self.stride) = (channels, kernel, stride)
    (self.padding, self.dilation, self.groups) = (padding, dilation, groups)
    (self.bias, self.initializer) = (bias, initializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("conv-2d")
    let sliding = Sliding(size: kernel, stride: stride, dilation: dilation, padding: padding)
    return try convolve(x, sliding, "conv-2d", scope)
  }

  /// The convolution with given windows.
  func convolve(
    _ x: Value, _ sliding: Sliding, _ name: String, _ scope: Scope
  ) throws -> Value {
    let inputs = x.shape[3], size = sliding.size
    guard channels >= 1, groups >= 1, inputs % groups == 0, channels % groups == 0 else {
      throw ShapeError(
        name, [x.shape],
        "\(inputs) channels to \(channels) in \(groups) groups; expected at least one group that divides both"
      )
    }
    let window = sliding.window(over: x.shape)
    // The windows are checked before the weights are declared.
    let windows = try Unfold(window).result(of: [x.type])
    try requireCountable([windows.shape.rows, channels], name, x)
    let weight = try scope.parameter(
      "weight", [size.height, size.width, inputs / groups, channels], initializer, role: .weight)
    let z = try grouped(x, weight, window)
    return try z.adding(bias, channels, scope).labelled(.weightedInput)
  }

  private func grouped(_ x: Value, _ weight: Value, _ window: Window) throws -> Value {
    if groups == 1 { return try x.convolved(weight, window) }
    if groups == x.shape[3], groups == channels {
      return try depthwise(x, weight, window)
    }
    let inputs = x.shape[3] / groups, outputs = channels / groups
    let parts = try (0..<groups).map { group in
      try x.sliced(axis: 3, group * inputs..<(group + 1) * inputs).convolved(
        weight.sliced(axis: 3, group * outputs..<(group + 1) * outputs), window)
    }
    return try parts[0].concatenated(with: Array(parts[1...]), axis: 3)
  }

  /// A channel each: no product of matrices, but a sum over the places of each window.
  private func depthwise(_ x: Value, _ weight: Value, _ window: Window) throws -> Value {
    let windows = try x.unfolded(window)
    let sizes = Array(windows.shape.sizes.dropLast())
    let places = try windows.reshaped(to: Shape(sizes + [window.count, channels]))
    return try (places * weight.reshaped(to: [window.count, channels])).sum(axes: [-2])
  }
}

/// A convolution over sequences without activation: ``Conv2D`` along one axis.
///
/// - Shapes: x [batch, time, features] → [batch, ⌊(time + 2p − d·(kernel − 1) − 1)/s⌋ + 1, features out].
/// - Parameters it declares: `weight` [1, kernel, features / groups, features out], role weight; `bias`
///   [features out], or [1] for one that they share, role bias.
/// - The result is labelled `Label.weightedInput`.
/// - Throws: `ShapeError` if the input is no sequence, no window fits, or groups do not divide both numbers of features.
/// - Source: PyTorch's `Conv1d`.
public struct Conv1D: Layer {
  /// How many features come out.
  public var channels: Int
  /// The size of a window.
  public var kernel: Int
  /// The distance from one window to the next.
  public var stride: Int
  /// What stands before and behind the sequence: zeros.
  public var padding: SequencePadding
  /// The distance between neighbouring places of a window.
  public var dilation: Int
  /// Into how many groups the features are cut.
  public var groups: Int
  /// Which biases there are: one for each feature, one that they share, or none.
  public var bias: Dense.Bias
  /// How the weights start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    _ channels: Int, kernel: Int, stride: Int = 1, padding: SequencePadding = .none,
    dilation: Int = 1, groups: Int = 1, bias: Dense.Bias = .unit,
    initializer: Initializer = .heUniform
  ) {
    (self.channels, self.kernel, self.stride) = (channels, kernel, stride)
    (self.padding, self.dilation, self.groups) = (padding, dilation, groups)
    (self.bias, self.initializer) = (bias, initializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let sliding = Sliding.along(kernel, stride: stride, dilation: dilation, padding: padding)
    let image = Conv2D(
      channels, kernel: sliding.size, groups: groups, bias: bias, initializer: initializer)
    return try x.asImage("conv-1d") { try image.convolve($0, sliding, "conv-1d", scope) }
      .labelled(.weightedInput)
  }
}

extension Value {
  /// The sums over windows times weights: [batch, height, width, inputs] and [window height, window width, inputs,
  /// outputs] → [batch, windows down, windows across, outputs].
  ///
  /// - Throws: `ShapeError` if the value is no image, no window fits, or the weight does not fit the windows.
  public func convolved(_ weight: Value, _ window: Window) throws -> Value {
    let windows = try unfolded(window)
    let matrix = try weight.reshaped(to: [windows.shape.last, weight.shape.last])
    let rows = try windows.reshaped(to: [windows.shape.rows, windows.shape.last])
    let sums = try rows.matmul(matrix)
    return try sums.reshaped(to: Shape(windows.shape.sizes.dropLast() + [weight.shape.last]))
  }
}

extension Conv2D: SpecifiedLayer {
  /// Channels and kernel must be said.
  public static let templates = [Conv2D(0, kernel: 0)]

  public var kind: String { "conv-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("channels", &channels, isRequired: true)
    try options.size("kernel", &kernel, isRequired: true)
    try options.size("stride", &stride)
    try options.padding("padding", &padding)
    try options.size("dilation", &dilation)
    try options.count("groups", &groups)
    try options.choice("bias", &bias)
    try options.initializer("initializer", &initializer)
  }
}

extension Conv1D: SpecifiedLayer {
  /// Channels and kernel must be said.
  public static let templates = [Conv1D(0, kernel: 0)]

  public var kind: String { "conv-1d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("channels", &channels, isRequired: true)
    try options.count("kernel", &kernel, isRequired: true)
    try options.count("stride", &stride)
    try options.padding("padding", &padding)
    try options.count("dilation", &dilation)
    try options.count("groups", &groups)
    try options.choice("bias", &bias)
    try options.initializer("initializer", &initializer)
  }
}
