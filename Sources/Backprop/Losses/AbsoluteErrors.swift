public import BackpropCore

/// Mean absolute error, `C = 1/(mk) Σ_x Σ_j |a_j − y_j|`: the **mean** over samples **and** the k
/// outputs.
///
/// What PyTorch calls `L1Loss`. The gradient of one sample is `sign(a − y)/k`, and 0 where a = y.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct MeanAbsoluteError: SampleLoss {
  public let name = "mean-absolute-error"
  /// Makes the cost.
  public init() {}
  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    return try (prediction - target).abs().mean(axes: [-1])
  }
}

/// Huber's loss, the **mean** over samples **and** outputs of `½e²` where `|e| ≤ δ`, and of
/// `δ(|e| − ½δ)` elsewhere, with `e = a − y`.
///
/// What PyTorch calls `HuberLoss`. A sample's gradient is e/k, cut off at ±δ/k, so that outliers
/// pull no harder than δ.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape; ``ConfigurationError`` if
///   ``delta`` is not above 0.
/// - Source: P. J. Huber, "Robust Estimation of a Location Parameter" (1964).
public struct Huber: SampleLoss {
  public let name = "huber"
  /// Where the parabola becomes a line, in the unit of the targets; above 0.
  public var delta: Double

  /// Makes the cost.
  public init(delta: Double = 1) { self.delta = delta }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("delta", &delta, .positive)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try require("delta", delta, .positive)
    try requireSameShape(prediction, target)
    // With c = min(|e|, δ) both pieces are c·(|e| − ½c), and at |e| = δ the derivatives agree.
    let size = try (prediction - target).abs()
    let capped = try size.minimum(delta)
    return try (capped * (size - 0.5 * capped)).mean(axes: [-1])
  }
}

extension Loss where Self == MeanAbsoluteError {
  /// The mean absolute error over samples and outputs. See ``MeanAbsoluteError``.
  public static var meanAbsoluteError: MeanAbsoluteError { MeanAbsoluteError() }
}
extension Loss where Self == Huber {
  /// Huber's loss with δ = 1. See ``Huber``.
  public static var huber: Huber { Huber() }
  /// Huber's loss. See ``Huber``.
  public static func huber(delta: Double) -> Huber { Huber(delta: delta) }
}
