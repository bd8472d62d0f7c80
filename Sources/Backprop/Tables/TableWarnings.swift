/// What was odd about rows that were encoded, counted over any number of blocks.
public struct TableWarnings: Hashable, Sendable {
  /// A level that the training part did not have.
  struct Unseen: Hashable, Sendable {
    var count = 0
    /// The first of them, with its line.
    let example: String
    let line: Int
  }

  /// By column.
  private(set) var unseen: [String: Unseen] = [:]
  /// Columns that a model does not use.
  private(set) var extra: [String] = []
  /// Rows that were left out for a missing field.
  public private(set) var droppedRows = 0

  /// Starts with nothing to warn of.
  public init() {}

  /// Whether there is nothing to warn of.
  public var isEmpty: Bool { unseen.isEmpty && extra.isEmpty && droppedRows == 0 }

  /// One line for each thing to warn of.
  public var lines: [String] {
    var lines = unseen.keys.sorted().compactMap { name in
      unseen[name].map { unseen in
        let rows = unseen.count == 1 ? "1 row has" : "\(unseen.count) rows have"
        return "column \(FormatError.quoted(name)): \(rows) a text that the training part did not "
          + "have, taken as none of its levels; the first is "
          + "\(FormatError.quoted(unseen.example)), line \(unseen.line)"
      }
    }
    if !extra.isEmpty {
      let names = extra.map(FormatError.quoted).joined(separator: ", ")
      lines.append("ignored, as the model does not use it: \(names)")
    }
    if droppedRows > 0 {
      lines.append(
        "\(droppedRows) row\(droppedRows == 1 ? "" : "s") left out for a missing field")
    }
    return lines
  }

  mutating func addUnseen(_ column: String, _ text: @autoclosure () -> String, line: Int) {
    if unseen[column] == nil { unseen[column] = Unseen(example: text(), line: line) }
    unseen[column]?.count += 1
  }

  mutating func addExtra(_ columns: [String]) {
    for column in columns where !extra.contains(column) { extra.append(column) }
  }

  mutating func addDropped(_ count: Int) { droppedRows += count }
}
