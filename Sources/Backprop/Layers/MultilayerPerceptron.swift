public import BackpropCore

/// A feed-forward network of dense layers, made from a ``NetworkSpecification``: the network of the
/// five articles.
///
/// ```swift
/// let text = try NetworkSpecification(parsing: "_-30-_ sigmoid")
/// let network = try MultilayerPerceptron(
///   text.resolved(inputs: 784, outputs: 10, loss: .halfSquaredError, isClassification: true))
/// print(network.specification)        // 784-30-10 sigmoid sigmoid
/// ```
///
/// The layers are named `hidden` (`hidden1`, `hidden2`, … where there are several) and `output`; z
/// and a of each are labelled. An output activation `identity` leaves the logits or values as they
/// are.
///
/// - Shapes: [..., inputs] → [..., outputs].
/// - Throws: `ShapeError` if the input has another number of features than the specification.
public struct MultilayerPerceptron: Layer {
  /// The sizes and activations, resolved.
  public let specification: NetworkSpecification
  /// Which biases each layer has.
  public var bias: Dense.Bias
  /// Whether the optimiser leaves the biases as they start.
  public var freezesBias: Bool
  /// How the weights start.
  public var initializer: Initializer
  /// How the biases start.
  public var biasInitializer: Initializer

  private let sizes: [Int]
  private let output: Activation

  /// Makes a network.
  ///
  /// - Throws: ``ConfigurationError`` if the specification is not resolved.
  public init(
    _ specification: NetworkSpecification, bias: Dense.Bias = .unit, freezesBias: Bool = false,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) throws {
    let sizes = specification.sizes.compactMap { $0 }
    guard let output = specification.outputActivation, sizes.count == specification.sizes.count
    else {
      throw ConfigurationError(
        "network",
        "network '\(specification)': sizes or the output activation are open; "
          + "resolve it with the data first"
      )
    }
    (self.specification, self.sizes, self.output) = (specification, sizes, output)
    (self.bias, self.freezesBias) = (bias, freezesBias)
    (self.initializer, self.biasInitializer) = (initializer, biasInitializer)
  }

  /// The names of the layers, from the first hidden one to `output`.
  public var layerNames: [String] {
    let hidden = sizes.count - 2
    return (hidden == 1 ? ["hidden"] : (1...max(hidden, 1)).prefix(hidden).map { "hidden\($0)" })
      + ["output"]
  }

  public func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    guard x.shape.last == sizes[0] else {
      throw ShapeError(
        "network", [x.shape], "\(x.shape.last) features; '\(specification)' has \(sizes[0]) inputs")
    }
    var a = x
    for (name, units) in zip(layerNames, sizes.dropFirst()) {
      let activation = name == "output" ? output : specification.hiddenActivation ?? .identity
      a = try scope(name) { inner in
        let dense = Dense(
          units, bias: bias, freezesBias: freezesBias, initializer: initializer,
          biasInitializer: biasInitializer)
        return try activation(dense(a, inner), inner)
      }
    }
    return a
  }
}
