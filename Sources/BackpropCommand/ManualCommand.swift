import ArgumentParser
import Backprop

/// `backprop manual`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Prints the manual page, as man reads it.",
    discussion: "To read it: backprop manual > backprop.1, then man ./backprop.1.")

  func run() throws {
    say(try Self.page(CommandFlags(of: Root.self)))
  }

  /// The page in roff, with the man macros.
  static func page(_ root: CommandFlags) -> String {
    var lines = [
      ".TH BACKPROP 1 \"\" \"swift-backprop \(version)\" \"User commands\"", ".SH NAME",
      "\(root.name) \\- \(sentence(root.abstract))", ".SH SYNOPSIS",
    ]
    for command in root.subcommands {
      lines += [".B \(root.name) \(command.name)", synopsis(command), ".br"]
    }
    lines.removeLast()
    lines += [".SH DESCRIPTION", escaped(root.abstract)]
    for command in root.subcommands {
      lines += [".SH \"\(command.name.uppercased())\"", escaped(command.abstract)]
      lines += paragraphs(command.discussion)
      var section: String?
      for flag in command.flags where !["help", "version"].contains(flag.key) {
        if flag.section != section {
          section = flag.section
          if let section { lines.append(".SS \"\(escaped(section))\"") }
        }
        let opposite = flag.kind == .flag ? command.opposite(of: flag.key) : nil
        // Of two opposites, the first tells of both.
        if opposite != nil, flag.key.hasPrefix("no-") { continue }
        lines += item(flag, opposite?.names ?? [])
      }
    }
    lines += [
      ".SH \"EXIT STATUS\"", "0 for success, 64 for a wrong call, 1 for all else.",
      ".SH ENVIRONMENT", ".TP", ".B BACKPROP_DATA",
      "Where the IDX files of mnist and fashion\\-mnist are.", ".TP", ".B BACKPROP_KERNELS",
      "The instruction set to prefer: portable, avx2, avx512 or amx. The first three give the same bits.",
      ".SH FILES", ".TP", ".I runs/DATA\\-N",
      "A run: model.safetensors, model.json, metrics.jsonl, run.json, config.yaml, report.html.",
    ]
    return lines.joined(separator: "\n")
  }

  private static func synopsis(_ command: CommandFlags) -> String {
    let positional = command.flags.filter { $0.kind == .positional }
    let parts = ["[\\fIoptions\\fR]"] + positional.map { "[\\fI\(escaped($0.key))\\fR]" }
    return command.flags.contains { $0.kind != .positional && $0.key != "help" }
      ? parts.joined(separator: " ") : parts.dropFirst().joined(separator: " ")
  }

  private static func item(_ flag: CommandFlags.Flag, _ opposites: [String]) -> [String] {
    let names = (flag.names + opposites).map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
    let value = flag.valueName.map { "\\fI\(escaped($0))\\fR" } ?? ""
    let head =
      switch flag.kind {
      case .positional: value
      case .flag: names
      case .option: "\(names) \(value)"
      }
    var text = escaped(flag.abstract)
    if let given = flag.defaultValue { text += " (default: \(escaped(given)))" }
    return [".TP", head, text] + (flag.discussion.isEmpty ? [] : [escaped(flag.discussion)])
  }

  /// Text with its paragraphs; lines that are indented stay as they are.
  private static func paragraphs(_ text: String) -> [String] {
    guard !text.isEmpty else { return [] }
    var lines = [".PP"]
    var isTable = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  ") != isTable {
        isTable.toggle()
        lines.append(isTable ? ".nf" : ".fi")
      }
      lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
    }
    return lines + (isTable ? [".fi"] : [])
  }

  /// The one line that `apropos` shows: without a capital and a full stop.
  private static func sentence(_ text: String) -> String {
    let words = text.prefix(1).lowercased() + text.dropFirst()
    return escaped(words.hasSuffix(".") ? String(words.dropLast()) : words)
  }

  /// Text that roff takes as it stands.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\n": result += " "
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
    return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
  }
}
