import Backprop
import Yams

/// A YAML text as a JSON value, with the line and column of each part of it.
struct YAMLText {
  /// How many values a text may have: aliases of aliases grow without end.
  private static let limit = 100_000
  /// How deep lists and mappings may stand in each other.
  private static let depthLimit = 64
  /// How many bytes a text may have, and one with aliases: a parser goes down into what they stand for, level by level,
  /// and its stack must last under a sanitizer too.
  private static let (sizeLimit, aliasedSizeLimit) = (1 << 20, 1 << 13)
  /// How many aliases a text may have. Those of those of those … multiply: of 16, each used twice or
  /// three times, come some 360 copies; and a parser compares the keys of mappings, copies and all,
  /// before anybody else sees them.
  private static let aliasLimit = 16

  /// What stands in the text.
  private(set) var json = JSONValue.null
  private let name: String
  private var marks: [[String]: Mark] = [:]
  private var count = 0

  /// Reads a file.
  ///
  /// - Throws: `FileError` if it cannot be read, `ConfigurationError` of one line, with the place in
  ///   the file, if it is not YAML.
  init(file path: String) throws {
    try self.init(Self.read(path), name: path)
  }

  /// Reads the bytes of a file; `name` stands for it in errors.
  init(_ bytes: [UInt8], name: String) throws {
    try self.init(Self.text(bytes, name), name: name)
  }

  /// Reads a text; `name` stands for it in errors.
  init(_ text: String, name: String) throws { try self.init(Self.root(of: text, name), name: name) }

  /// Takes a part of a text that is read already; `name` stands for the text in errors.
  init(_ node: Yams.Node?, name: String) throws {
    self.name = name
    if let node { json = try value(node, []) }
  }

  /// The text of a file.
  static func read(_ path: String) throws -> String {
    try text(FileIO.read(path, limit: sizeLimit), path)
  }

  /// The text of a file's bytes.
  static func text(_ bytes: [UInt8], _ path: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError("config", "\(path): expected text in UTF-8, found other bytes")
    }
    return text
  }

  /// The tree of a text.
  static func root(of text: String, _ name: String) throws -> Yams.Node? {
    try checkSize(text, name)
    do {
      return try compose(yaml: text)
    } catch let error as YamlError {
      throw failure(name, error)
    }
  }

  /// Refuses what a parser would work on for long: see the limits.
  private static func checkSize(_ text: String, _ name: String) throws {
    // Whatever looks like an alias counts: `*` where a value may begin, and a name behind it.
    var (aliases, line) = (0, 1)
    var (before, last): (UInt8, UInt8) = (0x20, 0x20)
    for byte in text.utf8 {
      let mayBegin = before <= 0x20 || "[{,:-?".utf8.contains(before)
      if last == UInt8(ascii: "*"), mayBegin, byte > 0x20 { aliases += 1 }
      guard aliases <= aliasLimit else {
        throw ConfigurationError(
          "config", "\(name): line \(line): expected at most \(aliasLimit) aliases, found more")
      }
      if byte == 0x0a { line += 1 }
      (before, last) = (last, byte)
    }
    let limit = aliases > 0 ? aliasedSizeLimit : sizeLimit
    guard text.utf8.count <= limit else {
      throw ConfigurationError(
        "config",
        "\(name): expected at most \(limit) bytes of YAML\(aliases > 0 ? " with aliases" : ""), "
          + "found \(text.utf8.count)")
    }
  }

  private static func failure(_ path: String, _ error: YamlError) -> ConfigurationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ConfigurationError("config", "\(path): line \(mark.line): not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      ConfigurationError(
        "config", "\(path): line \(context.mark.line): \(list(keys)) stands there a second time")
    default: ConfigurationError("config", "\(path): not YAML")
    }
  }

  /// Runs what reads the value, and gives its errors their line and column: `net.yaml:5:3: …`.
  ///
  /// - Parameter network: the layers that the value is the list of, to find one by its name.
  func locating<T>(_ network: Sequential? = nil, _ body: (JSONValue) throws -> T) throws -> T {
    do {
      return try body(json)
    } catch let error as ConfigurationError where error.option == "network" {
      throw failure(at: error.place, error.message)
    } catch let error as ShapeError {
      let layer = error.path.prefix { $0 != "." }
      let index = network?.layers.firstIndex { $0.name == layer }
      throw failure(at: index.map { ["\($0)"] } ?? [], "\(error)")
    }
  }

  private func failure(at place: [String], _ message: String) -> ConfigurationError {
    var place = place
    while !place.isEmpty, marks[place] == nil { place.removeLast() }
    let position = place.isEmpty ? nil : marks[place].map { ":\($0.line):\($0.column)" }
    return ConfigurationError("network", "\(name)\(position ?? ""): \(message)")
  }

  private mutating func value(_ node: Yams.Node, _ place: [String]) throws -> JSONValue {
    count += 1
    if marks[place] == nil { marks[place] = node.mark }
    guard count <= Self.limit, place.count <= Self.depthLimit else {
      throw failure(
        at: place, "more than \(Self.limit) values, or \(Self.depthLimit) in each other")
    }
    switch node {
    case .scalar(let scalar): return Self.value(scalar)
    case .sequence(let nodes):
      return .array(try nodes.enumerated().map { try value($1, place + ["\($0)"]) })
    case .mapping(let mapping):
      return .object(
        try mapping.map { key, node in
          guard let name = key.scalar?.string else {
            throw failure(at: place, "expected a name before ':', found a list or mapping")
          }
          marks[place + [name]] = key.mark
          return .init(name, try value(node, place + [name]))
        })
    case .alias: throw failure(at: place, "an alias without its anchor")
    }
  }

  /// A plain scalar as YAML 1.2 reads it: null, true, false, a number, or else text.
  private static func value(_ scalar: Yams.Node.Scalar) -> JSONValue {
    let text = scalar.string
    guard scalar.style == .plain else { return .string(text) }
    if ["", "~", "null"].contains(text) { return .null }
    if ["true", "false"].contains(text) { return .bool(text == "true") }
    if let number = Int(text) { return .integer(number) }
    let isNumeric = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    if isNumeric, let number = Double(text), number.isFinite { return .number(number) }
    return .string(text)
  }
}
