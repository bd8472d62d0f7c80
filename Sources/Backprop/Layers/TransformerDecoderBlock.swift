public import BackpropCore

/// A transformer block of a decoder: causal attention to itself, attention to what an encoder gave,
/// then two dense layers for each time, each with a residual sum and a normalisation.
///
/// As PyTorch's `TransformerDecoderLayer` with `batch_first=True`, whose names are `self_attn` for
/// `attention`, `multihead_attn` for `cross-attention`, and the others as in
/// ``TransformerEncoderBlock``, with a third normalisation.
///
/// It takes two sequences, so it has no form as text: call it in a layer of your own.
///
/// - Throws: `ShapeError` if the shapes do not fit; ``ConfigurationError`` for options out of range.
/// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.1.
public struct TransformerDecoderBlock: Sendable {
  /// Both attentions; that to the encoder is never causal.
  public var attention: MultiHeadAttention
  /// How many units the dense layer between has.
  public var hidden: Int
  /// The activation of these.
  public var activation: Activation
  /// The rate of dropout behind each part, between the dense layers, and of the attentions' weights.
  public var dropout: Double {
    didSet { attention.dropout = dropout }
  }
  /// Where the normalisations stand.
  public var normalization: NormalizationPlace
  /// ε of the normalisations.
  public var epsilon: Double

  /// Makes a block.
  public init(
    heads: Int, hidden: Int, isCausal: Bool = true, activation: Activation = .relu,
    dropout: Double = 0, normalization: NormalizationPlace = .behind, epsilon: Double = 1e-5
  ) {
    attention = MultiHeadAttention(heads: heads, isCausal: isCausal, dropout: dropout)
    (self.hidden, self.activation, self.dropout) = (hidden, activation, dropout)
    (self.normalization, self.epsilon) = (normalization, epsilon)
  }

  /// Builds the block.
  ///
  /// - Parameters:
  ///   - x: [batch, time, features].
  ///   - memory: what the encoder gave, [batch, keys, any].
  ///   - keyMask: which times of x hold something, bool [batch, time]; nil for all.
  ///   - memoryMask: which keys of the memory hold something, bool [batch, keys]; nil for all.
  ///   - scope: where parameters are declared.
  /// - Returns: [batch, time, features].
  public func callAsFunction(
    _ x: Value, memory: Value, keyMask: Value? = nil, memoryMask: Value? = nil, _ scope: Scope
  ) throws -> Value {
    try requireSequence(x, "transformer-decoder-block")
    let parts = TransformerParts(
      hidden: hidden, activation: activation, dropout: dropout, place: normalization,
      epsilon: epsilon)
    let own = try parts.added(x, 1, scope) { x in
      try scope("attention") { inner in
        try attention(query: x, key: x, value: x, keyMask: keyMask, inner)
      }
    }
    var cross = attention
    cross.isCausal = false
    let crossed = try parts.added(own, 2, scope) { x in
      try scope("cross-attention") { inner in
        try cross(query: x, key: memory, value: memory, keyMask: memoryMask, inner)
      }
    }
    return try parts.added(crossed, 3, scope) { try parts.feedForward($0, scope) }
  }
}
