public import BackpropCore

/// Layers one behind the other, each under its own name.
///
/// ```swift
/// let model = Sequential([
///   ("hidden", Dense(128)), ("relu", Activation.relu), ("dropout", Dropout(0.5)),
///   ("output", Dense(10)),
/// ])
/// ```
///
/// - Throws: `ShapeError` if a name is used twice.
public struct Sequential: Layer {
  /// The layers with their names, from input to output.
  public var layers: [(name: String, layer: any Layer)]

  /// Makes a network.
  public init(_ layers: [(name: String, layer: any Layer)]) { self.layers = layers }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    try layers.reduce(x) { value, item in try scope(item.name, item.layer, value) }
  }
}
