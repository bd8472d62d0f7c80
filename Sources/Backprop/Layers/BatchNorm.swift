public import BackpropCore

/// Batch normalisation, `y = scale ⊙ (x − μ)/√(v + ε) + bias`, each feature by its own mean μ and
/// variance v.
///
/// In training μ and v are those of the batch (v with divisor n), and the running ones move towards
/// them: `running ← (1 − momentum)·running + momentum·batch`, where v has the divisor n − 1. In
/// evaluation the running ones are used. All as PyTorch's `BatchNorm1d` has it; Keras' momentum is
/// 1 − ours.
///
/// It couples the samples of a batch: the cost of one sample depends on the others, so no error δ
/// of a single sample exists below it.
///
/// - Shapes: x [..., features] → the same; every axis before the last counts as samples.
/// - Parameters it declares: `scale` [features] from 1, role scale; `bias` [features] from 0, role
///   bias; the variables `running-mean` from 0 and `running-variance` from 1.
/// - Throws: `ShapeError` without a batch axis, and in training for a single sample, which has no
///   variance; ``ConfigurationError`` for options out of range.
/// - Source: S. Ioffe, C. Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.
public struct BatchNorm: Layer {
  /// ε, in the square of the unit of x: keeps constant features finite.
  public var epsilon: Double
  /// How far the running numbers move towards the batch's at each step, from 0 to 1.
  public var momentum: Double

  /// Makes a layer.
  public init(epsilon: Double = 1e-5, momentum: Double = 0.1) {
    (self.epsilon, self.momentum) = (epsilon, momentum)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try validate()
    guard x.shape.rank >= 2 else {
      throw ShapeError(
        "batch-norm", [x.shape], "the input needs a batch axis and an axis of features")
    }
    let features: Shape = [x.shape.last]
    let scale = try scope.parameter("scale", features, .ones, role: .scale)
    let bias = try scope.parameter("bias", features, .zeros, role: .bias)
    let runningMean = try scope.variable("running-mean", features, .zeros)
    let runningVariance = try scope.variable("running-variance", features, .ones)
    guard scope.mode == .training else {
      return try (x - runningMean) * factor(scale, runningVariance) + bias
    }
    let samples = x.shape.rows
    guard samples >= 2 else {
      throw ShapeError(
        "batch-norm", [x.shape],
        "one sample has no variance; train on batches of at least 2, the last one too")
    }
    let axes = Array(0..<x.shape.rank - 1)
    let mean = try x.mean(axes: axes)
    let variance = try x.variance(axes: axes)
    let unbiased = Double(samples) / Double(samples - 1)
    scope.update("running-mean", to: try (1 - momentum) * runningMean + momentum * mean)
    scope.update(
      "running-variance",
      to: try (1 - momentum) * runningVariance + (momentum * unbiased) * variance)
    return try (x - mean) * factor(scale, variance) + bias
  }

  /// What each feature is multiplied by: one division a feature, not one an element.
  private func factor(_ scale: Value, _ variance: Value) throws -> Value {
    try scale / (variance + epsilon).sqrt()
  }

  private func validate() throws {
    for (name, value, range) in [
      ("epsilon", epsilon, NumberRange.positive), ("momentum", momentum, .unit),
    ] where !range.contains(value) {
      throw ConfigurationError(
        "batch-norm", "batch-norm: \(name) is \(shortest(value)); expected \(range.rawValue)")
    }
  }
}

extension BatchNorm: SpecifiedLayer {
  public static let templates = [BatchNorm()]

  public var kind: String { "batch-norm" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.number("epsilon", &epsilon, .positive)
    try options.number("momentum", &momentum, .unit)
  }
}
