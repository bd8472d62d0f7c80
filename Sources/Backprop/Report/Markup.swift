/// Text that is safe inside HTML and SVG, and numbers as people read them.
enum Markup {
  /// Text with the characters that mean something in HTML replaced, and those that may not stand in
  /// a page left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t", "\r": result += " "
      case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element with escaped attribute values; `content` is markup already.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String = ""
  ) -> String {
    let list = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    return "<\(name)\(list)>\(content)</\(name)>"
  }

  /// A number with `digits` significant digits, as in 0.0412, 12.3, 1.2e−5.
  static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    guard value != 0 else { return "0" }
    var exponent = 0
    var mantissa = value.magnitude
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let sign = value < 0 ? "−" : ""
    guard (-4..<7).contains(exponent) else {
      let power = exponent < 0 ? "−\(-exponent)" : "\(exponent)"
      return "\(sign)\(fixed(mantissa, digits - 1))e\(power)"
    }
    return sign + fixed(value.magnitude, max(0, digits - 1 - exponent))
  }

  /// A number with a fixed count of decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let sign = value < 0 && scaled > 0 ? "−" : ""
    let digits = String(Int(scaled))
    if decimals == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }

  /// A number that stands in `metrics.jsonl`: rounded to read, exact for machines.
  static func figure(_ value: JSONValue, isPart: Bool = false) -> String {
    guard let number = value.double else { return "–" }
    let text =
      isPart
      ? fixed(number * 100, 2) + " %" : value.integer.map(String.init) ?? Self.number(number)
    return element("data", ["value": value.text()], text)
  }

  /// A cell of a table.
  enum Cell {
    case text(String)
    /// Markup, set to the right.
    case figure(String)

    var html: String {
      switch self {
      case .text(let text): element("td", [:], escaped(text))
      case .figure(let markup): element("td", ["class": "n"], markup)
      }
    }
  }

  /// A table: a row of heads, then rows of cells.
  static func table(_ heads: [String], _ rows: [[Cell]], caption: String) -> String {
    let top = heads.indices.map { column in
      let isNumber =
        if case .figure? = rows.first.flatMap({ $0.indices.contains(column) ? $0[column] : nil }) {
          true
        } else {
          false
        }
      return element("th", ["scope": "col", "class": isNumber ? "n" : "t"], escaped(heads[column]))
    }.joined()
    let body = rows.map { "<tr>\($0.map(\.html).joined())</tr>" }.joined(separator: "\n")
    return """
      <div class="scroll"><table><caption>\(escaped(caption))</caption>
      <thead><tr>\(top)</tr></thead><tbody>
      \(body)
      </tbody></table></div>
      """
  }
}
