/// Finds rows and fields in bytes that come in chunks; the one place that walks over raw bytes.
///
/// The rules are those of RFC 4180, with these additions: lines may end with LF or CR alone; empty
/// lines are skipped; a quote within a field that does not start with one is a plain character.
///
/// Nothing depends on where chunks end: a byte is looked at when it, and what decides its meaning,
/// is there.
///
/// - Source: Y. Shafranovich, "Common Format and MIME Type for Comma-Separated Values (CSV)
///   Files", RFC 4180 (2005).
struct CSVScanner {
  static let quote: UInt8 = 0x22
  /// The most columns: a delimiter is one byte of the file, but the name of a column is many.
  static let columnLimit = 1 << 20
  private enum State { case fieldStart, unquoted, quoted, closed }

  private let file: String
  private let delimiter: UInt8
  private let hasHeader: Bool
  /// For each byte, 1 if it ends a run of plain ones: in an unquoted field, and in a quoted one.
  private let (unquoted, quoted): ([UInt8], [UInt8])

  /// Rows that are complete; behind their bytes those of one that is not.
  private(set) var rows = TableRows()
  private var state = State.fieldStart
  private var (position, rowStart, fieldStart, lineStart) = (0, 0, 0, 0)
  /// The line that is being read, from 1.
  private(set) var line = 1
  private var rowLine = 1
  private var fields = 0
  /// Where the open quote is, and the first field too many.
  private var (opened, surplus) = (FormatError.Place.file, FormatError.Place?.none)

  init(file: String, delimiter: UInt8, hasHeader: Bool, skipping start: Int) {
    (self.file, self.delimiter, self.hasHeader) = (file, delimiter, hasHeader)
    (position, rowStart, fieldStart, lineStart) = (start, start, start, start)
    var marks = [UInt8](repeating: 0, count: 256)
    for byte in [0x00, 0x0a, 0x0d] + Array(0x80...0xff) { marks[byte] = 1 }
    quoted = marks.enumerated().map { $0 == Int(Self.quote) ? 1 : $1 }
    unquoted = marks.enumerated().map { $0 == Int(delimiter) ? 1 : $1 }
  }

  /// Makes room for a file of a known size.
  mutating func reserve(_ size: Int) { rows.bytes.reserveCapacity(size) }

  /// Takes the first row off.
  mutating func removeFirst() { rows.removeFirst() }

  /// Takes the next bytes in; `isLast` says that none will follow.
  mutating func scan(_ chunk: [UInt8], isLast: Bool) throws(FormatError) {
    rows.bytes.append(contentsOf: chunk)
    // Another reference to the same memory, which nothing writes to until it is gone.
    let bytes = rows.bytes
    try bytes.withUnsafeBufferPointer { (bytes) throws(FormatError) in
      try scan(bytes, isLast)
      if isLast { try finish(bytes) }
    }
    guard position - rowStart <= 1 << 30 else {
      throw FormatError(
        file, .line(rowLine, column: 1), expected: "a row of at most 1 GiB", found: "a longer one")
    }
    guard rows.byteCount <= MachineMemory.byteCount else {
      throw FormatError(
        file, .line(line, column: 1),
        expected:
          "a table within the \(MachineMemory.byteCount >> 20) MiB of this machine's memory",
        found: "a larger one")
    }
  }

  /// Hands the complete rows over, and starts anew with what is left.
  mutating func take() -> TableRows {
    var taken = rows
    let open = rows.ends[(rows.count * rows.width)...]
    rows = TableRows(
      bytes: Array(taken.bytes[rowStart...]), ends: Array(open), width: taken.width)
    taken.ends.removeLast(open.count)
    (position, fieldStart) = (position - rowStart, fieldStart - rowStart)
    (lineStart, rowStart) = (lineStart - rowStart, 0)
    return taken
  }

