public import BackpropCore

/// Sets whole channels of a sample to 0 with a probability, at all its places, and multiplies what is
/// left by 1/(1 − rate). In evaluation it changes nothing.
///
/// Neighbouring places of a feature map say nearly the same, so that dropping them one by one takes
/// little away. PyTorch's `Dropout1d`, `Dropout2d` and `Dropout3d`, with the channels last.
///
/// - Shapes: [batch, ..., channels] → the same.
/// - Throws: `ShapeError` without a batch axis; ``ConfigurationError`` if the rate is not at least 0
///   and below 1.
/// - Source: J. Tompson et al., "Efficient Object Localization Using Convolutional Networks" (2015),
///   section 3.2.
public struct ChannelDropout: Layer {
  /// The probability that a channel becomes 0: at least 0, below 1.
  public var rate: Double

  /// Makes a layer.
  public init(_ rate: Double) { self.rate = rate }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 2 else {
      throw ShapeError(kind, [x.shape], "the input needs a batch axis and an axis of channels")
    }
    let between = [Int](repeating: 1, count: x.shape.rank - 2)
    return try x.dropped(
      rate, by: kind, mask: Shape([x.shape[0]] + between + [x.shape.last]), scope)
  }
}

extension ChannelDropout: SpecifiedLayer {
  /// Its rate must be said.
  public static let templates = [ChannelDropout(0)]

  public var kind: String { "channel-dropout" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("rate", &rate, .fraction, isRequired: true)
  }
}
