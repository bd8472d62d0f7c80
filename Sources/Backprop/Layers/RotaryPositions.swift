public import BackpropCore

/// Which features rotary positions turn as a pair.
public enum RotaryPairing: String, Hashable, Sendable, CaseIterable {
  /// Features i and i + features/2: that of GPT-NeoX and LLaMA as most files of weights have them.
  case halves
  /// Features 2i and 2i + 1: that of the paper, and of GPT-J.
  case neighbors
}

extension Value {
  /// Rotary positions: each pair of features turned by an angle that grows with the time,
  /// `(x₁ cos θ − x₂ sin θ, x₂ cos θ + x₁ sin θ)` with `θ = t/base^(2i/features)` for pair i.
  ///
  /// Products of two vectors that are turned so depend on the difference of their times alone.
  ///
  /// - Shapes: [..., time, features], the features even → the same.
  /// - Parameters:
  ///   - pairing: which features are a pair.
  ///   - base: the longest wave is 2π·base long.
  /// - Throws: `ShapeError` if the features are odd or there is no axis of time;
  ///   ``ConfigurationError`` for a base that is not above 0.
  /// - Source: J. Su et al., "RoFormer" (2021), equation (34).
  public func rotated(pairing: RotaryPairing, base: Double = 10_000) throws -> Value {
    try checkBase(base, of: "rotary-positions")
    guard shape.rank >= 2, shape.last % 2 == 0, shape.last > 0 else {
      throw ShapeError(
        "rotary-positions", [shape], "expected [..., time, features] with even features")
    }
    let (time, pairs) = (shape[-2], shape.last / 2)
    let leading = shape.sizes.dropLast()
    // The axis of two stands before that of the pairs, or behind it.
    let isHalves = pairing == .halves
    let cut = try reshaped(to: Shape(leading + (isHalves ? [2, pairs] : [pairs, 2])))
    let axis = isHalves ? -2 : -1
    let angles = try angles(time: time, pairs: pairs, features: shape.last, base: base).reshaped(
      to: isHalves ? [time, 1, pairs] : [time, pairs, 1])
    let (cosine, sine) = (try angles.cos(), try angles.sin())
    let (first, second) = (
      try cut.sliced(axis: axis, 0..<1), try cut.sliced(axis: axis, 1..<2)
    )
    let turned = try first * cosine - second * sine
    return try turned.concatenated(with: [second * cosine + first * sine], axis: axis)
      .reshaped(to: shape)
  }

  /// `t/base^(2i/features)`, [time, pairs], beside this value.
  func angles(
    time: Int, pairs: Int, features: Int, base: Double
  ) throws -> Value {
    let rate = -2 * Double.log(base) / Double(features)
    let frequencies = try (builder.iota(pairs, scalarType) * rate).exp()
    return try builder.iota(time, scalarType).reshaped(to: [time, 1]) * frequencies
  }
}

func checkBase(_ base: Double, of layer: String) throws {
  guard NumberRange.positive.contains(base) else {
    throw ConfigurationError(
      layer, "\(layer): the base is \(shortest(base)); expected \(NumberRange.positive.rawValue)")
  }
}
