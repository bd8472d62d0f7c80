import ArgumentParser
import Backprop

/// What a command can be told on the command line, as its declaration says: the manual page and
/// `--config` know every flag without a list of their own.
struct CommandFlags {
  /// A flag, an option or a positional argument.
  struct Flag {
    enum Kind: String { case positional, option, flag }

    let kind: Kind
    /// The name without dashes, of a positional argument that of its value.
    let key: String
    /// As written on the command line: `--epochs`.
    let names: [String]
    let valueName: String?
    let section: String?
    let isRepeating: Bool
    /// Whether it takes all values up to the next flag.
    let takesMany: Bool
    let defaultValue: String?
    let abstract: String
    let discussion: String
  }

  let name: String
  let abstract: String
  let discussion: String
  let flags: [Flag]
  let subcommands: [CommandFlags]

  /// The flags of a command and all below it.
  init(of command: any ParsableCommand.Type) throws {
    let text = Array(command._dumpHelp().utf8)
    try self.init(JSONText.parse(text[...], name: "help")["command"] ?? .object([]))
  }

  private init(_ json: JSONValue) throws {
    name = json["commandName"]?.string ?? ""
    abstract = json["abstract"]?.string ?? ""
    discussion = json["discussion"]?.string ?? ""
    subcommands = try (json["subcommands"]?.elements ?? []).map { try CommandFlags($0) }
      .filter { $0.name != "help" }
    flags = (json["arguments"]?.elements ?? []).compactMap { Flag($0) }
  }

  /// The flag of a key, or nil; `_` is as good as `-`.
  subscript(key: String) -> Flag? {
    let key = String(key.map { $0 == "_" ? "-" : $0 })
    return flags.first { $0.key == key }
  }

  /// The flag that says the opposite: `no-shuffle` of `shuffle`, and the other way round.
  func opposite(of key: String) -> Flag? {
    let other = key.hasPrefix("no-") ? String(key.dropFirst(3)) : "no-\(key)"
    return flags.first { $0.key == other && $0.kind == .flag }
  }
}

extension CommandFlags.Flag {
  fileprivate init?(_ json: JSONValue) {
    guard json["shouldDisplay"]?.bool != false,
      let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:))
    else { return nil }
    self.kind = kind
    names = (json["names"]?.elements ?? []).compactMap { name in
      name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
    }
    valueName = json["valueName"]?.string
    let preferred = json["preferredName"]?["name"]?.string
    key = (kind == .positional ? nil : preferred) ?? valueName ?? ""
    section = json["sectionTitle"]?.string
    isRepeating = json["isRepeating"]?.bool ?? false
    takesMany = json["parsingStrategy"]?.string == "upToNextOption"
    defaultValue = json["defaultValue"]?.string
    abstract = json["abstract"]?.string ?? ""
    discussion = json["discussion"]?.string ?? ""
  }
}
