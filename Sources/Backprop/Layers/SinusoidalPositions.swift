public import BackpropCore

/// Adds a fixed vector for each time of a sequence, sines and cosines of falling frequency:
/// `y[b, t, 2i] = x[b, t, 2i] + sin(t/base^(2i/features))` and with cos at 2i + 1.
///
/// - Shapes: x [batch, time, features] → the same.
/// - Throws: `ShapeError` if x is no sequence; ``ConfigurationError`` for a base that is not above 0.
/// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.5.
public struct SinusoidalPositions: Layer {
  /// The longest wave is 2π·base long.
  public var base: Double

  /// Makes a layer.
  public init(base: Double = 10_000) { self.base = base }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try checkBase(base, of: kind)
    try requireSequence(x, kind)
    let (time, features) = (x.shape[1], x.shape.last)
    let pairs = (features + 1) / 2
    let angles = try x.angles(time: time, pairs: pairs, features: features, base: base)
    let column: Shape = [time, pairs, 1]
    let waves = try angles.sin().reshaped(to: column).concatenated(
      with: [angles.cos().reshaped(to: column)], axis: 2
    ).reshaped(to: [time, 2 * pairs])
    return try x + (features == 2 * pairs ? waves : waves.sliced(axis: 1, 0..<features))
  }
}

extension SinusoidalPositions: SpecifiedLayer {
  public static let templates = [SinusoidalPositions()]

  public var kind: String { "sinusoidal-positions" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("base", &base, .positive)
  }
}
