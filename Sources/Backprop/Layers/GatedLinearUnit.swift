public import BackpropCore

/// The gated linear unit, `a ⊙ σ(b)` with a the first half of the features and b the second.
///
/// - Shapes: [..., 2k] → [..., k].
/// - Throws: `ShapeError` for an odd number of features.
/// - Source: Y. Dauphin et al., "Language Modeling with Gated Convolutional Networks" (2017),
///   equation (1).
public struct GatedLinearUnit: Layer {
  /// Makes a layer.
  public init() {}

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.rank >= 2, x.shape.last % 2 == 0 else {
      throw ShapeError(
        "glu", [x.shape], "the last axis is halved: it needs an even number of features")
    }
    let half = x.shape.last / 2
    let gate = try x.sliced(axis: -1, half..<2 * half).sigmoid()
    return try x.sliced(axis: -1, 0..<half) * gate
  }
}

extension GatedLinearUnit: SpecifiedLayer {
  public static let templates = [GatedLinearUnit()]

  public var kind: String { "glu" }

  public mutating func visit(_ options: inout LayerOptions) throws {}
}
