import Foundation
import Testing

@testable import Backprop

/// The page "What there is", which is made from the lists and the documentation of the sources: with
/// BACKPROP_UPDATE_GOLDEN set it is written, otherwise compared.
@Suite("What there is")
struct CatalogueTests {
  private struct Missing: Error { let what: String }

  /// A type's documentation: the first sentence, and the source that it names.
  private struct Entry {
    let type: String
    let summary: String
    let source: String
  }

  private static let root: String = {
    let parts = #filePath.components(separatedBy: "/Tests/BackpropTests/")
    return parts[0]
  }()
  private static let page = root + "/Sources/Backprop/Backprop.docc/Catalogue.md"

  /// Every public type of a folder that is declared with a protocol of a name first, by its own name.
  private func types(in folder: String, conformingTo protocols: [String]) throws -> [String: Entry]
  {
    var found: [String: Entry] = [:]
    let path = Self.root + "/Sources/" + folder
    guard let files = FileManager.default.enumerator(atPath: path) else {
      throw Missing(what: path)
    }
    for case let file as String in files where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
      let lines = text.components(separatedBy: "\n")
      for (number, line) in lines.enumerated() {
        let words = line.components(separatedBy: CharacterSet(charactersIn: " :,{"))
          .filter { !$0.isEmpty }
        // A type with more inputs than one, such as a decoder, is a layer too.
        let isCalled =
          protocols.contains("Layer") && words.dropFirst().first == "struct"
          && text.contains("public func callAsFunction(")
        guard line.hasPrefix("public "), words.count > 3, ["struct", "enum"].contains(words[1]),
          protocols.contains(words[3]) || isCalled
        else { continue }
        let above = lines[..<number].reversed().prefix { $0.hasPrefix("///") }.reversed()
        found[words[2]] = entry(
          words[2], above.map { $0.dropFirst(3).trimmingCharacters(in: .whitespaces) })
      }
    }
    return found
  }

  private func entry(_ type: String, _ lines: [String]) -> Entry {
    let first = lines.prefix { !$0.isEmpty }.joined(separator: " ")
    var source: [String] = []
    for line in lines {
      if line.hasPrefix("- Source: ") {
        source = [String(line.dropFirst(10))]
      } else if !source.isEmpty {
        if line.isEmpty || line.hasPrefix("-") { break }
        source.append(line)
      }
    }
    return Entry(
      type: type, summary: cell(sentence(first)), source: cell(source.joined(separator: " ")))
  }

  /// Up to the first full stop, colon or comma with a formula behind.
  private func sentence(_ text: String) -> String {
    for mark in [". ", ": "] {
      if let end = text.range(of: mark) { return String(text[..<end.lowerBound]) }
    }
    return text.hasSuffix(".") || text.hasSuffix(":") ? String(text.dropLast()) : text
  }

  private func cell(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }

  private func table(
    _ title: String, _ note: String, _ rows: [(name: String, entry: Entry)], isLinked: Bool = true
  ) -> String {
    var lines = [
      "## \(title)", "", note, "", "| name | type | what it is | source |", "|---|---|---|---|",
    ]
    for (name, entry) in rows {
      let name = name.isEmpty ? "" : "`\(name)`"
      lines.append("| \(name) | ``\(entry.type)`` | \(entry.summary) | \(entry.source) |")
    }
    let text = lines.joined(separator: "\n") + "\n"
    // Ops are of another module.
    return isLinked ? text : text.replacingOccurrences(of: "``", with: "`")
  }

  private func named(_ names: [String], _ known: [String: Entry], _ type: (String) throws -> Any)
    throws
    -> [(name: String, entry: Entry)]
  {
    try names.map { name in
      let type = "\(Swift.type(of: try type(name)))"
      guard let entry = known[type] else { throw Missing(what: "\(type), for \(name)") }
      return (name, entry)
    }
  }

  private func catalogue() throws -> String {
    let layers = try types(in: "Backprop/Layers", conformingTo: ["Layer"])
    var rows: [(name: String, entry: Entry)] = []
    var left = layers
    for kind in LayerRegistry.standard.kinds {
      guard let template = LayerRegistry.standard[kind] else { continue }
      let type = "\(Swift.type(of: template))"
      left[type] = nil
      guard type != "Activation" else { continue }
      guard let entry = layers[type] else { throw Missing(what: type) }
      rows.append((kind, entry))
    }
    rows += left.values.sorted { $0.type < $1.type }.map { ("", $0) }
    let losses = try types(in: "Backprop/Losses", conformingTo: ["Loss", "SampleLoss"])
    let optimizers = try types(in: "Backprop/Optimizers", conformingTo: ["Optimizer"])
    // It asks for the cost several times a step, so that it is no rule that a step is compiled with.
    let minimizers = try types(in: "Backprop/Optimizers", conformingTo: ["Sendable"])
      .filter { $0.key == "LBFGS" }.map { (name: "", entry: $0.value) }
    let ops = try types(
      in: "BackpropCore/Ops", conformingTo: ["Op", "UnaryOp", "BinaryOp", "ComparisonOp"])
    let parts = [
      """
      # What there is

      Every layer, activation, cost, optimiser, schedule and op, from the lists that the package itself uses. Made by its tests.

      ## Overview

      Names are those of the command line and of network files; where there is none, a type is used in Swift alone.
      """,
      "",
      table("Layers", "A network file writes them as ``LayerSpecification`` says.", rows),
      "## Activations\n\nOf ``Activation``, by name: "
        + Activation.allNames.map { "`\($0)`" }.joined(separator: ", ") + ".\n",
      table(
        "Costs", "``Losses`` says what each takes.",
        try named(Losses.allNames, losses) { try Losses.named($0) }),
      table(
        "Optimisers", "``Optimizers`` gives them by name.",
        try named(Optimizers.allNames, optimizers) { try Optimizers.named($0) } + minimizers),
      "## Schedules\n\nOf ``Schedule``, by name: "
        + Schedule.allNames.map { "`\($0)`" }.joined(separator: ", ")
        + "; and any function of the step.\n",
      "## Initialisers\n\nOf ``Initializers``: "
        + Initializers.allNames.map { "`\($0)`" }.joined(separator: ", ") + ".\n",
      table(
        "Ops", "What graphs are made of; <doc:AddAnOp> adds one.",
        try OpList.all.map { op in
          guard let entry = ops["\(op)"] else { throw Missing(what: "\(op)") }
          return (op.name, entry)
        }, isLinked: false),
    ]
    return parts.joined(separator: "\n")
  }

  @Test func thePageIsUpToDate() throws {
    let made = try catalogue()
    if ProcessInfo.processInfo.environment["BACKPROP_UPDATE_GOLDEN"] != nil {
      try made.write(toFile: Self.page, atomically: true, encoding: .utf8)
    }
    let page = try String(contentsOfFile: Self.page, encoding: .utf8)
    #expect(
      page == made,
      "Catalogue.md is not what the lists say; BACKPROP_UPDATE_GOLDEN=1 swift test --filter CatalogueTests writes it"
    )
    #expect(OpList.all.allSatisfy { made.contains("| `\($0.name)` |") })
  }
}
