import BackpropCore

/// Makes layers from their text.
struct LayerReader {
  let registry: LayerRegistry
  /// What `_` stands for; nil where sizes must be said.
  let outputs: Int?

  /// Layers with their names.
  ///
  /// - Parameters:
  ///   - json: the list.
  ///   - path: the way to it in the text.
  ///   - number: what stands before the positions in errors, as in `3.`.
  /// - Throws: ``ConfigurationError`` with the place of what is wrong.
  func layers(
    _ json: JSONValue, path: [String] = [], number: String = ""
  ) throws -> [(name: String, layer: any Layer)] {
    guard let elements = json.elements, !elements.isEmpty else {
      let found = json.elements == nil ? json.kind : "an empty one"
      throw ConfigurationError(
        "network", "expected a list of layers, as in [dense: 128, relu, dense: _], found \(found)",
        place: path)
    }
    var specifications: [(specification: LayerSpecification, place: LayerPlace)] = []
    for (index, element) in elements.enumerated() {
      let start = LayerPlace(path: path + ["\(index)"], number: "\(number)\(index + 1)")
      let specification = try LayerSpecification(element, start)
      let own = specification.name.map { "\(FormatError.quoted($0)) (\(specification.kind))" }
      let key = element.members?.first.map { [$0.name] } ?? []
      specifications.append(
        (
          specification,
          LayerPlace(
            path: start.path + key, number: start.number,
            label: own ?? FormatError.quoted(specification.kind))
        ))
    }
    let names = try Self.names(specifications)
    return try zip(names, specifications).map { ($0, try layer($1.specification, $1.place)) }
  }

  private func layer(
    _ specification: LayerSpecification, _ place: LayerPlace
  ) throws -> any Layer {
    guard var layer = registry[specification.kind] else {
      let error = ConfigurationError.unknown(
        "kind of layer", specification.kind, known: registry.kinds)
      throw LayerPlace(path: place.path, number: place.number).error(error.message)
    }
    var options = LayerOptions(.init(specification: specification, place: place, reader: self))
    try layer.visit(&options)
    try options.finish()
    return layer
  }

  /// Each layer's own name, or its kind and the first free number among those of the kind.
  private static func names(
    _ layers: [(specification: LayerSpecification, place: LayerPlace)]
  ) throws -> [String] {
    var positions: [String: String] = [:]
    for (specification, place) in layers {
      guard let name = specification.name else { continue }
      if let earlier = positions.updateValue(place.number, forKey: name) {
        throw place.error("the name is that of layer \(earlier) already", at: place.path + ["name"])
      }
    }
    var counts: [String: Int] = [:]
    return layers.map { specification, place in
      let kind = specification.kind
      counts[kind, default: 0] += 1
      if let name = specification.name { return name }
      while positions["\(kind)\(counts[kind]!)"] != nil { counts[kind]! += 1 }
      return "\(kind)\(counts[kind]!)"
    }
  }
}
