import ArgumentParser
import Backprop
import Foundation

/// `backprop runs`.
struct RunsCommand: ParsableCommand {
  /// What a run can be sorted by.
  enum Column: String, CaseIterable, ExpressibleByArgument {
    case name, data, network, loss, metric, epochs, seconds, date
  }

  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs of a folder.",
    discussion: """
      Loss and metric (accuracy or R2) are those of the best epoch on the test part; the date is \
      when run.json was written. Folders that are no run are left out; runs that are not finished, \
      or cannot be read, are named at the end.
      """)

  @Argument(
    help: ArgumentHelp("The folder that the runs are in.", valueName: "dir"),
    completion: .directory)
  var folder = RunFolder.defaultParent

  @Option(
    help: ArgumentHelp(
      "The order: name, data, network, loss (least first), metric (greatest first), epochs, "
        + "seconds, date (latest first).", valueName: "column"))
  var sort = Column.name

  @Flag(help: "Print a JSON object a run, with the event run.")
  var json = false

  func run() throws {
    guard FileIO.isFolder(folder) else {
      throw FileError("read", folder, FileIO.exists(folder) ? "it is no folder" : "there is none")
    }
    var (runs, unfinished, unreadable) = ([Run](), [String](), [String]())
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      let path = "\(folder)/\(name)"
      let file = "\(path)/\(RunFolder.fileNames.record)"
      if RunFolder.isUnfinished(path) { unfinished.append(path) }
      guard !name.hasPrefix("."), FileIO.exists(file) else { continue }
      do {
        runs.append(try Run(name: name, path: path, file: file))
      } catch {
        unreadable.append("\(error)".split(whereSeparator: \.isNewline).joined(separator: " "))
      }
    }
    runs = Self.sorted(runs, by: sort)
    if json {
      runs.forEach { say($0.json.text()) }
      unfinished.forEach {
        say(JSONValue.object([.init("event", "unfinished"), .init("run", .string($0))]).text())
      }
    } else if runs.isEmpty, unfinished.isEmpty {
      say("no runs in \(folder)")
    } else if !runs.isEmpty {
      let heads = Column.allCases.map(\.rawValue)
      aligned([heads] + runs.map(\.cells), rightAligned: [3, 4, 5, 6]).forEach { print($0) }
    }
    if !json {
      for path in unfinished {
        say("not finished: \(path); go on with: backprop train --resume \(path)")
      }
    }
    for problem in unreadable { complain("backprop: unreadable: \(problem)") }
  }

  private static func sorted(_ runs: [Run], by column: Column) -> [Run] {
    func ascending<Value: Comparable>(_ value: (Run) -> Value?) -> [Run] {
      // Those without a value come last; equal ones stay in the order of names.
      runs.enumerated().sorted { one, other in
        guard let a = value(one.element) else { return false }
        guard let b = value(other.element) else { return true }
        return a == b ? one.offset < other.offset : a < b
      }.map(\.element)
    }
    return switch column {
    case .name: runs.sorted { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
    case .data: ascending(\.data)
    case .network: ascending(\.network)
    case .loss: ascending(\.loss)
    case .metric: ascending { $0.metric.map { -$0.value } }
    case .epochs: ascending(\.epochs)
    case .seconds: ascending(\.seconds)
    case .date: ascending { $0.date.map { -$0.timeIntervalSince1970 } }
    }
  }
}

extension RunsCommand {
  /// A run in a line.
  struct Run {
    let name, path, data, network: String
    let loss, seconds: Double?
    let metric: (name: String, value: Double)?
    let epochs: Int?
    let date: Date?

    init(name: String, path: String, file: String) throws {
      let record = try RunRecord(contentsOf: path)
      (self.name, self.path, data) = (name, path, record.source.name)
      let setting = record.settings["network"]
      network = setting?.string ?? setting?.elements.map(LayerSpecification.summary) ?? "-"
      let result = record.result
      epochs = result["epochs_trained"]?.integer ?? record.settings["epochs"]?.integer
      (loss, seconds) = (result["test_loss"]?.double, result["train_seconds"]?.double)
      metric =
        ["accuracy", "r2"].lazy.compactMap { name in
          result["test_\(name)"]?.double.map { (name, $0) }
        }.first
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      date = attributes?[.modificationDate] as? Date
    }

    var cells: [String] {
      let score = metric.map { metric in
        metric.name == "r2"
          ? "R2 \(fixed(metric.value, 4))" : "\(fixed(metric.value * 100, 2)) %"
      }
      return [
        name, data, cut(network), loss.map(figure) ?? "-", score ?? "-",
        epochs.map(String.init) ?? "-",
        seconds.map { fixed($0, 2) } ?? "-", date.map(Self.text) ?? "-",
      ]
    }

    var json: JSONValue {
      func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
      return [
        "event": "run", "run": .string(path), "data": .string(data), "network": .string(network),
        "test_loss": number(loss), "metric": metric.map { .string($0.name) } ?? .null,
        "test_metric": number(metric?.value), "epochs": epochs.map { .integer($0) } ?? .null,
        "train_seconds": number(seconds),
        "date": date.map { .string($0.formatted(.iso8601)) } ?? .null,
      ]
    }

    /// Lists of layers may be long.
    private func cut(_ text: String) -> String {
      text.count > 48 ? "\(text.prefix(47))…" : text
    }

    private static func text(_ date: Date) -> String {
      let parts = Calendar(identifier: .gregorian).dateComponents(
        [.year, .month, .day, .hour, .minute], from: date)
      func two(_ value: Int?) -> String {
        let text = "\(value ?? 0)"
        return text.count < 2 ? "0\(text)" : text
      }
      return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) "
        + "\(two(parts.hour)):\(two(parts.minute))"
    }
  }
}
