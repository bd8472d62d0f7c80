import ArgumentParser
import Backprop

/// `backprop show`.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows what a run is: its network, settings, history and result.")

  @Argument(
    help: ArgumentHelp("The run folder, as train printed it.", valueName: "run"),
    completion: .directory)
  var folder: String

  @Flag(help: "Print one JSON object, with the event show.")
  var json = false

  func run() throws {
    let record = try RunRecord(contentsOf: folder)
    let model = try Model(contentsOf: folder)
    let history = try RunHistory(contentsOf: folder)
    let name = Model.fileNames.description
    let description = try JSONText.parse(
      FileIO.read(name, in: folder, limit: JSONText.sizeLimit)[...], name: "\(folder)/\(name)")
    if json {
      say(object(record, history, description).text())
      return
    }
    lines(record, model, history, description).forEach { print($0.printableLine) }
  }

  private func object(
    _ record: RunRecord, _ history: RunHistory, _ description: JSONValue
  ) -> JSONValue {
    [
      "event": "show", "run": .string(folder), "data": .string(record.source.name),
      "settings": record.settings, "machine": record.machine, "model": description,
      "history": .array(history.events("epoch")), "result": record.result,
    ]
  }

  private func lines(
    _ record: RunRecord, _ model: Model, _ history: RunHistory, _ description: JSONValue
  ) -> [String] {
    var lines = ["run \(folder): \(record.source.name)"]
    if let start = history.events("start").first {
      let parts = ["training", "validation", "test"].compactMap { part in
        start["\(part)_samples"]?.integer.map { "\(grouped($0)) \(part)" }
      }
      lines.append("samples: \(list(parts))")
    }
    if let network = NetworkForm(model.step.network) {
      lines += ["", "network \(network)"] + networkTable(model.step).map { "  \($0)" }
    }
    lines += ["", "settings"] + Self.facts(record.settings.members ?? [])
    lines += Self.scaling("inputs", model.scaling)
    lines += Self.scaling("targets", model.targetScaling)
    if let names = model.classNames {
      lines += ["", "classes (\(names.count))"]
      lines += names.prefix(50).enumerated().map { "  \($0)  \($1)" }
      if names.count > 50 { lines.append("  … and \(grouped(names.count - 50)) more") }
    }
    lines += Self.preprocessing(description["preprocessing"])
    let best = record.result["best_epoch"]?.integer
    lines += ["", "history"] + history.lines(best: best).map { "  \($0)" }
    return lines + ["", "result"] + Self.result(record.result)
  }

  /// What a record says for itself.
  static func recordLines(_ record: RunRecord) -> [String] {
    facts(record.settings.members ?? []) + result(record.result)
  }

  /// Names and values, one a line.
  private static func facts(_ members: [JSONValue.Member]) -> [String] {
    // A list is the network, which stands above.
    let shown = members.filter { $0.value != .null && $0.value.elements == nil }
    let rows = shown.map { member in
      ["  " + readable(member.name), member.value.string ?? member.value.text()]
    }
    return aligned(rows, rightAligned: [])
  }

  /// The figures of the end, one a line; those of classes and folds are for evaluate.
  private static func result(_ result: JSONValue) -> [String] {
    var rows: [[String]] = []
    for member in result.members ?? [] {
      if let inner = member.value.members {
        for figure in inner where figure.value.elements == nil && figure.value.members == nil {
          let text = figure.value.string ?? RunHistory.cell(figure.name, figure.value)
          rows.append(["  \(readable(member.name)) \(readable(figure.name))", text])
        }
      } else if let number = member.value.integer {
        rows.append(["  " + readable(member.name), "\(number)"])
      } else if member.value.double != nil {
        let text = RunHistory.cell(member.name, member.value)
        rows.append(["  " + readable(member.name), text])
      } else if let names = member.value.strings, !names.isEmpty {
        rows.append(["  " + readable(member.name), list(names)])
      }
    }
    return aligned(rows, rightAligned: [])
  }

  private static func readable(_ name: String) -> String {
    name.split(separator: "_").joined(separator: " ")
  }

  private static func scaling(_ what: String, _ scaling: Scaling?) -> [String] {
    guard let scaling else { return [] }
    var rows = [["", "offset", "scale"]]
    for index in scaling.offset.indices.prefix(50) {
      let name = scaling.offset.count == 1 ? "all" : "\(index)"
      rows.append([
        "  \(name)", figure(Double(scaling.offset[index])), figure(Double(scaling.scale[index])),
      ])
    }
    let rest = scaling.offset.count - 50
    return ["", "scaling of \(what): (x - offset) * scale"] + aligned(rows, rightAligned: [1, 2])
      + (rest > 0 ? ["  … and \(grouped(rest)) more"] : [])
  }

  /// The columns of a table and what becomes of them, one a line.
  private static func preprocessing(_ value: JSONValue?) -> [String] {
    guard let members = value?.members else { return [] }
    var lines = ["", "preprocessing"]
    for member in members where member.value != .null {
      let name = readable(member.name)
      if let columns = member.value.elements, columns.contains(where: { $0.members != nil }) {
        lines += ["  \(name)"] + table(columns).map { "    " + $0 }
      } else {
        lines.append("  \(name): \(text(member.value))")
      }
    }
    return lines
  }

  /// Objects as rows, under the names of all their members.
  private static func table(_ objects: [JSONValue]) -> [String] {
    var names: [String] = []
    for member in objects.flatMap({ $0.members ?? [] })
    where member.value != .null && !names.contains(member.name) { names.append(member.name) }
    let rows = objects.map { object in
      names.map { name in object[name].map { $0 == .null ? "" : text($0) } ?? "" }
    }
    return aligned([names.map(readable)] + rows, rightAligned: [])
  }

  /// A value without the marks of JSON.
  private static func text(_ value: JSONValue) -> String {
    if let members = value.members {
      return list(
        members.filter { $0.value != .null }.map { "\(readable($0.name)) \(text($0.value))" })
    }
    if let elements = value.elements { return list(elements.map(text)) }
    if let number = value.double, value.integer == nil { return figure(number) }
    return value.string ?? value.text()
  }
}
