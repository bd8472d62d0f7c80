public import BackpropCore

/// The hinge, `max(0, margin − s·z)` with `s = 2y − 1`: the **mean** over samples **and** outputs.
///
/// Targets are 0 and 1, as classes arrive one-hot: each output is a yes or no of its own. (A margin
/// of targets ±1 is written (y + 1)/2.) The derivative at the margin itself is 0.
///
/// - Takes: scores z, any real numbers; the last layer has no activation of its own.
/// - Throws: `ShapeError` if prediction and target differ in shape; ``ConfigurationError`` if
///   ``margin`` is not above 0.
/// - Source: C. Cortes, V. Vapnik, "Support-Vector Networks" (1995).
public struct Hinge: SampleLoss {
  public let name = "hinge"
  public var input: LossInput { .logits }
  /// How far on the right side of 0 a score must be to cost nothing; above 0.
  public var margin: Double

  /// Makes the cost.
  public init(margin: Double = 1) { self.margin = margin }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("margin", &margin, .positive)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try lack(prediction, target, margin).mean(axes: [-1])
  }
}

/// The squared hinge, `max(0, margin − s·z)²` with `s = 2y − 1`: the **mean** over samples **and**
/// outputs. Else as ``Hinge``.
///
/// - Takes: scores z, any real numbers; the last layer has no activation of its own.
/// - Throws: as ``Hinge``.
public struct SquaredHinge: SampleLoss {
  public let name = "squared-hinge"
  public var input: LossInput { .logits }
  /// How far on the right side of 0 a score must be to cost nothing; above 0.
  public var margin: Double

  /// Makes the cost.
  public init(margin: Double = 1) { self.margin = margin }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("margin", &margin, .positive)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try lack(prediction, target, margin).square().mean(axes: [-1])
  }
}

extension Loss {
  /// What each score lacks to the margin, 0 for none.
  fileprivate func lack(_ score: Value, _ target: Value, _ margin: Double) throws -> Value {
    try require("margin", margin, .positive)
    try requireSameShape(score, target)
    return try (margin - (2 * target - 1) * score).relu()
  }
}

/// The hinge between classes, `1/k Σ_{j ≠ y} max(0, margin − z_y + z_j)ᵖ`, k the number of classes:
/// the **mean** over samples.
///
/// What PyTorch calls `MultiMarginLoss`. The derivative at the margin itself is 0.
///
/// - Takes: scores [..., classes], any real numbers; the last layer has no activation of its own.
///   Targets are int32 class indices [...].
/// - Throws: `ShapeError` if the targets are not class indices; ``ConfigurationError`` if
///   ``margin`` is not above 0.
/// - Source: K. Crammer, Y. Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
///   Vector Machines" (2001), with the sum over classes in place of the greatest.
public struct MultiMargin: SampleLoss {
  public let name = "multi-margin"
  public var input: LossInput { .logits }
  public var acceptsClassIndices: Bool { true }
  /// How far the score of the class must be above each other one to cost nothing; above 0.
  public var margin: Double
  /// Whether what lacks is squared: p = 2 in place of 1.
  public var isSquared: Bool

  /// Makes the cost.
  public init(margin: Double = 1, isSquared: Bool = false) {
    (self.margin, self.isSquared) = (margin, isSquared)
  }

  public mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("margin", &margin, .positive)
    try options.flag("squared", &isSquared)
  }

  public func perSample(_ prediction: Value, _ target: Value) throws -> Value {
    try require("margin", margin, .positive)
    let classes = try requireClasses(target, for: prediction)
    let isClass = try classes.oneHot(depth: prediction.shape.last, as: prediction.scalarType)
      .equal(to: 1)
    let own = try isClass.select(prediction, 0).sum(axes: [-1], keepingAxes: true)
    let lack = try (prediction - own + margin).relu()
    return try isClass.select(0, isSquared ? lack.square() : lack).mean(axes: [-1])
  }
}

extension Loss where Self == Hinge {
  /// The hinge with margin 1: mean over samples and outputs. See ``Hinge``.
  public static var hinge: Hinge { Hinge() }
}
extension Loss where Self == SquaredHinge {
  /// The squared hinge with margin 1: mean over samples and outputs. See ``SquaredHinge``.
  public static var squaredHinge: SquaredHinge { SquaredHinge() }
}
extension Loss where Self == MultiMargin {
  /// The hinge between classes with margin 1: mean over samples. See ``MultiMargin``.
  public static var multiMargin: MultiMargin { MultiMargin() }
}
