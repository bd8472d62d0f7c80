/// How formulas are written: one walk over the tree, three alphabets.
protocol FormulaWriter {
  /// Whether figures are written as numbers, or as symbols.
  var hasNumbers: Bool { get }
  func number(_ value: Double) -> String
  /// A number of the network.
  func figure(_ id: String, _ value: Double) -> String
  func symbol(_ symbol: Formula.Symbol) -> String
  func derivative(_ top: String, _ bottom: String) -> String
  /// Terms with their signs.
  func sum(_ terms: [(isNegative: Bool, text: String)]) -> String
  func product(_ factors: [String]) -> String
  func hadamard(_ factors: [String]) -> String
  func quotient(_ top: String, _ bottom: String) -> String
  func power(_ base: String, _ exponent: String) -> String
  /// e to the power of something.
  func exponential(_ exponent: String) -> String
  func root(_ radicand: String) -> String
  func call(_ name: String, _ argument: String) -> String
  func choice(_ condition: String, _ yes: String, _ no: String) -> String
  func rest(_ count: Int, _ value: Double) -> String
  func series(_ index: String, _ body: String) -> String
  func transpose(_ part: String) -> String
  func group(_ part: String) -> String
  func matrix(_ rows: [[String]]) -> String
  var ellipsis: String { get }
  /// Whether a quotient needs no brackets inside a product, as a fraction with a bar does not.
  var hasFractions: Bool { get }
}

extension FormulaWriter {
  func figure(_ id: String, _ value: Double) -> String { number(value) }

  /// The text of a formula.
  func text(_ formula: Formula) -> String { write(formula, 0) }

  /// - Parameter level: 0 anything goes, 1 a sum needs brackets, 2 a product or a sign does too,
  ///   3 a derivative does where it is written in a line, 4 everything but a single letter.
  private func write(_ formula: Formula, _ level: Int) -> String {
    switch formula {
    case .number(let value): return signed(value, level)
    case .symbol(let symbol): return self.symbol(symbol)
    case .quantity(let quantity):
      guard hasNumbers else { return write(quantity.symbol, level) }
      let text = figure(quantity.id, quantity.value)
      return quantity.value < 0 && level > 0 ? group(text) : text
    case .derivative(let top, let bottom):
      let text = derivative(write(top, 3), write(bottom, 3))
      return level > (hasFractions ? 3 : 2) ? group(text) : text
    case .sum(let terms):
      let text = sum(
        terms.map { term in
          switch term {
          case .negative(let inner): (true, write(inner, 2))
          case .number(let value) where value < 0: (true, number(-value))
          case .quantity(let quantity) where hasNumbers && quantity.value < 0:
            (true, figure(quantity.id, -quantity.value))
          case .product(let factors): signedProduct(factors)
          default: (false, write(term, 1))
          }
        })
      return level > 0 ? group(text) : text
    case .negative(let part):
      let text = sum([(true, write(part, 2))])
      return level > 0 ? group(text) : text
    case .product(let factors):
      let text = product(factors.enumerated().map { write($1, $0 == 0 ? 1 : 2) })
      return level > 2 ? group(text) : text
    case .hadamard(let factors):
      let text = hadamard(factors.map { write($0, 3) })
      return level > 1 ? group(text) : text
    case .quotient(let top, let bottom):
      let inner = hasFractions ? 0 : 2
      let text = quotient(write(top, inner), write(bottom, hasFractions ? 0 : 3))
      return level > (hasFractions ? 2 : 1) ? group(text) : text
    case .power(let base, let exponent): return power(write(base, 4), "\(exponent)")
    case .call(.exp, let argument): return exponential(write(argument, 0))
    case .call(.sqrt, let argument): return root(write(argument, 0))
    case .call(let function, let argument): return call(function.rawValue, write(argument, 0))
    case .positive(let condition, let yes, let no):
      return choice(write(condition, 0), write(yes, 0), write(no, 0))
    case .rest(let count, let value): return rest(count, value)
    case .series(let index, let body):
      let text = series(index, write(body, 2))
      return level > 1 ? group(text) : text
    case .transpose(let part): return transpose(write(part, 4))
    case .diagonal(let part): return call("diag", write(part, 0))
    case .matrix(let matrix):
      guard hasNumbers else { return write(matrix.symbol, level) }
      return self.matrix(matrix.rows.map { $0.map { $0.map(number) ?? ellipsis } })
    }
  }

