/// Reads a table from a CSV file, from standard input or from any bytes, block by block, so that
/// the whole need not fit in memory.
///
/// ```swift
/// var reader = try CSVReader(path: "measurements.csv")
/// while let block = try reader.next() { print(block.count, "rows of", block.columns) }
/// ```
///
/// The format is that of RFC 4180 in UTF-8: fields may stand in quotes, and then have line ends,
/// delimiters and doubled quotes in them. Beyond the standard, a byte order mark is skipped, lines
/// end with CR LF, LF or CR, the delimiter may be `;` or a tab, empty lines do not count, and a
/// quote within a field that does not start with one is a plain character. Every row has as many
/// fields as the first.
///
/// The first row has the names of the columns; a column without a name is called c1, c2, … after
/// its place.
public struct CSVReader {
  /// What the file is called in errors.
  public let name: String
  /// The names of the columns.
  public let columns: [String]
  /// What stands between fields.
  public let delimiter: CSVFormat.Delimiter
  /// The bytes of the file, where it is a plain one.
  package let size: Int?

  private let source: () throws -> [UInt8]
  private var scanner: CSVScanner
  private var isAtEnd: Bool
  private var isEmpty = true

  /// Opens a file; the path `-` stands for standard input.
  ///
  /// - Throws: ``FileError`` if it cannot be read; ``FormatError``, as
  ///   ``init(name:format:source:)``.
  public init(path: String, format: CSVFormat = CSVFormat()) throws {
    let stream = path == "-" ? FileStream() : try FileStream(path: path)
    try self.init(name: stream.name, format: format, size: stream.size) {
      try stream.read(1 << 18)
    }
  }

  /// Reads bytes from anywhere.
  ///
  /// - Parameters:
  ///   - name: what the file is called in errors.
  ///   - format: what the file does not tell by itself.
  ///   - source: gives the next bytes, as many as it likes, and none at the end.
  /// - Throws: what the source throws; ``FormatError``, with line and column, if the file is empty,
  ///   has no header, has two columns of one name, or the first rows are not what they should be.
  public init(
    name: String, format: CSVFormat = CSVFormat(), source: @escaping () throws -> [UInt8]
  ) throws {
    try self.init(name: name, format: format, size: nil, source: source)
  }

  private init(
    name: String, format: CSVFormat, size: Int?, source: @escaping () throws -> [UInt8]
  ) throws {
    var start: [UInt8] = []
    var delimiter: CSVFormat.Delimiter?
    isAtEnd = false
    repeat {
      let chunk = try source()
      isAtEnd = chunk.isEmpty
      start += chunk
      guard start.count >= 3 || isAtEnd else { continue }
      delimiter = format.delimiter ?? .found(in: start, isWhole: isAtEnd)
    } while delimiter == nil
    let found = delimiter ?? .comma
    let skipped = try Self.skippedBytes(start, name)

    scanner = CSVScanner(
      file: name, delimiter: found.byte, hasHeader: format.hasHeader, skipping: skipped)
    try scanner.scan(start, isLast: isAtEnd)
    while scanner.rows.count == 0, !isAtEnd {
      let chunk = try source()
      isAtEnd = chunk.isEmpty
      try scanner.scan(chunk, isLast: isAtEnd)
    }
    guard scanner.rows.count > 0 else {
      throw FormatError(name, expected: "rows of a table", found: "an empty file")
    }
    columns = try Self.names(scanner.rows, format.hasHeader, found, name)
    if format.hasHeader { scanner.removeFirst() }
    (self.name, self.size, self.source, self.delimiter) = (name, size, source, found)
  }

  /// The next rows, at least as many as asked for unless the file ends; nil after the last.
  ///
  /// - Throws: what the source throws; ``FormatError``, with line and column, if the file is not
  ///   what it should be, or ends without a row below the header.
  public mutating func next(minimumRows: Int = 1) throws -> Table? {
    while scanner.rows.count < max(1, minimumRows), !isAtEnd {
      let chunk = try source()
      isAtEnd = chunk.isEmpty
      try scanner.scan(chunk, isLast: isAtEnd)
    }
    guard scanner.rows.count > 0 else {
      guard !isEmpty else {
        throw FormatError(
          name, .line(scanner.line, column: 1), expected: "rows below the header",
          found: "the end of the file")
      }
      return nil
    }
    isEmpty = false
    return Table(name: name, columns: columns, delimiter: delimiter, rows: scanner.take())
  }

  /// All rows, before any was taken.
  mutating func whole() throws -> Table {
    if let size {
      try MachineMemory.check(fileSize: size, name)
      scanner.reserve(size + 1)
    }
    if let table = try next(minimumRows: .max) { return table }
    throw FormatError(name, expected: "rows of a table", found: "none")
  }
}

extension CSVReader {
  /// The length of a byte order mark; an error for bytes that are no text in UTF-8 at all.
  private static func skippedBytes(_ start: [UInt8], _ name: String) throws(FormatError) -> Int {
    if start.starts(with: [0xef, 0xbb, 0xbf]) { return 3 }
    let other: String? =
      if start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff]) {
        "UTF-16; convert the file, as with iconv -f utf-16 -t utf-8"
      } else if start.starts(with: [0x1f, 0x8b]) {
        "gzip data; unpack the file first"
      } else {
        nil
      }
    guard let other else { return 0 }
    throw FormatError(name, .line(1, column: 1), expected: "text in UTF-8", found: other)
  }

  /// The names of the columns, from the first row or made up.
  private static func names(
    _ rows: TableRows, _ hasHeader: Bool, _ delimiter: CSVFormat.Delimiter, _ file: String
  ) throws(FormatError) -> [String] {
    let numbered = (0..<rows.width).map { "c\($0 + 1)" }
    guard hasHeader else { return numbered }
    let values = numbered.indices.map {
      rows.value(0, $0, decimalComma: delimiter == .semicolon)
    }
    let isText = values.contains { $0 == .text || $0 == .missing }
    guard isText else {
      throw FormatError(
        file, rows.place(0, 0), expected: "a header with the names of the columns",
        found: "a row of numbers; a file without a header is read with --no-header")
    }
    var names: [String] = []
    var seen: [String: Int] = [:]
    for column in numbered.indices {
      let text = rows.text(0, column)
      let name = text.isEmpty ? numbered[column] : text
      if let first = seen.updateValue(column, forKey: name) {
        throw FormatError(
          file, rows.place(0, column), expected: "names that differ",
          found: "\(FormatError.quoted(name)) again, the name of column \(first + 1)")
      }
      names.append(name)
    }
    return names
  }
}
