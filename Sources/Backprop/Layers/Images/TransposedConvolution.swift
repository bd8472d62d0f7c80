public import BackpropCore

/// A transposed convolution over images without activation: every place spreads its channels, times weights, over a
/// window of a larger image, and windows add up where they overlap.
///
/// It is the derivative of ``Conv2D`` with the same numbers, and so goes from the sizes that come out there to those
/// that go in.
///
/// - Shapes: x [batch, height, width, channels in] → [batch, (height − 1)·s − 2p + d·(kernel − 1) + extra + 1, …,
///   channels], with stride s, padding p and dilation d.
/// - Parameters it declares: `weight` [channels in, kernel height, kernel width, channels], role weight; `bias`
///   [channels], or [1] for one that the channels share, role bias.
/// - The result is labelled `Label.weightedInput`.
/// - Throws: `ShapeError` if the input is no image, padding leaves nothing, or `extra` is not below the stride.
/// - Source: PyTorch's `ConvTranspose2d`, where `extra` is `output_padding`.
public struct ConvTransposed2D: Layer {
  /// How many channels come out.
  public var channels: Int
  /// The size of a window.
  public var kernel: ImageSize
  /// The distance from one window to the next in the result.
  public var stride: ImageSize
  /// What is cut off on every side of the result.
  public var padding: ImageSize
  /// What is added below and to the right: a convolution with a stride above 1 gives one size for several.
  public var extra: ImageSize
  /// The distance between neighbouring places of a window.
  public var dilation: ImageSize
  /// Which biases there are: one for each channel, one that they share, or none.
  public var bias: Dense.Bias
  /// How the weights start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    _ channels: Int, kernel: ImageSize, stride: ImageSize = 1, padding: ImageSize = 0,
    extra: ImageSize = 0, dilation: ImageSize = 1, bias: Dense.Bias = .unit,
    initializer: Initializer = .heUniform
  ) {
    (self.channels, self.kernel, self.stride) = (channels, kernel, stride)
    (self.padding, self.extra, self.dilation) = (padding, extra, dilation)
    (self.bias, self.initializer) = (bias, initializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.requireImage("conv-transposed-2d")
    let inputs = x.shape[3]
    guard channels >= 1, inputs >= 1 else {
      throw ShapeError(
        "conv-transposed-2d", [x.shape], "\(inputs) channels to \(channels); expected at least 1")
    }
    let window = Sliding(
      size: kernel, stride: stride, dilation: dilation, padding: .places(padding)
    ).window(over: x.shape)
    let height = try side(window.rows, x.shape[1], extra.height, x)
    let width = try side(window.columns, x.shape[2], extra.width, x)
    try requireCountable(
      [x.shape.rows, kernel.height, kernel.width, channels], "conv-transposed-2d", x)
    try requireCountable([x.shape[0], height, width, channels], "conv-transposed-2d", x)
    let weight = try scope.parameter(
      "weight", [inputs, kernel.height, kernel.width, channels], initializer, role: .weight)
    let rows = try x.reshaped(to: [x.shape.rows, inputs])
    let spread = try rows.matmul(weight.reshaped(to: [inputs, window.count * channels]))
    let windows = try spread.reshaped(
      to: Shape(x.shape.sizes.dropLast() + [window.count * channels]))
    let z = try windows.folded(window, height: height, width: width)
    return try z.adding(bias, channels, scope).labelled(.weightedInput)
  }

  /// The length of a side of the result.
  private func side(_ axis: WindowAxis, _ length: Int, _ extra: Int, _ x: Value) throws -> Int {
    guard axis.size >= 1, axis.stride >= 1, axis.dilation >= 1, axis.before >= 0,
      max(axis.size, axis.stride, axis.dilation, axis.before) <= 1 << 24,
      (0..<axis.stride).contains(extra)
    else {
      throw ShapeError(
        "conv-transposed-2d", [x.shape],
        "kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding), extra \(self.extra); "
          + "expected at least 1, padding at least 0, and extra below the stride")
    }
    let side = (length - 1) * axis.stride - 2 * axis.before + axis.span + extra
    guard length >= 1, side >= 1 else {
      throw ShapeError(
        "conv-transposed-2d", [x.shape],
        "\(length) places and a padding of \(axis.before) leave \(side); expected at least 1")
    }
    return side
  }
}

extension ConvTransposed2D: SpecifiedLayer {
  /// Channels and kernel must be said.
  public static let templates = [ConvTransposed2D(0, kernel: 0)]

  public var kind: String { "conv-transposed-2d" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("channels", &channels, isRequired: true)
    try options.size("kernel", &kernel, isRequired: true)
    try options.size("stride", &stride)
    try options.size("padding", &padding, allowsZero: true)
    try options.size("extra", &extra, allowsZero: true)
    try options.size("dilation", &dilation)
    try options.choice("bias", &bias)
    try options.initializer("initializer", &initializer)
  }
}
