/// A layer as text: its kind, its name in the network, and its options.
///
/// In YAML, and in the JSON of `model.json`, a network is a list of these:
///
/// ```yaml
/// - dense: 128
/// - batch-norm
/// - relu
/// - dropout: 0.2
/// - dense: {units: 64, bias: none, initializer: he-normal, name: second}
/// - leaky-relu: {slope: 0.05}
/// - dense: _
/// ```
///
/// | kind | options, the first of which may stand alone |
/// |---|---|
/// | `dense` | `units` (`_`: the outputs that the data asks for), `bias`, `freeze-biases`, `initializer`, `bias-initializer` |
/// | the names of ``Activation`` | those of each, as `slope` of `leaky-relu` |
/// | `glu` | |
/// | `prelu` | `start`, `per-feature` |
/// | `rrelu` | `lower`, `upper` |
/// | `dropout`, `channel-dropout` | `rate` |
/// | `batch-norm` | `epsilon`, `momentum` |
/// | `layer-norm` | `epsilon`, `axes`, `parameters` (`scale-and-bias`, `scale`, `none`) |
/// | `rms-norm`, `instance-norm` | `epsilon`, `parameters` |
/// | `group-norm` | `groups`, `epsilon`, `parameters` |
/// | `embedding` | `count`, `features`, `padding` (an index, or `none`), `initializer` |
/// | `learned-positions` | `length`, `initializer` |
/// | `sinusoidal-positions` | `base` |
/// | `rnn`, `lstm`, `gru` | `units`, `layers`, `bidirectional`, `output` (`sequence`, `last`), `dropout`, `function` (of `rnn`: `tanh`, `relu`), `initializer` |
/// | `multi-head-attention` | `heads`, `causal`, `dropout`, `biases`, `rotary` (`none`, `halves`, `neighbors`), `initializer` |
/// | `transformer-block` | `heads`, `hidden`, `causal`, `activation`, `dropout`, `normalization` (`before`, `behind`), `rotary`, `epsilon` |
/// | `conv-2d`, `conv-1d` | `channels`, `kernel`, `stride`, `padding` (or `same`), `dilation`, `groups`, `bias`, `initializer` |
/// | `conv-transposed-2d` | `channels`, `kernel`, `stride`, `padding`, `extra`, `dilation`, `bias`, `initializer` |
/// | `max-pool-2d`, `max-pool-1d` | `size`, `stride`, `padding`, `dilation` |
/// | `average-pool-2d`, `average-pool-1d` | `size`, `stride`, `padding`, `count-padding` |
/// | `adaptive-pool-2d` | `size`, `pooling` (`average`, `max`) |
/// | `global-pool` | `pooling` |
/// | `pad-2d` | `places`, `filling` (`constant`, `reflect`, `replicate`, `circular`), `value` |
/// | `flatten` | |
/// | `reshape` | `sizes` |
/// | `sequential` | `layers`, a list such as this one |
/// | `residual` | `layers`, one behind the other |
/// | `parallel` | `layers`, side by side, `combination` (`concatenate`, `add`) |
///
/// Sizes of windows, strides and the like are one number or `[height, width]`.
///
/// Every kind also has the option `name`, its part of the paths in `model.safetensors`. Unless told
/// it is the kind and its number among the layers of that kind: `dense1`, `batch-norm1`, `relu1`,
/// `dropout1`, `second`, `leaky-relu1`, `dense3`.
public struct LayerSpecification: Hashable, Sendable, CustomStringConvertible {
  /// The name of the kind, in kebab case.
  public let kind: String
  /// The name in the network; nil for one that follows from the kind.
  public let name: String?
  /// An option that stands without its name.
  let shorthand: JSONValue?
  /// The options by name: an object.
  let options: JSONValue

  init(kind: String, name: String?, shorthand: JSONValue? = nil, options: JSONValue = .object([])) {
    (self.kind, self.name) = (kind, name)
    (self.shorthand, self.options) = (shorthand, options)
  }

  /// Describes a layer, all its options said.
  ///
  /// - Throws: ``ConfigurationError`` if an option cannot be written, such as an initializer that
  ///   ``Initializers`` does not know.
  public init(_ layer: some SpecifiedLayer, name: String? = nil) throws {
    var copy = layer
    var options = LayerOptions()
    try copy.visit(&options)
    self.init(kind: layer.kind, name: name, options: .object(options.written))
  }

  /// Describes layers under their names.
  ///
  /// - Throws: ``ConfigurationError`` for a layer that is no ``SpecifiedLayer``, a name that cannot
  ///   be read back, or what ``init(_:name:)`` throws.
  static func list(
    _ layers: [(name: String, layer: any Layer)]
  ) throws -> [LayerSpecification] {
    try layers.map { name, layer in
      guard let layer = layer as? any SpecifiedLayer, isName(name) else {
        throw ConfigurationError("network", "the layer '\(name)' cannot be written as text")
      }
      return try LayerSpecification(layer, name: name)
    }
  }

  /// Whether a text can be a layer's name: it is part of a path, and is printed.
  static func isName(_ text: String) -> Bool {
    (1...100).contains(text.unicodeScalars.count) && !text.contains(".")
      && text.unicodeScalars.allSatisfy(\.properties.isPrintable)
  }

  /// The form in files: the kind alone, or an object of the kind with what it is given.
  package var json: JSONValue {
    if let shorthand { return .object([.init(kind, shorthand)]) }
    let name = name.map { [JSONValue.Member("name", .string($0))] } ?? []
    let members = name + (options.members ?? [])
    return members.isEmpty ? .string(kind) : .object([.init(kind, .object(members))])
  }

  /// The kind with its first option if that is not what it would be unless told: `dense 64`.
  public var description: String {
    let first = shorthand ?? options.members?.first?.value
    let template = LayerRegistry.standard[kind].flatMap { try? LayerSpecification($0) }
    guard let first, first != template?.options.members?.first?.value else { return kind }
    if let elements = first.elements, elements.contains(where: { $0.double == nil }) {
      return "\(kind) [\(Self.summary(elements))]"
    }
    return "\(kind) \(first.double.map(shortest) ?? first.string ?? first.text())"
  }

  /// A network in one line, as tables show it: `dense 128, relu, dense 10`.
  ///
  /// - Parameter list: layers as `model.json` has them.
  package static func summary(_ list: [JSONValue]) -> String {
    list.map { json in
      (try? LayerSpecification(json, LayerPlace(path: [], number: "")))?.description ?? "?"
    }.joined(separator: ", ")
  }
}