  private mutating func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ isLast: Bool
  ) throws(FormatError) {
    while position < bytes.count {
      switch state {
      case .fieldStart:
        fieldStart = position
        state = .unquoted
        if bytes[position] == Self.quote {
          (state, opened) = (.quoted, place(position))
          position += 1
        }
      case .unquoted:
        skipFields(bytes)
        guard position < bytes.count else { return }
        guard try step(bytes, isLast) else { return }
      case .quoted:
        skip(bytes, quoted)
        guard position < bytes.count else { return }
        guard try quotedStep(bytes, isLast) else { return }
      case .closed:
        let byte = bytes[position]
        guard byte == delimiter || byte == 0x0a || byte == 0x0d else {
          throw error(
            position, "\(Self.name(delimiter)) or the end of the line after the closing quote",
            Self.name(byte))
        }
        guard try step(bytes, isLast) else { return }
      }
    }
  }

  /// Goes on to the next byte that is not plain.
  private mutating func skip(_ bytes: UnsafeBufferPointer<UInt8>, _ marks: [UInt8]) {
    var index = position
    marks.withUnsafeBufferPointer { marks in
      while index < bytes.count, marks[Int(bytes[index])] == 0 { index &+= 1 }
    }
    position = index
  }

  /// Goes over unquoted fields as long as nothing but delimiters stands between them, and on to the
  /// next byte that is something else: what ``step(_:_:)`` does, for the fields that most are.
  private mutating func skipFields(_ bytes: UnsafeBufferPointer<UInt8>) {
    var (index, start, count) = (position, fieldStart, fields)
    let (delimiter, rowStart, last) = (delimiter, rowStart, rows.width - 1)
    unquoted.withUnsafeBufferPointer { marks in
      while true {
        while index < bytes.count, marks[Int(bytes[index])] == 0 { index &+= 1 }
        guard index &+ 1 < bytes.count, bytes[index] == delimiter, count < last,
          bytes[index &+ 1] != Self.quote
        else { break }
        rows.ends.append(UInt32(truncatingIfNeeded: index &- rowStart))
        (index, start, count) = (index &+ 1, index &+ 1, count &+ 1)
      }
    }
    (position, fieldStart, fields) = (index, start, count)
  }

  /// A special byte outside quotes; false if it waits for those behind it.
  private mutating func step(
    _ bytes: UnsafeBufferPointer<UInt8>, _ isLast: Bool
  ) throws(FormatError) -> Bool {
    switch bytes[position] {
    case delimiter:
      endField(at: position)
      position += 1
      state = .fieldStart
    case 0x0a, 0x0d:
      guard let next = lineEnd(bytes, isLast) else { return false }
      try endRow(at: position)
      startLine(next)
      (rowStart, rowLine, state) = (next, line, .fieldStart)
    default: return try character(bytes, isLast)
    }
    return true
  }

  /// A special byte within quotes; false if it waits for those behind it.
  private mutating func quotedStep(
    _ bytes: UnsafeBufferPointer<UInt8>, _ isLast: Bool
  ) throws(FormatError) -> Bool {
    switch bytes[position] {
    case Self.quote:
      guard position + 1 < bytes.count || isLast else { return false }
      if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
        position += 2
      } else {
        position += 1
        state = .closed
      }
    case 0x0a, 0x0d:
      guard let next = lineEnd(bytes, isLast) else { return false }
      startLine(next)
    default: return try character(bytes, isLast)
    }
    return true
  }

  /// The place behind a line's end; nil if it may be a CR LF of which only the CR is there.
  private func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ isLast: Bool) -> Int? {
    guard bytes[position] == 0x0d else { return position + 1 }
    guard position + 1 < bytes.count else { return isLast ? position + 1 : nil }
    return bytes[position + 1] == 0x0a ? position + 2 : position + 1
  }

  private mutating func startLine(_ start: Int) {
    (position, lineStart, line) = (start, start, line + 1)
  }

  /// Goes over a character of several bytes; false if not all are there.
  private mutating func character(
    _ bytes: UnsafeBufferPointer<UInt8>, _ isLast: Bool
  ) throws(FormatError) -> Bool {
    guard bytes[position] != 0 else { throw error(position, "text", "a NUL byte") }
    let end = min(position + 4, bytes.count)
    let length = Self.utf8Length(UnsafeBufferPointer(rebasing: bytes[position..<end]))
    guard length != 0 || isLast else { return false }
    guard length > 0 else {
      throw error(
        position, "text in UTF-8",
        "\(Self.name(bytes[position])); convert the file, as with iconv -f latin1 -t utf-8")
    }
    position += length
    return true
  }
}

extension CSVScanner {
  /// The end of the file is also that of the last row.
  private mutating func finish(_ bytes: UnsafeBufferPointer<UInt8>) throws(FormatError) {
    guard state != .quoted else {
      throw FormatError(
        file, opened, expected: "a quote that closes the one here", found: "the end of the file")
    }
    if state == .fieldStart { fieldStart = position }
    try endRow(at: position)
    rowStart = position
  }

  private mutating func endField(at end: Int) {
    fields += 1
    guard rows.width == 0 || fields <= rows.width else {
      if surplus == nil { surplus = place(fieldStart) }
      return
    }
    let mark = state == .closed ? TableRows.quotedBit : 0
    rows.ends.append(UInt32(truncatingIfNeeded: end - rowStart) | mark)
  }

  private mutating func endRow(at end: Int) throws(FormatError) {
    guard end > rowStart else { return }
    endField(at: end)
    if rows.width == 0 { rows.width = fields }
    guard rows.width <= Self.columnLimit else {
      throw FormatError(
        file, .line(rowLine, column: 1), expected: "at most \(Self.columnLimit) columns",
        found: "\(rows.width)")
    }
    guard fields == rows.width else {
      let fields = "\(rows.width) field\(rows.width == 1 ? "" : "s")"
      throw FormatError(
        file, surplus ?? place(end),
        expected: "\(fields), as in the \(hasHeader ? "header" : "first row")",
        found: "\(self.fields)")
    }
    rows.starts.append(rowStart)
    rows.lines.append(rowLine)
    fields = 0
  }

  private func place(_ index: Int) -> FormatError.Place {
    .line(line, column: index - lineStart + 1)
  }

  private func error(_ index: Int, _ expected: String, _ found: String) -> FormatError {
    FormatError(file, place(index), expected: expected, found: found)
  }
}
