import ArgumentParser
import Backprop

/// Where a call of `train` and its configuration file meet: flags win.
enum ResolvedConfiguration {
  /// The arguments of the process, with what the file behind `--config` says in addition.
  static func expanded(_ arguments: [String]) throws -> [String] {
    guard arguments.first == TrainCommand.configuration.commandName,
      arguments.contains(where: { $0 == "--config" || $0.hasPrefix("--config=") })
    else { return arguments }
    let flags = try CommandFlags(of: TrainCommand.self)
    let own = Array(arguments.dropFirst())
    let call = GivenFlags(arguments: own, flags: flags)
    guard let path = call["config"]?.last else { return arguments }
    let file = try ConfigurationFile(path, flags: flags).given
    var added = GivenFlags()
    for entry in file.entries where !call.decides(entry.key, flags) {
      added.add(entry.key, entry.values)
    }
    return [arguments[0]] + added.arguments(flags) + own
  }

  /// Every setting of a run by its flag, in the order of `config.yaml`.
  ///
  /// - Parameters:
  ///   - arguments: those of the process.
  ///   - data: the data, as given or by default.
  ///   - settings: what flags and defaults came to, by the names of `metrics.jsonl`.
  static func members(
    _ arguments: [String], data: String, settings: [JSONValue.Member]
  ) throws -> [JSONValue.Member] {
    let flags = try CommandFlags(of: TrainCommand.self)
    let own = Array(try expanded(arguments).dropFirst())
    var given = GivenFlags(arguments: own, flags: flags)
    ConfigurationFile.excluded.forEach { given.remove($0) }
    given.remove("data")
    // It is part of what the optimiser came to.
    given.remove("momentum")
    var members: [JSONValue.Member] = [.init("data", .string(data))]
    for setting in settings {
      guard let flag = flags[setting.name], flag.key != "data" else { continue }
      given.remove(flag.key)
      if let opposite = flags.opposite(of: flag.key) { given.remove(opposite.key) }
      guard setting.value != .null, setting.value != .bool(false) else { continue }
      members.append(.init(flag.key, setting.value))
    }
    for entry in given.entries {
      guard let flag = flags[entry.key] else { continue }
      let texts = entry.values.map { JSONValue.string($0) }
      let value = flag.isRepeating ? .array(texts) : texts.last ?? .null
      members.append(.init(flag.key, flag.kind == .flag ? .bool(true) : value))
    }
    return members
  }

  /// The text of `config.yaml`, so that `--config` makes the run again.
  static func yaml(_ members: [JSONValue.Member]) -> String {
    var lines = [
      "# What backprop \(version) trained this run with. To train it again:",
      "# backprop train --config FILE",
    ]
    for member in members {
      let elements = member.value.elements ?? []
      if member.name == "network", !elements.isEmpty {
        // The layers of a network, one a line.
        lines += ["\(member.name):"] + elements.map { "  - \($0.text())" }
      } else if !elements.isEmpty {
        lines.append("\(member.name): [\(list(elements.map { $0.text() }))]")
      } else {
        lines.append("\(member.name): \(member.value.text())")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
