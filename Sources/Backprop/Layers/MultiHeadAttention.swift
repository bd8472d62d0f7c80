public import BackpropCore

/// Attention with several heads: queries, keys and values are projected, cut into heads, each head
/// attends by itself, and what comes out is projected again.
///
/// ```swift
/// let y = try scope("attention", MultiHeadAttention(heads: 4, isCausal: true), x)
/// ```
///
/// As PyTorch's `MultiheadAttention` with `batch_first=True`. The projections are four ``Dense``
/// layers of their own; with E features, PyTorch's fused arrays are:
///
/// | parameter | sizes | PyTorch |
/// |---|---|---|
/// | `query.weight`, `query.bias` | [E, E], [E] | rows 0 ..< E of `in_proj_weight`, transposed, and of `in_proj_bias` |
/// | `key.weight`, `key.bias` | [key features, E], [E] | rows E ..< 2E |
/// | `value.weight`, `value.bias` | [value features, E], [E] | rows 2E ..< 3E |
/// | `output.weight`, `output.bias` | [E, E], [E] | `out_proj.weight` transposed, `out_proj.bias` |
///
/// - Shapes: x [batch, time, features] → the same; see also
///   ``callAsFunction(query:key:value:keyMask:mask:_:)``.
/// - Throws: `ShapeError` if the heads do not divide the features; ``ConfigurationError`` for options
///   out of range.
/// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.2.2.
public struct MultiHeadAttention: Layer {
  /// Which positions queries and keys are turned by.
  public enum Rotary: String, Hashable, Sendable, CaseIterable {
    /// None.
    case none
    /// Rotary positions that pair the halves of a head.
    case halves
    /// Rotary positions that pair neighbours.
    case neighbors
  }

  /// How many heads there are.
  public var heads: Int
  /// Whether a time sees no later one.
  public var isCausal: Bool
  /// The rate of dropout of the weights: at least 0, below 1.
  public var dropout: Double
  /// Whether the projections have biases.
  public var hasBias: Bool
  /// Rotary positions of queries and keys; see `Value.rotated(pairing:base:)`.
  public var rotary: Rotary
  /// How the weights start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(
    heads: Int, isCausal: Bool = false, dropout: Double = 0, hasBias: Bool = true,
    rotary: Rotary = .none, initializer: Initializer = .glorotUniform
  ) {
    (self.heads, self.isCausal, self.dropout) = (heads, isCausal, dropout)
    (self.hasBias, self.rotary, self.initializer) = (hasBias, rotary, initializer)
  }

  /// A sequence that attends to itself.
  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try self(query: x, key: x, value: x, scope)
  }

  /// Attention from one sequence to another.
  ///
  /// - Parameters:
  ///   - query: [batch, queries, features]; its features are those of the result.
  ///   - key: [batch, keys, any].
  ///   - value: [batch, keys, any].
  ///   - keyMask: which keys hold something, bool [batch, keys]; nil for all. PyTorch's
  ///     `key_padding_mask` says the contrary, which keys do not.
  ///   - mask: which keys each query may look at, bool, broadcast to [batch, heads, queries, keys].
  ///   - scope: where parameters are declared.
  /// - Returns: [batch, queries, features].
  public func callAsFunction(
    query: Value, key: Value, value: Value, keyMask: Value? = nil, mask: Value? = nil,
    _ scope: Scope
  ) throws -> Value {
    for (input, what) in [(query, "the query"), (key, "the key"), (value, "the value")] {
      try requireSequence(input, kind, what)
    }
    let features = query.shape.last
    guard heads >= 1, features % heads == 0 else {
      throw ShapeError(kind, [query.shape], "\(heads) heads do not divide \(features) features")
    }
    guard key.shape[0] == query.shape[0], value.shape[0] == query.shape[0],
      key.shape[1] == value.shape[1]
    else {
      throw ShapeError(
        kind, [query.shape, key.shape, value.shape],
        "expected one batch size, and as many keys as values")
    }
    let q = try turned(project(query, features, "query", scope))
    let k = try turned(project(key, features, "key", scope))
    let v = try project(value, features, "value", scope)
    let allowed = try joined(keyMask, mask, batch: key.shape[0], keys: key.shape[1], query)
    let attended = try scaledDotProductAttention(q, k, v, mask: allowed, isCausal: isCausal) {
      try $0.dropped(dropout, by: kind, mask: $0.shape, scope)
    }
    let rows = try attended.transposed([0, 2, 1, 3]).reshaped(to: query.shape)
    return try scope("output", dense(features), rows)
  }

  private func dense(_ features: Int) -> Dense {
    Dense(features, bias: hasBias ? .unit : .none, initializer: initializer)
  }

  /// A projection, cut into heads: [batch, heads, time, features/heads].
  private func project(
    _ x: Value, _ features: Int, _ name: String, _ scope: Scope
  ) throws -> Value {
    let cut: Shape = [x.shape[0], x.shape[1], heads, features / heads]
    return try scope(name, dense(features), x).reshaped(to: cut).transposed([0, 2, 1, 3])
  }

  private func turned(_ x: Value) throws -> Value {
    switch rotary {
    case .none: x
    case .halves: try x.rotated(pairing: .halves)
    case .neighbors: try x.rotated(pairing: .neighbors)
    }
  }

  /// What both masks allow.
  private func joined(
    _ keyMask: Value?, _ mask: Value?, batch: Int, keys: Int, _ query: Value
  ) throws -> Value? {
    guard let keyMask else { return mask }
    guard keyMask.type == ValueType([batch, keys], .bool) else {
      throw ShapeError(
        kind, [keyMask.shape],
        "the mask of keys is \(keyMask.type); expected bool[\(batch), \(keys)]")
    }
    let wide = try keyMask.reshaped(to: [batch, 1, 1, keys])
    guard let mask else { return wide }
    guard mask.scalarType == .bool else {
      throw ShapeError(kind, [mask.shape], "the mask is \(mask.type); expected bool")
    }
    return try wide.and(mask, as: query.scalarType)
  }
}

extension MultiHeadAttention: SpecifiedLayer {
  /// Its heads must be said.
  public static let templates = [MultiHeadAttention(heads: 0)]

  public var kind: String { "multi-head-attention" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("heads", &heads, isRequired: true)
    try options.flag("causal", &isCausal)
    try options.number("dropout", &dropout, .fraction)
    try options.flag("biases", &hasBias)
    try options.choice("rotary", &rotary)
    try options.initializer("initializer", &initializer)
  }
}
