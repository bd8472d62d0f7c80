/// Whether a network is being trained or only used.
public enum Mode: String, Hashable, Sendable { case training, evaluation }

/// The part a parameter plays; it decides what weight decay touches.
public enum ParameterRole: String, Hashable, Sendable { case weight, bias, scale }

/// What a layer asked for: a named array of the training state.
public struct Declaration {
  /// What becomes of the array.
  public enum Kind: Sendable, Equatable {
    /// Trained by the optimiser.
    case parameter(ParameterRole)
    /// Saved but not trained: running statistics.
    case variable
  }
  /// The path, as in `hidden.weight`.
  public let path: String
  /// The sizes.
  public let shape: Shape
  /// How it starts.
  public let initial: Initializer
  /// What becomes of it.
  public let kind: Kind
  /// Whether the optimiser leaves it alone.
  public package(set) var isFrozen: Bool
  /// Its value in the graph.
  public let value: Value
}

/// What the layers of one network have asked for while their graph was traced.
package final class Trace {
  package let builder = GraphBuilder()
  package let mode: Mode
  package let scalarType: ScalarType
  package var declarations: [Declaration] = []
  package var updates: [(path: String, value: Value)] = []
  package var keys: [String: Value] = [:]
  /// What each path in use names.
  package var usedPaths: [String: String] = [:]
  package var shared: Set<String> = []
  /// How many numbers the declarations hold.
  package var declaredCount = 0
  /// How many they may hold: a network that a file asks for must not overflow a size.
  package static let countLimit = 1 << 40
  /// How many times of sequences are written out one by one, counted for each layer and direction.
  package var unrolledTimes = 0

  package init(mode: Mode, scalarType: ScalarType) {
    (self.mode, self.scalarType) = (mode, scalarType)
  }
  package var scope: Scope { Scope(trace: self, path: "", sharing: false) }
}

/// The place in a network where a layer stands: it declares parameters, names inner layers and knows the mode.
///
/// ```swift
/// struct Gain: Layer {
///   func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
///     try x * scope.parameter("gain", [x.shape.last], .ones, role: .scale)
///   }
/// }
/// ```
///
/// A path names one thing. Using it twice is an error that names it; sharing is said with ``shared(_:)``.
public struct Scope {
  package let trace: Trace
  /// The path of this place, as in `encoder.hidden`; empty at the top.
  public let path: String
  let sharing: Bool

  /// Whether the network is being trained or only used.
  public var mode: Mode { trace.mode }
  /// The scalar type of parameters: float32 or float64.
  public var scalarType: ScalarType { trace.scalarType }

  private func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The place of an inner layer.
  ///
  /// - Throws: ``ShapeError`` if the name is in use here.
  public func child(_ name: String) throws -> Scope {
    if !sharing { try claim(join(name), "a layer") }
    return Scope(trace: trace, path: join(name), sharing: sharing)
  }

  /// A place that may be used many times: every use has the same parameters.
  public func shared(_ name: String) -> Scope {
    trace.shared.insert(join(name))
    return Scope(trace: trace, path: join(name), sharing: true)
  }

  private func claim(_ path: String, _ use: String) throws {
    let earlier = trace.shared.contains(path) ? "a shared place" : trace.usedPaths[path]
    if let earlier {
      throw ShapeError(
        "scope", path: self.path,
        "the path '\(path)' is used twice, for \(earlier) and for \(use); give the second one another name, "
          + "or say scope.shared(\"…\") for both")
    }
    trace.usedPaths[path] = use
  }

  /// Runs an inner layer: everything it declares stands under `name`, and errors name that path.
  public func callAsFunction<L: Layer>(_ name: String, _ layer: L, _ input: Value) throws -> Value {
    try callAsFunction(name) { try layer(input, $0) }
  }

  /// Runs a piece of network under `name`: for layers with several inputs or outputs.
  public func callAsFunction<T>(_ name: String, _ body: (Scope) throws -> T) throws -> T {
    let inner = try child(name)
    let outer = trace.builder.path
    trace.builder.path = inner.path
    defer { trace.builder.path = outer }
    do {
      return try body(inner)
    } catch var error as ShapeError where error.path.isEmpty {
      error.path = inner.path
      throw error
    }
  }

  /// A trained parameter.
  ///
  /// - Parameters:
  ///   - name: the last part of its path.
  ///   - shape: its sizes.
  ///   - initial: how it starts.
  ///   - role: decides what weight decay touches.
  ///   - frozen: whether the optimiser leaves it alone.
  /// - Throws: ``ShapeError`` if the path is in use, or shared with another shape.
  public func parameter(
    _ name: String, _ shape: Shape, _ initial: Initializer, role: ParameterRole,
    frozen: Bool = false
  ) throws -> Value {
    try declare(name, shape, initial, .parameter(role), frozen)
  }

  /// An array that is saved with the parameters but not trained; ``update(_:to:)`` gives it its next value.
  public func variable(_ name: String, _ shape: Shape, _ initial: Initializer) throws -> Value {
    try declare(name, shape, initial, .variable, true)
  }

  /// Gives a variable of this scope its value for the next step.
  public func update(_ name: String, to value: Value) { trace.updates.append((join(name), value)) }

  /// A random key of this scope's own, new at every step, shape [2].
  public func randomKey(_ name: String) throws -> Value {
    let path = join(name)
    if let key = trace.keys[path], sharing { return key }
    try claim(path, "a random key")
    let key = trace.builder.leaf(.key(path), [2], .int32)
    trace.keys[path] = key
    return key
  }

  private func count(_ shape: Shape, _ path: String) throws {
    var total: Int? = 1
    for size in shape.sizes {
      let (product, isTooLarge) = (total ?? 0).multipliedReportingOverflow(by: size)
      total = isTooLarge || total == nil ? nil : product
    }
    guard let total, total <= Trace.countLimit - trace.declaredCount else {
      throw ShapeError(
        "scope", [shape], path: path, "more parameters than the 2^40 that a network may have")
    }
    trace.declaredCount += total
  }

  private func declare(
    _ name: String, _ shape: Shape, _ initial: Initializer, _ kind: Declaration.Kind, _ frozen: Bool
  ) throws -> Value {
    let path = join(name)
    if sharing, let earlier = trace.declarations.first(where: { $0.path == path }) {
      guard earlier.shape == shape else {
        throw ShapeError(
          "scope", [earlier.shape, shape], path: path, "a shared parameter has two shapes")
      }
      return earlier.value
    }
    try count(shape, path)
    try claim(path, kind == .variable ? "a variable" : "a parameter")
    let leaf: Leaf = kind == .variable ? .variable(path) : .parameter(path)
    let value = trace.builder.leaf(leaf, shape, trace.scalarType)
    trace.declarations.append(
      Declaration(
        path: path, shape: shape, initial: initial, kind: kind, isFrozen: frozen, value: value))
    return value
  }
}

/// A piece of a network with one input and one output: a value with a function that builds graph.
///
/// Layers with more inputs or outputs need no protocol: they are called inside ``Scope/callAsFunction(_:_:)``.
public protocol Layer: Sendable {
  /// Builds the graph of this layer.
  ///
  /// - Parameters:
  ///   - input: the values that enter, the batch as first axis.
  ///   - scope: where parameters are declared.
  func callAsFunction(_ input: Value, _ scope: Scope) throws -> Value
}
