import ArgumentParser
import Backprop
import Yams

/// A YAML file that says what the flags of `train` can say: their names without dashes, one a line.
///
/// ```yaml
/// data: digits
/// network: _-64-_ relu
/// epochs: 20
/// freeze-biases: true
/// ```
///
/// `network` may also be a list of layers.
struct ConfigurationFile {
  /// What no file may say: it belongs to a single call.
  static let excluded =
    [
      "config", "output", "quiet", "json", "find-learning-rate", "help", "version",
    ] + CheckpointFlags.ofOneCall

  private typealias Node = Yams.Node

  let given: GivenFlags

  /// Reads a file, and checks each value with the command's own parser.
  ///
  /// - Throws: `ConfigurationError` of one line, with the line in the file.
  init(_ path: String, flags: CommandFlags) throws {
    try self.init(YAMLText.read(path), name: path, flags: flags)
  }

  /// Reads the bytes of a file; `name` stands for it in errors.
  ///
  /// - Parameter isParsed: whether the command's parser sees the values, which takes milliseconds each.
  init(_ bytes: [UInt8], name: String, flags: CommandFlags, isParsed: Bool = true) throws {
    try self.init(YAMLText.text(bytes, name), name: name, flags: flags, isParsed: isParsed)
  }

  private init(
    _ text: String, name path: String, flags: CommandFlags, isParsed: Bool = true
  ) throws {
    let root = try YAMLText.root(of: text, path)
    var given = GivenFlags()
    if let root, root.scalar?.string.isEmpty != true {
      guard let mapping = root.mapping else {
        throw Self.failure(path, root, "expected lines of 'name: value', found something else")
      }
      for (key, value) in mapping {
        guard let name = key.string else {
          throw Self.failure(path, key, "expected the name of a flag")
        }
        let flag = try Self.flag(name, flags, path, key)
        guard !given.decides(flag.key, flags) else {
          throw Self.failure(path, key, "'\(flag.key)' stands here a second time")
        }
        guard let values = try Self.values(value, flag, path) else {
          // What is said to be false is what the opposite says.
          if value.bool == false, let opposite = flags.opposite(of: flag.key) {
            given.add(opposite.key, [])
          }
          continue
        }
        // A positional argument stands on the command line without its name, where it must not be
        // taken for a flag.
        if flag.kind == .positional,
          let wrong = values.first(where: { $0.hasPrefix("-") && $0 != "-" })
        {
          throw Self.failure(
            path, value,
            "'\(flag.key)': expected a name or a file, found \(FormatError.quoted(wrong))")
        }
        if isParsed { try Self.check(flag, values, flags, path, value) }
        given.add(flag.key, values)
      }
    }
    self.given = given
  }

  private static func flag(
    _ name: String, _ flags: CommandFlags, _ path: String, _ key: Node
  ) throws -> CommandFlags.Flag {
    let known = flags.flags.map(\.key).filter { !excluded.contains($0) }
    if let flag = flags[name] {
      guard excluded.contains(flag.key) else { return flag }
      throw failure(path, key, "'\(name)' is for the command line only")
    }
    throw failure(
      path, key, ConfigurationError.unknown("setting", name, known: known.sorted()).message)
  }

  /// The values that a flag is given, nil for none at all.
  private static func values(
    _ node: Node, _ flag: CommandFlags.Flag, _ path: String
  ) throws -> [String]? {
    if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) {
      return nil
    }
    if flag.kind == .flag {
      guard let isOn = node.bool else {
        throw failure(path, node, "'\(flag.key)': expected true or false, found \(found(node))")
      }
      return isOn ? [] : nil
    }
    if let text = node.scalar?.string { return [text] }
    if flag.key == "network", node.sequence != nil {
      // Told here with its place; what depends on the data is told later.
      let list = try YAMLText(node, name: path)
      _ = try list.locating { try Sequential(json: $0, outputs: 1) }
      return [list.json.text()]
    }
    guard flag.isRepeating, let list = node.sequence else {
      let expected = flag.isRepeating ? "a value or a list of values" : "one value"
      throw failure(path, node, "'\(flag.key)': expected \(expected), found \(found(node))")
    }
    return try list.map { element in
      guard let text = element.scalar?.string else {
        throw failure(path, element, "'\(flag.key)': expected a value, found \(found(element))")
      }
      return text
    }
  }

  private static func found(_ node: Node) -> String {
    if let text = node.scalar?.string { return "'\(text)'" }
    return node.sequence == nil ? "a mapping" : "a list"
  }

  /// Lets the command's parser look at one value.
  private static func check(
    _ flag: CommandFlags.Flag, _ values: [String], _ flags: CommandFlags, _ path: String,
    _ node: Node
  ) throws {
    var one = GivenFlags()
    one.add(flag.key, values)
    do {
      _ = try TrainCommand.parse(one.arguments(flags))
    } catch {
      let lines = TrainCommand.message(for: error).split(whereSeparator: \.isNewline)
      throw Self.failure(path, node, lines.first.map(String.init) ?? "'\(flag.key)' is wrong")
    }
  }

  private static func failure(_ path: String, _ node: Node, _ message: String) -> ConfigurationError
  {
    let line = node.mark.map { ": line \($0.line)" } ?? ""
    return ConfigurationError("config", "\(path)\(line): \(message)")
  }
}
