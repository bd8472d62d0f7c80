import ArgumentParser
import Backprop

/// Where a call of `train` and its configuration file meet: flags win.
enum ResolvedConfiguration {
  /// The arguments of the process, with what the file behind `--config` says in addition, or the one of a
  /// run behind `--resume` or `--reproduce`.
  static func expanded(_ arguments: [String]) throws -> [String] {
    let names = ["config"] + CheckpointFlags.ofOneCall
    guard arguments.first == TrainCommand.configuration.commandName,
      arguments.contains(where: { argument in
        names.contains { argument == "--\($0)" || argument.hasPrefix("--\($0)=") }
      })
    else { return arguments }
    let flags = try CommandFlags(of: TrainCommand.self)
    let own = Array(arguments.dropFirst())
    let call = GivenFlags(arguments: own, flags: flags)
    let file: ConfigurationFile
    if let run = try runToRepeat(call) {
      file = try ConfigurationFile("\(run)/\(RunFolder.fileNames.configuration)", flags: flags)
      guard file.given["data"] != ["-"] else {
        throw ConfigurationError(
          "data", "\(run) learnt from standard input, which cannot be read again")
      }
    } else if let path = call["config"]?.last {
      file = try ConfigurationFile(path, flags: flags)
    } else {
      return arguments
    }
    var added = GivenFlags()
    for entry in file.given.entries where !call.decides(entry.key, flags) {
      added.add(entry.key, entry.values)
    }
    return [arguments[0]] + added.arguments(flags) + own
  }

  /// The run that a call goes on with or trains again; nil for none.
  ///
  /// - Throws: `ConfigurationError` if something is told anew that the run has decided.
  private static func runToRepeat(_ call: GivenFlags) throws -> String? {
    let allowed = ["resume": CheckpointFlags.resumable, "reproduce": CheckpointFlags.reproducible]
    guard let name = CheckpointFlags.ofOneCall.first(where: { call[$0] != nil }),
      let run = call[name]?.last
    else { return nil }
    for entry in call.entries where entry.key != name {
      guard allowed[name]?.contains(entry.key) != true else { continue }
      let what = entry.key == "data" ? "the data" : "--\(entry.key)"
      throw ConfigurationError(name, "--\(name) takes its settings from \(run); leave \(what) out")
    }
    guard FileIO.isFolder(run) else {
      throw FileError("read", run, FileIO.exists(run) ? "it is no folder" : "there is no such run")
    }
    // A run may come from somebody else: it must not lead to another file.
    let file = "\(run)/\(RunFolder.fileNames.configuration)"
    guard [.file, .nothing].contains(FileIO.kind(of: file)) else {
      throw FileError("read", file, "it is no plain file")
    }
    return run
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
