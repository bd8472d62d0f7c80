public import BackpropCore

/// The options of one ``SpecifiedLayer``, being read or written: each function gives a variable the
/// value that stands in the text, or writes down the value that it has.
///
/// An option that the text does not name keeps the value of the kind's template.
public struct LayerOptions {
  /// What is being read.
  struct Source {
    let specification: LayerSpecification
    let place: LayerPlace
    let reader: LayerReader
  }

  private let source: Source?
  /// The names of all options so far.
  private(set) var known: [String] = []
  /// The options that were written.
  private(set) var written: [JSONValue.Member] = []

  /// Starts to write.
  init() { source = nil }

  /// Starts to read.
  init(_ source: Source) { self.source = source }

  /// A whole number from 1 to 2³¹.
  ///
  /// - Parameters:
  ///   - name: the option, in kebab case.
  ///   - value: what is read or written.
  ///   - isRequired: whether the text must say it.
  ///   - allowsOutputs: whether `_` may stand for the number of outputs that the data asks for.
  public mutating func count(
    _ name: String, _ value: inout Int, isRequired: Bool = false, allowsOutputs: Bool = false
  ) throws {
    let sizes = 1...1 << 31
    let outputs = allowsOutputs ? source?.reader.outputs : nil
    let expected =
      "a whole number of at least 1" + (outputs == nil ? "" : ", or _ for the data's own")
    try transfer(
      name, &value, isRequired: isRequired, expected: expected,
      read: { json in
        if let outputs, json == "_" { return outputs }
        return json.integer.flatMap { sizes.contains($0) ? $0 : nil }
      },
      write: { sizes.contains($0) ? .integer($0) : nil })
  }

  /// A whole number from 0 to 2³¹ − 1, or none.
  public mutating func index(_ name: String, _ value: inout Int?) throws {
    let range = 0...(1 << 31) - 1
    try transfer(
      name, &value, expected: "a whole number of at least 0, or none",
      read: { json -> Int?? in
        if json == "none" { return .some(nil) }
        return json.integer.flatMap { range.contains($0) ? .some($0) : nil }
      },
      write: { index in
        guard let index else { return "none" }
        return range.contains(index) ? .integer(index) : nil
      })
  }

  /// A number in a range.
  public mutating func number(
    _ name: String, _ value: inout Double, _ range: NumberRange, isRequired: Bool = false
  ) throws {
    try transfer(
      name, &value, isRequired: isRequired, expected: range.rawValue,
      read: { json in json.double.flatMap { range.contains($0) ? $0 : nil } },
      write: { range.contains($0) ? .number($0) : nil })
  }

  /// Yes or no.
  public mutating func flag(_ name: String, _ value: inout Bool) throws {
    try transfer(name, &value, expected: "true or false", read: \.bool, write: { .bool($0) })
  }

  /// One of the names of an enumeration.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ value: inout Choice
  ) throws where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    try transfer(
      name, &value, expected: names.joined(separator: ", "),
      read: { json in
        guard let text = json.string else { return nil }
        guard let choice = Choice(rawValue: text) else {
          throw ConfigurationError.unknown(name, text, known: names)
        }
        return choice
      },
      write: { .string($0.rawValue) })
  }

  /// An activation by a name of ``Activation``, with its option if it has one.
  public mutating func activation(_ name: String, _ value: inout Activation) throws {
    try transfer(
      name, &value, expected: "the name of an activation",
      read: { json in try json.string.map { try Activation(named: $0) } },
      write: { .string($0.description) })
  }

  /// An initializer by a name of ``Initializers``; one without such a name cannot be written.
  public mutating func initializer(_ name: String, _ value: inout Initializer) throws {
    try transfer(
      name, &value, expected: "the name of an initializer",
      read: { json in try json.string.map { try Initializers.named($0) } },
      write: { initializer in
        (try? Initializers.named(initializer.name)).map { .string($0.name) }
      })
  }

  /// Layers within this one, one behind the other: a list in the text. All must be
  /// ``SpecifiedLayer``s to be written.
  public mutating func layers(
    _ name: String, _ value: inout [(name: String, layer: any Layer)]
  ) throws {
    let source = source
    let isShorthand = known.isEmpty && source?.specification.shorthand != nil
    try transfer(
      name, &value, isRequired: true, expected: "a list of layers",
      read: { json in
        guard let source, json.elements?.isEmpty == false else { return nil }
        return try source.reader.layers(
          json, path: source.place.option(name, isShorthand: isShorthand),
          number: source.place.number + ".")
      },
      write: { layers in
        .array(try LayerSpecification.list(layers).map(\.json))
      })
  }

  mutating func transfer<T>(
    _ name: String, _ value: inout T, isRequired: Bool = false, expected: String,
    read: (JSONValue) throws -> T?, write: (T) throws -> JSONValue?
  ) throws {
    let isMain = known.isEmpty
    known.append(name)
    guard let source else {
      guard let json = try write(value) else {
        throw ConfigurationError(
          "network", "\(name) has a value without a name; expected \(expected)")
      }
      written.append(.init(name, json))
      return
    }
    let (specification, place) = (source.specification, source.place)
    let isShorthand = isMain && specification.shorthand != nil
    let given = isShorthand ? specification.shorthand : specification.options[name]
    let fallback = source.reader.registry.defaults.first { $0.name == name }?.value
    guard let json = given ?? fallback else {
      guard isRequired else { return }
      throw place.error("\(name) is missing; expected \(expected)")
    }
    let path = place.option(name, isShorthand: isShorthand)
    do {
      guard let new = try read(json) else {
        throw place.error("\(name): expected \(expected), found \(json.kind)", at: path)
      }
      value = new
    } catch let error as ConfigurationError where error.place.isEmpty {
      throw place.error("\(name): \(error.message)", at: path)
    }
  }

  /// Checks that every option was asked for.
  func finish() throws {
    guard let source else { return }
    let (specification, place) = (source.specification, source.place)
    if known.isEmpty, let value = specification.shorthand {
      throw place.error("it takes no number or text, found \(value.kind)")
    }
    for option in specification.options.members ?? [] where !known.contains(option.name) {
      let message = ConfigurationError.unknown("option", option.name, known: known + ["name"])
        .message
      throw place.error(message, at: place.option(option.name, isShorthand: false))
    }
  }
}
