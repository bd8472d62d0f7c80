@testable import Backprop
import BackpropCore

/// The reader of tables, and all that becomes of a table on its way to a network.
enum CSVTarget {
  static func run(_ bytes: [UInt8]) throws {
    for hasHeader in [true, false] {
      let format = CSVFormat(hasHeader: hasHeader)
      var (whole, pieces): (Table?, Table?)
      let problem = attempt { whole = try table(bytes, format, chunk: max(1, bytes.count)) }
      let other = attempt { pieces = try table(bytes, format, chunk: 1 + bytes.count % 11) }
      // Of two errors, that of a later row may come before that of the header.
      require((problem == nil) == (other == nil), "of chunks: \(problem ?? "-"), \(other ?? "-")")
      guard let whole, let pieces else { continue }
      require(same(whole, pieces), "a table that depends on chunks")
      attempt { try use(whole, bytes.count) }
    }
  }

  private static func table(_ bytes: [UInt8], _ format: CSVFormat, chunk: Int) throws -> Table {
    var rest = bytes[...]
    var reader = try CSVReader(name: FuzzTarget.file, format: format) {
      defer { rest = rest.dropFirst(chunk) }
      return Array(rest.prefix(chunk))
    }
    return try reader.whole()
  }

  private static func same(_ a: Table, _ b: Table) -> Bool {
    guard a.columns == b.columns, a.count == b.count, a.delimiter == b.delimiter else {
      return false
    }
    return (0..<a.count).allSatisfy { row in
      a.line(ofRow: row) == b.line(ofRow: row)
        && a.columns.allSatisfy { a[row, $0] == b[row, $0] }
    }
  }

  private static func use(_ table: Table, _ choice: Int) throws {
    let policies = MissingPolicy.allCases, tasks = TableTask.allCases
    let options = TableOptions(
      task: tasks[choice / 4 % tasks.count], missing: policies[choice % policies.count],
      addsIndicators: choice % 2 == 1, standardizes: choice % 3 > 0)
    let splitting = TableSplitting(isShuffled: choice % 5 > 0, key: RandomKey(1))
    let split = try table.split(splitting, options: options)
    _ = ColumnSummary.lines(split.columns)
    _ = split.data.scaledInputs()

    let made = split.preprocessing
    let text = Array(made.json.text().utf8)
    let read = try Preprocessing(
      json: JSONText.parse(text[...], name: FuzzTarget.file), file: FuzzTarget.file)
    require(read == made, "a preprocessing that does not come back: \(made.json.text())")
    var warnings = TableWarnings()
    attempt { _ = try read.dataset(table, warnings: &warnings) }
    _ = warnings.lines
    attempt { _ = try table.folds(2, splitting, options: options) }
  }
}

extension DataSplit {
  /// Every part as a network sees it.
  func scaledInputs() -> [Tensor] { [training, validation, test].map { $0.scaledInputs() } }
}
