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
    for entry in file.entries where call[entry.key] == nil { added.add(entry.key, entry.values) }
    return [arguments[0]] + added.arguments(flags) + own
  }

  /// The text of `config.yaml`: every setting of a run, so that `--config` makes it again.
  ///
  /// - Parameters:
  ///   - arguments: those of the process.
  ///   - data: the data, as given or by default.
  ///   - settings: what flags and defaults came to, by the names of `metrics.jsonl`.
  static func yaml(
    _ arguments: [String], data: String, settings: [JSONValue.Member]
  ) throws -> String {
    let flags = try CommandFlags(of: TrainCommand.self)
    let own = Array(try expanded(arguments).dropFirst())
    var given = GivenFlags(arguments: own, flags: flags)
    ConfigurationFile.excluded.forEach { given.remove($0) }
    given.remove("data")
    // They are part of what the optimiser came to.
    for key in ["momentum", "find-learning-rate"] { given.remove(key) }
    var lines = [
      "# What backprop \(version) trained this run with. To train it again:",
      "# backprop train --config FILE", "data: \(JSONValue.string(data).text())",
    ]
    for setting in settings {
      guard let flag = flags[setting.name], flag.key != "data" else { continue }
      given.remove(flag.key)
      guard setting.value != .null, setting.value != .bool(false) else { continue }
      if let elements = setting.value.elements {
        lines += ["\(flag.key):"] + elements.map { "  - \($0.text())" }
      } else {
        lines.append("\(flag.key): \(setting.value.text())")
      }
    }
    for entry in given.entries {
      guard let flag = flags[entry.key] else { continue }
      let texts = entry.values.map { JSONValue.string($0).text() }
      let value = flag.isRepeating ? "[\(texts.joined(separator: ", "))]" : texts.last
      lines.append("\(flag.key): \(flag.kind == .flag ? "true" : value ?? "")")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
