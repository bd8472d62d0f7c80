/// Rows of named columns, as they stand in a file: every field is text until it is asked for.
///
/// ```swift
/// let table = try Table.load("iris.csv")
/// table.columns              // ["sepal_length", …]
/// table[0, "target"]         // "setosa"
/// ```
public struct Table: Sendable {
  /// What the table is called in errors: its file.
  public let name: String
  /// The names of the columns, in order.
  public let columns: [String]
  /// What stands between fields in the file.
  public let delimiter: CSVFormat.Delimiter
  let rows: TableRows
  /// The place of each column.
  let indices: [String: Int]

  init(name: String, columns: [String], delimiter: CSVFormat.Delimiter, rows: TableRows) {
    (self.name, self.columns, self.delimiter, self.rows) = (name, columns, delimiter, rows)
    indices = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))
  }

  /// Reads a whole file; the path `-` stands for standard input.
  ///
  /// In memory a table takes the bytes of its file, and four for each field.
  ///
  /// - Throws: ``FileError`` if the file cannot be read; ``FormatError``, with line and column, if
  ///   it is no table of at least one row.
  public static func load(_ path: String, format: CSVFormat = CSVFormat()) throws -> Table {
    var reader = try CSVReader(path: path, format: format)
    return try reader.whole()
  }

  /// Reads a table from text.
  ///
  /// - Throws: as ``load(_:format:)``.
  public init(parsing text: String, name: String, format: CSVFormat = CSVFormat()) throws {
    var rest: [UInt8] = Array(text.utf8)
    var reader = try CSVReader(name: name, format: format) {
      defer { rest = [] }
      return rest
    }
    self = try reader.whole()
  }

  /// The number of rows.
  public var count: Int { rows.count }

  /// The bytes of memory that the table takes.
  public var byteCount: Int { rows.byteCount }

  /// The text of a field, nil where it is missing (see ``MissingPolicy``).
  ///
  /// A row not within 0 ..< ``count``, or a column that is not there, is a programmer's mistake.
  public subscript(row: Int, column: String) -> String? {
    guard let index = indices[column] else { preconditionFailure("no column '\(column)'") }
    precondition((0..<count).contains(row), "row \(row) of \(count)")
    return value(row, index) == .missing ? nil : rows.text(row, index)
  }

  /// The line of the file where a row starts, from 1.
  public func line(ofRow row: Int) -> Int { rows.lines[row] }

  /// What a field says.
  func value(_ row: Int, _ column: Int) -> FieldValue {
    rows.value(row, column, decimalComma: delimiter == .semicolon)
  }

  /// An error about a field.
  func error(
    _ row: Int, _ column: Int, expected: String, found: String? = nil
  ) -> FormatError {
    let text = value(row, column) == .missing && rows.content(row, column).range.isEmpty
    let there = text ? "nothing" : FormatError.quoted(rows.text(row, column))
    return FormatError(name, rows.place(row, column), expected: expected, found: found ?? there)
  }

  /// An error about a whole column.
  func error(column: String, expected: String, found: String) -> FormatError {
    FormatError(
      name, .entry("column \(FormatError.quoted(column))"), expected: expected, found: found)
  }
}
