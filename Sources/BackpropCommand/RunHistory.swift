import Backprop

/// The lines of a run's `metrics.jsonl`.
struct RunHistory {
  let events: [JSONValue]

  /// Reads the file.
  ///
  /// - Throws: `FileError` if it cannot be read, `FormatError` if a line is no JSON.
  init(contentsOf folder: String) throws {
    let name = RunFolder.fileNames.metrics
    let file = "\(folder)/\(name)"
    let lines = try FileIO.read(name, in: folder, limit: JSONText.sizeLimit)
      .split(separator: UInt8(ascii: "\n"))
    events = try lines.enumerated().map { number, line in
      try JSONText.parse(line, name: file, positions: .lines(from: number + 1))
    }
  }

  func events(_ name: String) -> [JSONValue] { events.filter { $0["event"]?.string == name } }

  /// The epochs, each as it was trained last.
  var epochs: [JSONValue] { events.trainedEpochs }

  /// The epochs as lines, the best marked; of many at most about a hundred, and the best.
  func lines(best: Int?) -> [String] {
    let epochs = epochs
    guard let first = epochs.first?.members else { return [] }
    let names = first.filter { $0.value.double != nil && $0.name != "epoch" }.map(\.name)
    let every = (epochs.count + 99) / 100
    let heads = names.map { $0.split(separator: "_").joined(separator: " ") }
    var rows = [["epoch"] + heads + [""]]
    for (index, epoch) in epochs.enumerated() {
      let number = epoch["epoch"]?.integer
      let isBest = number != nil && number == best
      guard (index + 1) % every == 0 || index == 0 || index == epochs.count - 1 || isBest else {
        continue
      }
      let cells = names.map { Self.cell($0, epoch[$0] ?? .null) }
      rows.append([number.map(String.init) ?? "?"] + cells + [isBest ? "* best" : ""])
    }
    return aligned(rows, rightAligned: Set(0...names.count))
  }

  /// A figure as lines of text show it.
  static func cell(_ name: String, _ value: JSONValue) -> String {
    guard let number = value.double else { return "-" }
    if name.hasSuffix("accuracy") { return fixed(number * 100, 2) + " %" }
    if name == "samples_per_second" { return grouped(Int(min(max(number, 0), 1e15))) }
    return figure(number)
  }
}
