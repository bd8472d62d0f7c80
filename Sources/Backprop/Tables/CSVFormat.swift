/// How a CSV file is written, as far as the file does not tell.
public struct CSVFormat: Hashable, Sendable {
  /// What stands between two fields.
  public enum Delimiter: String, Hashable, Sendable, CaseIterable {
    case comma = ","
    case semicolon = ";"
    case tab = "\t"

    /// The delimiter's byte.
    var byte: UInt8 {
      switch self {
      case .comma: 0x2c
      case .semicolon: 0x3b
      case .tab: 0x09
      }
    }
  }

  /// What stands between fields; nil to find out.
  ///
  /// Of the first ten rows, the delimiter is the one that stands in each equally often: a tab, else
  /// `;`, else `,` (in a file with `;`, a comma may be part of numbers). If none does, it is the
  /// one that stands most often in the first row.
  public var delimiter: Delimiter?
  /// Whether the first row has the names of the columns. Without a header they are c1, c2, ….
  public var hasHeader: Bool

  /// Describes a file.
  public init(delimiter: Delimiter? = nil, hasHeader: Bool = true) {
    (self.delimiter, self.hasHeader) = (delimiter, hasHeader)
  }
}

extension CSVFormat.Delimiter {
  /// How much of a file is looked at.
  private static let (rowLimit, byteLimit) = (10, 1 << 16)

  /// The delimiter of a file that starts with these bytes; nil if more of it is needed.
  ///
  /// The answer does not depend on how many bytes beyond those needed are there.
  static func found(in bytes: [UInt8], isWhole: Bool) -> CSVFormat.Delimiter? {
    let candidates: [CSVFormat.Delimiter] = [.tab, .semicolon, .comma]
    var rows: [[Int]] = []
    var counts = [0, 0, 0]
    var isEmpty = true
    var isQuoted = false
    // A quote opens a field where one starts; a second one after the closing quote reopens it.
    var mayOpen = true
    for byte in bytes.prefix(byteLimit) {
      if byte == CSVScanner.quote, isQuoted || mayOpen {
        mayOpen = isQuoted
        isQuoted.toggle()
        isEmpty = false
      } else if !isQuoted, byte == 0x0a || byte == 0x0d {
        if !isEmpty { rows.append(counts) }
        if rows.count == rowLimit { break }
        (counts, isEmpty, mayOpen) = ([0, 0, 0], true, true)
      } else if !isQuoted {
        let index = candidates.firstIndex { $0.byte == byte }
        if let index { counts[index] += 1 }
        mayOpen = index != nil
        isEmpty = false
      }
    }
    if rows.count < rowLimit {
      guard isWhole || bytes.count >= byteLimit else { return nil }
      if rows.isEmpty || (isWhole && !isEmpty && bytes.count < byteLimit) { rows.append(counts) }
    }
    let equal = candidates.indices.first { index in
      rows[0][index] > 0 && rows.count > 1 && rows.allSatisfy { $0[index] == rows[0][index] }
    }
    // The first of equals, from the comma on.
    let most = candidates.indices.reversed().max { rows[0][$0] < rows[0][$1] } ?? 2
    return candidates[equal ?? (rows[0][most] > 0 ? most : 2)]
  }
}
