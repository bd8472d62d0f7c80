/// Text that is safe inside HTML and SVG, and numbers as people read them.
enum Markup {
  /// Text with the characters that mean something in HTML replaced.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
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

  /// A number with `digits` significant digits, as in 0.0412, 12.3, 1.2e-05.
  static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    guard value != 0 else { return "0" }
    var exponent = 0
    var mantissa = value.magnitude
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let sign = value < 0 ? "−" : ""
    if exponent < -4 || exponent >= 7 {
      return "\(sign)\(fixed(mantissa, digits - 1))e\(exponent)"
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

  /// A part of one as a percentage.
  static func percent(_ part: Double) -> String { "\(fixed(part * 100, 2)) %" }

  /// A table: a row of heads, then rows of cells, all text. Cells that are numbers stand to the right.
  static func table(_ heads: [String], _ rows: [[String]], caption: String) -> String {
    func cells(_ row: [String], _ name: String) -> String {
      row.enumerated().map { index, text in
        let isNumber = text.first.map { $0.isNumber || $0 == "−" || $0 == "-" } ?? false
        let scope = name == "th" ? " scope=\"col\"" : ""
        return
          "<\(name)\(scope)\(isNumber && name == "td" ? " class=\"n\"" : "")>\(escaped(text))</\(name)>"
      }.joined()
    }
    let body = rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
    return """
      <div class="scroll"><table><caption>\(escaped(caption))</caption>
      <thead><tr>\(cells(heads, "th"))</tr></thead><tbody>
      \(body)
      </tbody></table></div>
      """
  }
}
