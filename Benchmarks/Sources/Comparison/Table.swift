/// A Markdown table with columns of equal width, readable as plain text too.
public struct Table: Sendable {
  private let rows: [[String]]
  private let textColumns: Set<Int>

  /// Makes a table.
  ///
  /// - Parameters:
  ///   - rows: the header first; all of one length.
  ///   - textColumns: columns that begin at the left; figures end at the right.
  public init(_ rows: [[String]], textColumns: Set<Int>) {
    (self.rows, self.textColumns) = (rows, textColumns)
  }

  /// The table, each row a line.
  public var markdown: String {
    guard let header = rows.first else { return "" }
    let widths = header.indices.map { column in max(3, rows.map { $0[column].count }.max() ?? 0) }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return textColumns.contains(column) ? cell + space : space + cell
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = header.indices.map { column in
      let isText = textColumns.contains(column)
      return String(repeating: "-", count: widths[column] + (isText ? 2 : 1)) + (isText ? "" : ":")
    }
    return line(header) + "|" + rule.joined(separator: "|") + "|\n"
      + rows.dropFirst().map(line).joined()
  }
}
