package import BackpropCore

/// A network as `model.json` and settings have it: one line of text, or a list of layers.
package enum NetworkForm: Hashable, Sendable, CustomStringConvertible {
  /// That of a ``MultilayerPerceptron``.
  case text(NetworkSpecification)
  /// That of a ``Sequential`` of layers with names in text.
  case layers([LayerSpecification])

  /// The form of a network; nil if it has none.
  package init?(_ network: any Layer) {
    if let perceptron = network as? MultilayerPerceptron {
      self = .text(perceptron.specification)
    } else if let layers = (network as? Sequential)?.specifications {
      self = .layers(layers)
    } else {
      return nil
    }
  }

  /// The value in files.
  package var json: JSONValue {
    switch self {
    case .text(let specification): .string(specification.description)
    case .layers(let layers): .array(layers.map(\.json))
    }
  }

  /// One line.
  package var description: String {
    switch self {
    case .text(let specification): specification.description
    case .layers(let layers): layers.map(\.description).joined(separator: ", ")
    }
  }
}
