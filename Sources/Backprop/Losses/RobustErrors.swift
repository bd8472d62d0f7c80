public import BackpropCore

/// Smooth L1, the **mean** over samples **and** outputs of `½e²/β` where `|e| < β`, and of
/// `|e| − ½β` elsewhere, with `e = a − y`.
///
/// What PyTorch calls `SmoothL1Loss`: ``Huber`` with δ = β, divided by β. A sample's gradient is
/// `e/(βk)`, cut off at ±1/k.
///
/// - Takes: any real values.
/// - Throws: `ShapeError` if prediction and target differ in shape; ``ConfigurationError`` if
///   ``beta`` is not above 0.
/// - Source: R. Girshick, "Fast R-CNN" (2015), equation (3), with β.
public struct SmoothL1: SampleLoss {
  public let name = "smooth-l1"
  /// Where the parabola becomes a line, in the unit of the targets; above 0.
  public var beta: Double

  /// Makes the cost.
  public init(beta: Double = 1) { self.beta = beta }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("beta", &beta, .positive)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try require("beta", beta, .positive)
    try requireSameShape(prediction, target)
    return try Huber(delta: beta).perSample(prediction, target) / beta
  }
}

/// The logarithm of the hyperbolic cosine, `ln cosh e` with `e = a − y`: the **mean** over samples
/// **and** outputs.
///
/// About ½e² for small errors and |e| − ln 2 for large ones; no error is too large for it. A
/// sample's gradient is `tanh(e)/k`.
///
/// - Takes: any real values.
/// - Precision: relative error of a few ε, also where e is tiny.
/// - Throws: `ShapeError` if prediction and target differ in shape.
public struct LogCosh: SampleLoss {
  public let name = "log-cosh"
  /// Makes the cost.
  public init() {}

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try requireSameShape(prediction, target)
    let error = try prediction - target
    // Where |e| ≤ 1, cosh e − 1 = (eᵉ − 1)²/(2eᵉ) keeps the digits of a small error. Elsewhere
    // ln cosh e = |e| + ln(1 + e^(−2|e|)) − ln 2, which does not overflow.
    let isSmall = try error.abs().lessOrEqual(to: 1)
    let small = try isSmall.select(error, 0)
    let rise = try small.expm1()
    let near = try (0.5 * (rise * rise) * (-small).exp()).log1p()
    let size = try error.abs()
    let far = try size + (-2 * size).exp().log1p() - 0.6931471805599453
    return try isSmall.select(near, far).mean(axes: [-1])
  }
}

extension Loss where Self == SmoothL1 {
  /// Smooth L1 with β = 1. See ``SmoothL1``.
  public static var smoothL1: SmoothL1 { SmoothL1() }
  /// Smooth L1. See ``SmoothL1``.
  public static func smoothL1(beta: Double) -> SmoothL1 { SmoothL1(beta: beta) }
}
extension Loss where Self == LogCosh {
  /// ln cosh of the error: mean over samples and outputs. See ``LogCosh``.
  public static var logCosh: LogCosh { LogCosh() }
}
