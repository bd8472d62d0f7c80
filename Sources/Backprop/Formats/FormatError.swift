/// A file that is not what it should be: where, what was expected there, and what stood there.
public struct FormatError: Error, Hashable, CustomStringConvertible {
  /// A place in a file.
  public enum Place: Hashable, Sendable {
    /// The file as a whole.
    case file
    /// An offset in bytes, from 0.
    case byte(Int)
    /// A line, and a column in bytes, both from 1.
    case line(Int, column: Int)
    /// A named part, such as `tensor 'hidden.weight'`.
    case entry(String)
  }

  /// The file's path or name.
  public let file: String
  /// Where in the file.
  public let place: Place
  /// What should have stood there.
  public let expected: String
  /// What stood there.
  public let found: String

  /// Describes what is wrong with a file.
  public init(_ file: String, _ place: Place = .file, expected: String, found: String) {
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// The error in one line, safe to print.
  public var description: String {
    let place =
      switch place {
      case .file: ""
      case .byte(let offset): "byte \(offset): "
      case .line(let line, let column): "line \(line), column \(column): "
      case .entry(let name): "\(name): "
      }
    return "\(file): \(place)expected \(expected), found \(found)".printableLine
  }

  /// Text from a file, safe to print in an error of one line: quoted, escaped, and cut where it is
  /// long.
  package static func quoted(_ text: String) -> String {
    var result = "'"
    for (count, scalar) in text.unicodeScalars.enumerated() {
      if count == 60 {
        result += "…"
        break
      }
      result += scalar.properties.isPrintable ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return result + "'"
  }

  /// Bytes in two digits each.
  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}

extension Unicode.Scalar.Properties {
  /// Whether a scalar has a visible form of its own (or is a plain space).
  var isPrintable: Bool {
    switch generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}
