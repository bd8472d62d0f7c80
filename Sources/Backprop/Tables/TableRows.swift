/// Rows of a table as they stand in the file: its bytes, and where the fields are.
///
/// ```
/// bytes   5.1,"a ""b""",2⏎4.9,c,3⏎…      as in the file, line ends and all
/// starts  ^              ^               one a row
/// ends       3        11 13              width a row, counted from the row's start;
///                                        the top bit says that the field is quoted
/// ```
///
/// A field costs four bytes beside its text, and its place in the file need not be stored: it is
/// found by walking along its row, which only errors do.
struct TableRows: Sendable {
  var bytes: [UInt8] = []
  var starts: [Int] = []
  /// The line of each row's start, from 1.
  var lines: [Int] = []
  var ends: [UInt32] = []
  /// The number of fields of a row; 0 before the first row.
  var width = 0

  static let quotedBit: UInt32 = 1 << 31

  /// The number of rows.
  var count: Int { starts.count }

  /// The bytes of memory that the rows take.
  var byteCount: Int { bytes.count + 4 * ends.count + 16 * count }

  /// A field's place with its quotes and spaces.
  private func whole(_ row: Int, _ column: Int) -> (range: Range<Int>, isQuoted: Bool) {
    let start = starts[row], index = row * width + column
    let end = ends[index]
    let first = column == 0 ? 0 : Int(ends[index - 1] & ~Self.quotedBit) + 1
    return (start + first..<start + Int(end & ~Self.quotedBit), end & Self.quotedBit != 0)
  }

  /// Where a field's content is: within the quotes, or without the spaces around it.
  func content(_ row: Int, _ column: Int) -> (range: Range<Int>, isQuoted: Bool) {
    let (range, isQuoted) = whole(row, column)
    if isQuoted { return (range.lowerBound + 1..<range.upperBound - 1, true) }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, Self.isSpace(bytes[start]) { start += 1 }
    while start < end, Self.isSpace(bytes[end - 1]) { end -= 1 }
    return (start..<end, false)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// A field's text: doubled quotes are one, and spaces around an unquoted field are left out.
  func text(_ row: Int, _ column: Int) -> String {
    let (range, isQuoted) = content(row, column)
    guard isQuoted, bytes[range].contains(CSVScanner.quote) else {
      return String(decoding: bytes[range], as: UTF8.self)
    }
    var text: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      text.append(bytes[index])
      index += bytes[index] == CSVScanner.quote ? 2 : 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// What a field says.
  func value(_ row: Int, _ column: Int, decimalComma: Bool) -> FieldValue {
    let range = content(row, column).range
    return bytes.withUnsafeBufferPointer {
      FieldValue(UnsafeBufferPointer(rebasing: $0[range]), decimalComma: decimalComma)
    }
  }

  /// Where in the file a field starts.
  func place(_ row: Int, _ column: Int) -> FormatError.Place {
    let (range, isQuoted) = content(row, column)
    let start = isQuoted ? range.lowerBound - 1 : range.lowerBound
    var (line, lineStart) = (lines[row], starts[row])
    for index in starts[row]..<start {
      let isEnd = bytes[index] == 0x0a || (bytes[index] == 0x0d && bytes[index + 1] != 0x0a)
      if isEnd { (line, lineStart) = (line + 1, index + 1) }
    }
    return .line(line, column: start - lineStart + 1)
  }

  /// Takes the first row off.
  mutating func removeFirst() {
    starts.removeFirst()
    lines.removeFirst()
    ends.removeFirst(width)
  }
}
