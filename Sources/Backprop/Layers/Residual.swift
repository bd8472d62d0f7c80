public import BackpropCore

/// Layers one behind the other with their input added to what comes out, `y = x + f(x)`.
///
/// ```swift
/// Residual([("norm", LayerNorm()), ("dense", Dense(64)), ("relu", Activation.relu)])
/// ```
///
/// - Shapes: any that the layers give back as it was → the same.
/// - Throws: `ShapeError` if the layers change the shape, or a name is used twice.
/// - Source: K. He et al., "Deep Residual Learning for Image Recognition" (2016), equation (1).
public struct Residual: Layer {
  /// The layers with their names, from input to output.
  public var layers: [(name: String, layer: any Layer)]

  /// Makes a layer.
  public init(_ layers: [(name: String, layer: any Layer)]) { self.layers = layers }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let y = try Sequential(layers)(x, scope)
    guard y.type == x.type else {
      throw ShapeError(
        kind, [x.shape, y.shape], "the layers make \(y.type) of \(x.type); expected the same")
    }
    return try x + y
  }
}

extension Residual: SpecifiedLayer {
  /// Its layers must be said.
  public static let templates = [Residual([])]

  public var kind: String { "residual" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.layers("layers", &layers)
  }
}
