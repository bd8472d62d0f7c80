public import BackpropCore

/// Layers side by side: each gets the whole input.
///
/// A branch of several layers is a ``Sequential``; one that does nothing is ``Activation/identity``.
///
/// - Shapes: any, whose branches give equal shapes but, if they are concatenated, for the last axis →
///   that shape, or the sizes of the last axis added.
/// - Throws: `ShapeError` if the shapes do not fit, there is no branch, or a name is used twice.
public struct Parallel: Layer {
  /// How the branches meet.
  public enum Combination: String, Hashable, Sendable, CaseIterable {
    /// Side by side along the last axis, in order.
    case concatenate
    /// Added.
    case add
  }

  /// The branches with their names.
  public var layers: [(name: String, layer: any Layer)]
  /// How they meet.
  public var combination: Combination

  /// Makes a layer.
  public init(
    _ layers: [(name: String, layer: any Layer)], combination: Combination = .concatenate
  ) {
    (self.layers, self.combination) = (layers, combination)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    var outputs: [Value] = []
    for (name, layer) in layers { outputs.append(try scope(name, layer, x)) }
    guard let first = outputs.first else {
      throw ShapeError(kind, [x.shape], "there is no branch; expected at least one")
    }
    guard combination == .add else { return try outputs.joined(axis: -1) }
    guard outputs.allSatisfy({ $0.type == first.type }) else {
      throw ShapeError(
        kind, outputs.map(\.shape), "branches that are added must give one shape")
    }
    return try outputs.dropFirst().reduce(first) { try $0 + $1 }
  }
}

extension Parallel: SpecifiedLayer {
  /// Its layers must be said.
  public static let templates = [Parallel([])]

  public var kind: String { "parallel" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.layers("layers", &layers)
    try options.choice("combination", &combination)
  }
}