  /// A product of numbers as a term of a sum: a sign in front of its first factor becomes the term's.
  private func signedProduct(_ factors: [Formula]) -> (Bool, String) {
    var factors = factors
    var isNegative = false
    switch factors.first {
    case .quantity(var quantity)? where hasNumbers && quantity.value < 0:
      quantity.value = -quantity.value
      (factors[0], isNegative) = (.quantity(quantity), true)
    case .number(let value)? where value < 0:
      (factors[0], isNegative) = (.number(-value), true)
    default: break
    }
    return (isNegative, write(.product(factors), 1))
  }

  private func signed(_ value: Double, _ level: Int) -> String {
    let text = number(value)
    return value < 0 && level > 0 ? group(text) : text
  }
}

/// Numbers for readers.
enum Digits {
  /// A number with up to so many significant digits, without zeros at the end.
  static func short(_ value: Double, _ digits: Int = 6) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    let shortest = full(value)
    if shortest.filter(\.isNumber).count <= digits { return shortest }
    var (mantissa, exponent) = split(value.magnitude)
    let unit = (1..<digits).reduce(1.0) { power, _ in power * 10 }
    var whole = Int((mantissa * unit).rounded())
    if whole >= Int(unit * 10) { (whole, exponent, mantissa) = (whole / 10, exponent + 1, 1) }
    var text = String(whole)
    let sign = value < 0 ? "−" : ""
    if (-5..<digits).contains(exponent) {
      if exponent < 0 {
        text = "0." + String(repeating: "0", count: -exponent - 1) + trimmed(text)
      } else if exponent + 1 < text.count {
        let head = text.prefix(exponent + 1)
        let tail = trimmed(String(text.dropFirst(exponent + 1)))
        text = tail.isEmpty ? String(head) : "\(head).\(tail)"
      }
      return sign + text
    }
    let tail = trimmed(String(text.dropFirst()))
    return "\(sign)\(text.prefix(1))\(tail.isEmpty ? "" : "." + tail)e\(minus(exponent))"
  }

  /// A number inside a formula: short, but never rounded to a whole number that it is not, so that
  /// 1 − a of a saturated unit can be followed.
  static func term(_ value: Double) -> String {
    let text = short(value)
    let isWhole = !text.contains(".") && !text.contains("e")
    return isWhole && value.isFinite && value != value.rounded() ? full(value) : text
  }

  /// A number that fits into a circle of the drawing.
  static func narrow(_ value: Double, isFull: Bool) -> String {
    if isFull { return short(value, 4) }
    if value == 0 || !value.isFinite || (0.01..<1000).contains(value.magnitude) {
      return short(value, 3)
    }
    let (mantissa, exponent) = split(value.magnitude)
    let digit = Int(mantissa.rounded())
    let (lead, power) = digit == 10 ? (1, exponent + 1) : (digit, exponent)
    return "\(value < 0 ? "−" : "")\(lead)e\(minus(power))"
  }

  /// All digits: the fewest that read back to the same bits, with a real minus sign.
  static func full(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    var text = value.description
    if text.hasSuffix(".0") { text.removeLast(2) }
    return String(text.map { $0 == "-" ? "−" : $0 })
  }

  private static func split(_ magnitude: Double) -> (Double, Int) {
    var (mantissa, exponent) = (magnitude, 0)
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return (mantissa, exponent)
  }

  private static func trimmed(_ digits: String) -> String {
    String(digits.reversed().drop { $0 == "0" }.reversed())
  }

  private static func minus(_ exponent: Int) -> String {
    exponent < 0 ? "−\(-exponent)" : "\(exponent)"
  }
}
