import Backprop

/// What `--network` says: one line of text, a list of layers in its place, or a YAML file of either.
enum NetworkSource {
  case text(String)
  case layers(YAMLText)

  /// Reads the value of the flag.
  ///
  /// - Throws: `FileError` or `ConfigurationError` if it names a file that cannot be read.
  init(_ text: String) throws {
    if [".yaml", ".yml"].contains(where: { text.hasSuffix($0) }) {
      let file = try YAMLText(file: text)
      self = file.json.string.map { .text($0) } ?? .layers(file)
    } else if text.drop(while: \.isWhitespace).hasPrefix("[") {
      self = .layers(try YAMLText(text, name: "--network"))
    } else {
      self = .text(text)
    }
  }
}

extension NetworkOptions {
  /// The network of a list of layers.
  ///
  /// - Parameter outputs: what `_` stands for.
  func makeLayers(
    _ text: YAMLText, outputs: Int, initializer: Initializer
  ) throws -> Sequential {
    let bias = try makeBias()
    let starts = try makeInitializers(fallback: initializer)
    let registry = LayerRegistry.standard.withDefaults([
      .init("bias", .string(bias.rawValue)), .init("freeze-biases", .bool(freezeBiases ?? false)),
      .init("initializer", .string(starts.weights.name)),
      .init("bias-initializer", .string(starts.biases.name)),
    ])
    return try text.locating { try Sequential(json: $0, outputs: outputs, registry: registry) }
  }
}
