/// Where a layer stands in a text, for errors.
struct LayerPlace {
  /// The way to it from the whole text: indices of lists and names of members.
  let path: [String]
  /// Its position, from 1: `3`, or `3.2` within the third.
  let number: String
  /// Its kind, and its name where it has one of its own.
  var label = ""

  /// The way to an option of the layer.
  func option(_ name: String, isShorthand: Bool) -> [String] {
    path + (isShorthand ? [] : [name])
  }

  /// An error that begins with the layer: `layer 3 'dense': …`.
  func error(_ message: String, at path: [String]? = nil) -> ConfigurationError {
    let label = label.isEmpty ? "" : " \(label)"
    return ConfigurationError(
      "network", "layer \(number)\(label): \(message)", place: path ?? self.path)
  }
}

extension LayerSpecification {
  /// Reads the form of files, without knowing what the kind's options are.
  ///
  /// - Throws: ``ConfigurationError`` with the place.
  init(_ json: JSONValue, _ start: LayerPlace) throws {
    if let kind = json.string, Self.isName(kind) {
      self.init(kind: Self.normal(kind), name: nil)
      return
    }
    guard let members = json.members, let first = members.first, Self.isName(first.name) else {
      throw start.error(
        "expected the kind of a layer, as in relu, or with options, as in dense: 128; found "
          + json.kind)
    }
    guard members.count == 1 else {
      throw start.error(
        "'\(first.name)' and '\(members[1].name)' stand side by side; write the options of a layer "
          + "in braces, as in dense: {units: 64, bias: none}", at: start.path + [members[1].name])
    }
    let kind = Self.normal(first.name)
    let place = LayerPlace(
      path: start.path + [first.name], number: start.number, label: FormatError.quoted(kind))
    guard let given = first.value.members else {
      let isNothing = first.value == .null
      self.init(kind: kind, name: nil, shorthand: isNothing ? nil : first.value)
      return
    }
    var name: String?
    var options: [JSONValue.Member] = []
    for member in given {
      let option = JSONValue.Member(Self.normal(member.name), member.value)
      let path = place.path + [member.name]
      guard Self.isName(option.name) else {
        throw place.error(
          "expected the name of an option, found \(FormatError.quoted(option.name))")
      }
      guard options.allSatisfy({ $0.name != option.name }) else {
        throw place.error("the option '\(option.name)' is given twice", at: path)
      }
      guard option.name == "name" else {
        options.append(option)
        continue
      }
      guard name == nil, let text = member.value.string, Self.isName(text) else {
        throw place.error(
          "name: expected a text of at most 100 letters without a dot, found \(member.value.kind)",
          at: path)
      }
      name = text
    }
    self.init(kind: kind, name: name, options: .object(options))
  }

  private static func normal(_ name: String) -> String {
    String(name.map { $0 == "_" ? "-" : $0 })
  }
}
