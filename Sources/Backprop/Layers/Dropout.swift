public import BackpropCore

/// Sets each element to 0 with a probability, and multiplies what is left by 1/(1 − rate), so that
/// the expectation stays. In evaluation it changes nothing.
///
/// An element stays where a uniform number of the layer's own key, new at every step, is at least
/// the rate.
///
/// - Shapes: any → the same.
/// - Throws: ``ConfigurationError`` if the rate is not at least 0 and below 1.
/// - Source: N. Srivastava et al., "Dropout" (2014), in the inverted form.
public struct Dropout: Layer {
  /// The probability that an element becomes 0: at least 0, below 1.
  public var rate: Double

  /// Makes a layer.
  public init(_ rate: Double) { self.rate = rate }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try x.dropped(rate, by: kind, mask: x.shape, scope)
  }
}

extension Value {
  /// Dropout with one random number for each element of a shape that broadcasts to this value's.
  ///
  /// - Throws: ``ConfigurationError`` in the name of a layer if the rate is out of range.
  func dropped(_ rate: Double, by layer: String, mask: Shape, _ scope: Scope) throws -> Value {
    guard NumberRange.fraction.contains(rate) else {
      throw ConfigurationError(
        layer, "\(layer): the rate is \(shortest(rate)); expected \(NumberRange.fraction.rawValue)")
    }
    guard scope.mode == .training, rate > 0 else { return self }
    let uniform = try scope.randomKey("mask").randomUniform(mask, as: scalarType)
    let scale = try uniform.greaterOrEqual(to: rate).select(
      constant(1 / (1 - rate)), constant(0))
    return try self * scale
  }
}

extension Dropout: SpecifiedLayer {
  /// Its rate must be said.
  public static let templates = [Dropout(0)]

  public var kind: String { "dropout" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("rate", &rate, .fraction, isRequired: true)
  }
}
