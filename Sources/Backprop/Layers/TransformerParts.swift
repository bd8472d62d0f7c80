import BackpropCore

/// Where the normalisations of a transformer block stand.
public enum NormalizationPlace: String, Hashable, Sendable, CaseIterable {
  /// Before each part, `x + part(norm(x))`: deep stacks train without a warm-up.
  case before
  /// Behind each sum, `norm(x + part(x))`: the paper's.
  case behind
}

/// What the parts of transformer blocks share.
struct TransformerParts {
  let hidden: Int
  let activation: Activation
  let dropout: Double
  let place: NormalizationPlace
  let epsilon: Double

  /// A part with its sum and its normalisation, and dropout behind the part.
  func added(
    _ x: Value, _ number: Int, _ scope: Scope, _ part: (Value) throws -> Value
  ) throws -> Value {
    let norm = LayerNorm(epsilon: epsilon)
    let entering = place == .before ? try scope("norm\(number)", norm, x) : x
    let sum = try x + scope("dropout\(number)", Dropout(dropout), part(entering))
    return place == .behind ? try scope("norm\(number)", norm, sum) : sum
  }

  /// Two dense layers for each place, with the activation and dropout between.
  func feedForward(_ x: Value, _ scope: Scope) throws -> Value {
    let a = try scope("hidden") { try activation(Dense(hidden)(x, $0), $0) }
    return try scope(
      "output", Dense(x.shape.last), scope("dropout-hidden", Dropout(dropout), a))
  }
}
