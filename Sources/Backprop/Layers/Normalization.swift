import BackpropCore

/// What a normalisation learns for each feature, behind dividing by the deviation.
public enum NormalizationParameters: String, Hashable, Sendable, CaseIterable {
  /// `y = scale ⊙ x̂ + bias`.
  case scaleAndBias = "scale-and-bias"
  /// `y = scale ⊙ x̂`.
  case scale
  /// `y = x̂`.
  case none

  /// What follows normalised values: parameters `scale` from 1 and `bias` from 0.
  func applied(to normalized: Value, _ shape: Shape, _ scope: Scope) throws -> Value {
    var y = normalized
    if self != .none { y = try y * scope.parameter("scale", shape, .ones, role: .scale) }
    if self == .scaleAndBias { y = try y + scope.parameter("bias", shape, .zeros, role: .bias) }
    return y
  }
}

extension Value {
  /// `(x − μ)/√(v + ε)` with the mean μ and the variance v (divisor n) over axes.
  func normalized(over axes: [Int], epsilon: Double) throws -> Value {
    let variance = try variance(axes: axes, keepingAxes: true)
    return try (self - mean(axes: axes, keepingAxes: true)) * (1 / (variance + epsilon).sqrt())
  }
}
