public import BackpropCore

/// Scaled dot-product attention, `y = softmax(q·kᵀ·scale)·v` over the places of the keys.
///
/// A query that may look at no key gets zeros, and sends no gradient back: never NaN.
///
/// - Shapes: q [..., queries, size], k [..., keys, size], v [..., keys, values] → [..., queries, values];
///   leading axes broadcast.
/// - Parameters:
///   - q: the queries.
///   - k: the keys.
///   - v: the values.
///   - mask: which keys a query may look at, of type bool: a comparison. It broadcasts to [...,
///     queries, keys]; nil for all. It is PyTorch's `attn_mask` of that type.
///   - isCausal: whether query i sees keys 0 ... i alone.
///   - scale: what products are multiplied by; nil for 1/√size.
///   - weightsThrough: what happens to the weights before they meet the values, such as dropout.
/// - Throws: `ShapeError` if the shapes do not fit each other.
/// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), equation (1).
public func scaledDotProductAttention(
  _ q: Value, _ k: Value, _ v: Value, mask: Value? = nil, isCausal: Bool = false,
  scale: Double? = nil, weightsThrough: (Value) throws -> Value = { $0 }
) throws -> Value {
  let name = "attention"
  guard q.shape.rank >= 2, k.shape.rank >= 2, v.shape.rank >= 2, q.shape.last == k.shape.last,
    k.shape[-2] == v.shape[-2], q.shape.count > 0, k.shape.count > 0, v.shape.count > 0
  else {
    throw ShapeError(
      name, [q.shape, k.shape, v.shape],
      "expected queries [..., q, size], keys [..., k, size] and values [..., k, n], no size 0")
  }
  let (queries, keys) = (q.shape[-2], k.shape[-2])
  try requireCountable(q.shape.sizes.dropLast() + [keys], name, q)
  let factor = scale ?? 1 / Double(q.shape.last).squareRoot()
  let products = try (q * factor).matmul(k, transposeB: true)
  var allowed = try mask.map { mask in
    guard mask.scalarType == .bool,
      mask.shape.broadcast(with: products.shape) == products.shape
    else {
      throw ShapeError(
        name, [mask.shape, products.shape],
        "the mask is \(mask.type); expected truth values that broadcast to the second")
    }
    return mask
  }
  if isCausal {
    let times = try q.builder.iota(queries, q.scalarType).reshaped(to: [queries, 1])
    let causal = try q.builder.iota(keys, q.scalarType).lessOrEqual(to: times)
    allowed = try allowed.map { try $0.and(causal, as: q.scalarType) } ?? causal
  }
  guard let allowed else { return try weightsThrough(products.softmax()).matmul(v) }
  // Half of the lowest float32: differences of it stay finite.
  let open = try allowed.select(products, -0x1p126).softmax()
  // A row without any key has equal weights now; where a key is left, the others have 0 already.
  let weights = mask == nil ? open : try allowed.select(open, 0)
  return try weightsThrough(weights).matmul(v)
}

extension Value {
  /// Where both of two truth values hold.
  func and(_ other: Value, as scalarType: ScalarType) throws -> Value {
    try (cast(to: scalarType) * other.cast(to: scalarType)).greater(than: 0.5)
  }
}
