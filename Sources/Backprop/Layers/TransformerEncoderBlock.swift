public import BackpropCore

/// A transformer block of one sequence: attention to itself, then two dense layers for each time, each
/// with a residual sum and a normalisation.
///
/// With a causal ``attention`` it is a block of a decoder without an encoder, as in GPT. As PyTorch's
/// `TransformerEncoderLayer` with `batch_first=True`, whose names are:
///
/// | here | PyTorch |
/// |---|---|
/// | `attention` | `self_attn`, see ``MultiHeadAttention`` |
/// | `hidden`, `output` | `linear1`, `linear2`, weights transposed |
/// | `norm1.scale`, `norm1.bias`, `norm2` … | `norm1.weight`, `norm1.bias`, `norm2` … |
///
/// - Shapes: x [batch, time, features] → the same.
/// - Throws: `ShapeError` if x is no sequence or the heads do not divide the features;
///   ``ConfigurationError`` for options out of range.
/// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.1; R. Xiong et al., "On
///   Layer Normalization in the Transformer Architecture" (2020), figure 1.
public struct TransformerEncoderBlock: Layer {
  /// The attention.
  public var attention: MultiHeadAttention
  /// How many units the dense layer between has.
  public var hidden: Int
  /// The activation of these.
  public var activation: Activation
  /// The rate of dropout behind each part, between the dense layers, and of the attention's weights.
  public var dropout: Double {
    didSet { attention.dropout = dropout }
  }
  /// Where the normalisations stand.
  public var normalization: NormalizationPlace
  /// ε of the normalisations.
  public var epsilon: Double

  /// Makes a block.
  public init(
    heads: Int, hidden: Int, isCausal: Bool = false, activation: Activation = .relu,
    dropout: Double = 0, normalization: NormalizationPlace = .behind,
    rotary: MultiHeadAttention.Rotary = .none, epsilon: Double = 1e-5
  ) {
    attention = MultiHeadAttention(
      heads: heads, isCausal: isCausal, dropout: dropout, rotary: rotary)
    (self.hidden, self.activation, self.dropout) = (hidden, activation, dropout)
    (self.normalization, self.epsilon) = (normalization, epsilon)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try self(x, keyMask: nil, scope)
  }

  /// The same with some times left out of what others look at.
  ///
  /// - Parameters:
  ///   - x: [batch, time, features].
  ///   - keyMask: which times hold something, bool [batch, time]; nil for all.
  ///   - scope: where parameters are declared.
  public func callAsFunction(_ x: Value, keyMask: Value?, _ scope: Scope) throws -> Value {
    try requireSequence(x, kind)
    let parts = TransformerParts(
      hidden: hidden, activation: activation, dropout: dropout, place: normalization,
      epsilon: epsilon)
    let attended = try parts.added(x, 1, scope) { x in
      try scope("attention") { inner in
        try attention(query: x, key: x, value: x, keyMask: keyMask, inner)
      }
    }
    return try parts.added(attended, 2, scope) { try parts.feedForward($0, scope) }
  }
}

extension TransformerEncoderBlock: SpecifiedLayer {
  /// Its heads and hidden units must be said.
  public static let templates = [TransformerEncoderBlock(heads: 0, hidden: 0)]

  public var kind: String { "transformer-block" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("heads", &attention.heads, isRequired: true)
    try options.count("hidden", &hidden, isRequired: true)
    try options.flag("causal", &attention.isCausal)
    try options.activation("activation", &activation)
    try options.number("dropout", &dropout, .fraction)
    try options.choice("normalization", &normalization)
    try options.choice("rotary", &attention.rotary)
    try options.number("epsilon", &epsilon, .positive)
  }
}
