extension JSONValue {
  /// This value as JSON text in UTF-8, without a line end behind it.
  ///
  /// Numbers have the fewest digits that read back to the same bits. A number that is not finite
  /// becomes null.
  ///
  /// - Parameter pretty: one member or element a line, indented by two spaces; arrays of plain
  ///   values stay on one line.
  package func text(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, indent: pretty ? 0 : nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      let inner = elements.allSatisfy(\.isPlain) ? nil : indent
      Self.write(elements, "[", "]", to: &text, indent: inner, spaced: indent != nil) {
        $0.write(to: &$1, indent: $2)
      }
    case .object(let members):
      Self.write(members, "{", "}", to: &text, indent: indent, spaced: indent != nil) {
        Self.write($0.name, to: &$1)
        $1 += indent == nil ? ":" : ": "
        $0.value.write(to: &$1, indent: $2)
      }
    }
  }

  /// Whether this is neither an array nor an object.
  private var isPlain: Bool { elements == nil && members == nil }

  private static func write<T>(
    _ parts: [T], _ open: String, _ close: String, to text: inout String, indent: Int?,
    spaced: Bool, _ part: (T, inout String, Int?) -> Void
  ) {
    text += open
    for (index, element) in parts.enumerated() {
      if index > 0 { text += indent == nil && spaced ? ", " : "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      part(element, &text, indent.map { $0 + 1 })
    }
    if let indent, !parts.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<" ", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
