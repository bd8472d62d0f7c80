public import BackpropCore

/// Adds a learnt vector for each time of a sequence: `y[b, t] = x[b, t] + weight[t]`.
///
/// - Shapes: x [batch, time, features] → the same.
/// - Parameters it declares: `weight` [length, features], role weight.
/// - Throws: `ShapeError` if x is no sequence, or longer than ``length``; ``ConfigurationError`` for a
///   length below 1.
public struct LearnedPositions: Layer {
  /// The longest sequence.
  public var length: Int
  /// How the vectors start.
  public var initializer: Initializer

  /// Makes a layer.
  public init(_ length: Int, initializer: Initializer = .normal(deviation: 0.02)) {
    (self.length, self.initializer) = (length, initializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard length >= 1 else {
      throw ConfigurationError(kind, "\(kind): the length is \(length); expected at least 1")
    }
    try requireSequence(x, kind)
    guard x.shape[1] <= length else {
      throw ShapeError(
        kind, [x.shape], "a sequence of \(x.shape[1]); expected at most \(length), the length")
    }
    let weight = try scope.parameter(
      "weight", [length, x.shape.last], initializer, role: .weight)
    return try x + (x.shape[1] == length ? weight : weight.sliced(axis: 0, 0..<x.shape[1]))
  }
}

extension LearnedPositions: SpecifiedLayer {
  /// Its length must be said.
  public static let templates = [LearnedPositions(0)]

  public var kind: String { "learned-positions" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("length", &length, isRequired: true)
    try options.initializer("initializer", &initializer)
  }
}
