import BackpropCore

extension Sequential: SpecifiedLayer {
  public static let templates = [Sequential([])]

  public var kind: String { "sequential" }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try options.layers("layers", &layers)
  }

  /// Reads a network from JSON text, a list of layers: see ``LayerSpecification``.
  ///
  /// ```swift
  /// let network = try Sequential(
  ///   parsing: #"[{"dense": 128}, "relu", {"dropout": 0.2}, {"dense": "_"}]"#, outputs: 10)
  /// ```
  ///
  /// - Parameters:
  ///   - text: the list.
  ///   - outputs: what `_` stands for; nil if every size must be said.
  ///   - registry: the kinds that it may name.
  /// - Throws: ``FormatError`` if it is not JSON, ``ConfigurationError`` that names the layer and
  ///   the option if it is no such list.
  public init(
    parsing text: String, outputs: Int? = nil, registry: LayerRegistry = .standard
  ) throws {
    try self.init(
      json: JSONText.parse(Array(text.utf8)[...], name: "network"), outputs: outputs,
      registry: registry)
  }

  /// Reads a network from its form in files; errors have the place of what is wrong.
  package init(json: JSONValue, outputs: Int?, registry: LayerRegistry = .standard) throws {
    self.init(try LayerReader(registry: registry, outputs: outputs).layers(json))
  }

  /// The layers as text, all their options said; nil if one of them has no such form.
  public var specifications: [LayerSpecification]? {
    layers.isEmpty ? nil : try? LayerSpecification.list(layers)
  }

  /// The activation that the network ends with: that of its last layer, but for dropout. The
  /// identity if that layer is none.
  public var outputActivation: Activation {
    switch layers.last(where: { !($0.layer is Dropout) })?.layer {
    case let activation as Activation: activation
    case let inner as Sequential: inner.outputActivation
    default: .identity
    }
  }

  /// Checks that the network makes of the data's inputs as many outputs as the data asks for, and
  /// ends with what the cost takes.
  ///
  /// - Throws: ``ConfigurationError`` if it does not; `ShapeError` from a layer that does not take
  ///   what the one before it gives.
  public func validate(
    input: InputSpecification, target: TargetSpecification, loss: any Loss
  ) throws {
    try loss.checkOutput(outputActivation)
    try checkOutputs(input: input, target: target)
  }

  /// The part of ``validate(input:target:loss:)`` that is about sizes.
  func checkOutputs(input: InputSpecification, target: TargetSpecification) throws {
    let expected = target.predictionShape
    let sizes = Shape(Array(try outputShape(input).sizes.dropFirst()))
    guard sizes == expected else {
      let number = target.outputs
      throw ConfigurationError(
        "network",
        sizes.sizes.dropLast() == expected.sizes.dropLast() && sizes.rank > 0
          ? "the network has \(sizes.last) outputs, but the data has \(number); end it with "
            + "dense: \(number) or dense: _"
          : "the network gives \(sizes) for a sample; expected \(expected)")
    }
  }

  /// What comes out for a batch of two samples.
  package func outputShape(_ input: InputSpecification) throws -> Shape {
    let trace = Trace(mode: .evaluation, scalarType: .float32)
    let isIndex = if case .index = input { true } else { false }
    let x = trace.builder.leaf(
      .input("input"), Shape([2] + input.shape.sizes), isIndex ? .int32 : .float32)
    return try self(x, trace.scope).shape
  }
}
