public import BackpropCore

/// A fully connected layer without activation, `z = x·W + b`.
///
/// ```swift
/// let h = try scope("hidden", Dense(30), x).sigmoid()
/// ```
///
/// - Shapes: x [..., inputs] → [..., units], with at least one axis before the last.
/// - Parameters it declares: `weight` [inputs, units], role weight; `bias` [units], or [1] for one
///   that the units share, role bias.
/// - The result is labelled `Label.weightedInput`.
/// - Throws: `ShapeError` for an input without a batch axis.
public struct Dense: Layer {
  /// Which biases a layer has.
  public enum Bias: String, Hashable, Sendable, CaseIterable {
    /// One for each unit.
    case unit
    /// One for the whole layer, which all its units share.
    case layer
    /// None.
    case none
  }

  /// How many numbers come out.
  public var units: Int
  /// Which biases there are.
  public var bias: Bias
  /// Whether the optimiser leaves the biases as they start.
  public var freezesBias: Bool
  /// How the weights start.
  public var initializer: Initializer
  /// How the biases start.
  public var biasInitializer: Initializer

  /// Makes a layer.
  public init(
    _ units: Int, bias: Bias = .unit, freezesBias: Bool = false,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.units = units
    (self.bias, self.freezesBias) = (bias, freezesBias)
    (self.initializer, self.biasInitializer) = (initializer, biasInitializer)
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard units >= 1, x.shape.rank >= 2 else {
      throw ShapeError(
        "dense", [x.shape],
        units < 1
          ? "\(units) units; expected at least 1"
          : "the input needs a batch axis and an axis of features")
    }
    let inputs = x.shape.last
    let (size, isTooLarge) = x.shape.rows.multipliedReportingOverflow(by: units)
    guard !isTooLarge, size <= 1 << 56 else {
      throw ShapeError("dense", [x.shape], "\(units) units for each are more than can be counted")
    }
    let weight = try scope.parameter("weight", [inputs, units], initializer, role: .weight)
    // Any axes before the last become rows of one matrix product.
    let rows = x.shape.rank == 2 ? x : try x.reshaped(to: [x.shape.rows, inputs])
    var z = try rows.matmul(weight)
    z = try z.adding(bias, units, scope, biasInitializer, isFrozen: freezesBias)
    if x.shape.rank != 2 {
      z = try z.reshaped(to: Shape(x.shape.sizes.dropLast() + [units]))
    }
    return z.labelled(.weightedInput)
  }
}

extension Value {
  /// This value plus the biases of a layer's place, along the last axis.
  func adding(
    _ bias: Dense.Bias, _ units: Int, _ scope: Scope, _ initializer: Initializer = .zeros,
    isFrozen: Bool = false
  ) throws -> Value {
    guard bias != .none else { return self }
    return try self
      + scope.parameter(
        "bias", bias == .unit ? [units] : [1], initializer, role: .bias, frozen: isFrozen)
  }
}

extension Dense: SpecifiedLayer {
  /// Its units must be said.
  public static let templates = [Dense(0)]

  public var kind: String { "dense" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.count("units", &units, isRequired: true, allowsOutputs: true)
    try options.choice("bias", &bias)
    try options.flag("freeze-biases", &freezesBias)
    try options.initializer("initializer", &initializer)
    try options.initializer("bias-initializer", &biasInitializer)
  }
}
