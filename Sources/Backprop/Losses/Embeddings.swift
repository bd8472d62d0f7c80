public import BackpropCore

/// The cosine distance of two directions, `1 − a·y / (‖a‖ ‖y‖)` over the outputs: the **mean** over
/// samples.
///
/// PyTorch's `CosineEmbeddingLoss` for pairs that belong together. Where a vector is 0 there is no
/// direction: the sample costs 1 and has gradient 0.
///
/// - Takes: any real values, vectors [..., outputs]. Targets are vectors of the same shape.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct CosineDistance: SampleLoss {
  public let name = "cosine"
  /// Makes the cost.
  public init() {}

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let (a, y) = (try prediction.square().sum(axes: [-1]), try target.square().sum(axes: [-1]))
    let exists = try a.minimum(y).greater(than: 0)
    // The roots one by one: the product of the squares may overflow.
    let norms = try exists.select(a, 1).sqrt() * exists.select(y, 1).sqrt()
    let product = try exists.select((prediction * target).sum(axes: [-1]), 0)
    return try 1 - product / norms
  }
}

/// The triplet cost, `max(0, ‖a − p‖ − ‖a − n‖ + margin)`: the **mean** over samples. a, p, n are
/// the embeddings of an anchor, of something of its kind, and of something of another kind.
///
/// What PyTorch calls `TripletMarginLoss`; as there, 10⁻⁶ is added to each difference, so that equal
/// embeddings have a finite gradient. The derivative at the margin itself is 0.
///
/// A sample is a triplet: its prediction is the three embeddings one behind the other, [..., 3·d],
/// as a network makes them that takes three inputs through shared layers. Targets are not read. It
/// has no place among the names of ``Losses``, whose costs go with any network.
///
/// ```swift
/// let a = try scope.shared("embed")…          // three times the same layers
/// return try a.concatenated(with: [p, n], axis: -1)
/// ```
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if the outputs are not three vectors; ``ConfigurationError`` if
///   ``margin`` is not above 0.
/// - Source: V. Balntas et al., "Learning Local Feature Descriptors with Triplets" (2016).
public struct TripletMargin: SampleLoss {
  public let name = "triplet-margin"
  /// How much nearer the own kind must be to cost nothing, in the unit of the embeddings; above 0.
  public var margin: Double

  /// Makes the cost.
  public init(margin: Double = 1) { self.margin = margin }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("margin", &margin, .positive)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireOutputs(prediction)
    let width = prediction.shape.last / 3
    guard 3 * width == prediction.shape.last else {
      throw ShapeError(
        name, [prediction.shape],
        "the outputs must be three embeddings of one size, anchor, positive and negative")
    }
    let parts = try (0..<3).map {
      try prediction.sliced(axis: -1, $0 * width..<($0 + 1) * width)
    }
    return try perSample(anchor: parts[0], positive: parts[1], negative: parts[2])
  }

  /// The cost of each triplet from its three embeddings, each [..., d].
  ///
  /// - Throws: `ShapeError` if their shapes differ.
  public func perSample(anchor: Value, positive: Value, negative: Value) throws -> Value {
    try require("margin", margin, .positive)
    try requireSameShape(anchor, positive)
    try requireSameShape(anchor, negative)
    func distance(_ other: Value) throws -> Value {
      let difference = try anchor - other + 1e-6
      let square = try difference.square().sum(axes: [-1])
      let isZero = try square.equal(to: 0)
      return try isZero.select(0, isZero.select(1, square).sqrt())
    }
    return try (distance(positive) - distance(negative) + margin).relu()
  }
}

extension Loss where Self == CosineDistance {
  /// The cosine distance: mean over samples. See ``CosineDistance``.
  public static var cosine: CosineDistance { CosineDistance() }
}
extension Loss where Self == TripletMargin {
  /// The triplet cost with margin 1: mean over samples. See ``TripletMargin``.
  public static var tripletMargin: TripletMargin { TripletMargin() }
}
