/// Formulas in plain Unicode text.
struct TextFormulas: FormulaWriter {
  var hasNumbers = false
  var hasFractions: Bool { false }
  var ellipsis: String { "…" }

  func number(_ value: Double) -> String { Digits.term(value) }

  func symbol(_ symbol: Formula.Symbol) -> String {
    let layer = symbol.layer.map { Self.raised($0) } ?? ""
    let sample = symbol.sample.map { "⟨\($0)⟩" } ?? ""
    return symbol.base + layer + Self.lowered(symbol.indices) + sample
  }

  func derivative(_ top: String, _ bottom: String) -> String { "∂\(top)/∂\(bottom)" }

  func sum(_ terms: [(isNegative: Bool, text: String)]) -> String {
    terms.enumerated().map { index, term in
      index == 0
        ? (term.isNegative ? "−" : "") + term.text
        : (term.isNegative ? " − " : " + ") + term.text
    }.joined()
  }

  func product(_ factors: [String]) -> String { factors.joined(separator: " · ") }
  func hadamard(_ factors: [String]) -> String { factors.joined(separator: " ⊙ ") }
  func quotient(_ top: String, _ bottom: String) -> String { "\(top) / \(bottom)" }
  func power(_ base: String, _ exponent: String) -> String { base + Self.raised(exponent) }
  func exponential(_ exponent: String) -> String { "e^(\(exponent))" }
  func root(_ radicand: String) -> String { "√(\(radicand))" }
  func call(_ name: String, _ argument: String) -> String { "\(name)(\(argument))" }
  func choice(_ condition: String, _ yes: String, _ no: String) -> String {
    "(\(yes) if \(condition) > 0, else \(no))"
  }
  func rest(_ count: Int, _ value: Double) -> String {
    hasNumbers ? "[\(count) more: \(number(value))]" : "…"
  }
  func series(_ index: String, _ body: String) -> String { "Σ\(Self.lowered([index])) \(body)" }
  func transpose(_ part: String) -> String {
    // Behind the number of a layer it would read as part of it.
    let isRaised = part.last.map { Self.above.values.contains($0) } ?? false
    return isRaised ? "(\(part))ᵀ" : "\(part)ᵀ"
  }
  func group(_ part: String) -> String { "(\(part))" }
  func matrix(_ rows: [[String]]) -> String {
    "[" + rows.map { $0.joined(separator: " ") }.joined(separator: "; ") + "]"
  }

  private static let above: [Character: Character] = [
    "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸",
    "9": "⁹", "-": "⁻", "+": "⁺", "l": "ˡ", "L": "ᴸ",
  ]
  private static let below: [Character: Character] = [
    "0": "₀", "1": "₁", "2": "₂", "3": "₃", "4": "₄", "5": "₅", "6": "₆", "7": "₇", "8": "₈",
    "9": "₉", "i": "ᵢ", "j": "ⱼ", "k": "ₖ", "x": "ₓ",
  ]

  private static func raised(_ text: String) -> String {
    let mapped = text.map { above[$0] }
    return mapped.contains(nil) ? "^\(text)" : String(mapped.compactMap { $0 })
  }

  private static func lowered(_ indices: [String]) -> String {
    guard !indices.isEmpty else { return "" }
    let mapped = indices.map { $0.map { below[$0] } }
    guard !mapped.contains(where: { $0.contains(nil) }) else {
      return "_" + indices.joined(separator: ",")
    }
    let isShort = indices.allSatisfy { $0.count == 1 }
    return mapped.map { String($0.compactMap { $0 }) }.joined(separator: isShort ? "" : "﹐")
  }
}

/// Formulas in LaTeX, for the inside of a math environment.
struct LaTeXFormulas: FormulaWriter {
  var hasNumbers = false
  var hasFractions: Bool { true }
  var ellipsis: String { "\\dots" }

  func number(_ value: Double) -> String {
    Self.number(text: Digits.term(value))
  }

  /// A number in Unicode as LaTeX writes it.
  static func number(text: String) -> String {
    let text = text.map { $0 == "−" ? "-" : String($0) }.joined()
    guard let e = text.firstIndex(of: "e") else {
      return text == "∞" ? "\\infty" : text == "-∞" ? "-\\infty" : text
    }
    return "\(text[..<e]) \\cdot 10^{\(text[text.index(after: e)...])}"
  }

  func symbol(_ symbol: Formula.Symbol) -> String {
    var text = Self.letter(symbol.base)
    if let layer = symbol.layer { text += "^{\(layer)}" }
    if !symbol.indices.isEmpty {
      let isShort = symbol.indices.allSatisfy { $0.count == 1 }
      text += "_{\(symbol.indices.joined(separator: isShort ? "" : ","))}"
    }
    if let sample = symbol.sample { text += "\\langle \(sample)\\rangle" }
    return text
  }

  /// Greek letters and words, safe for LaTeX.
  static func letter(_ base: String) -> String {
    let names: [String: String] = [
      "δ": "\\delta", "σ": "\\sigma", "φ": "\\varphi", "φ′": "\\varphi'", "σ′": "\\sigma'",
      "η": "\\eta", "λ": "\\lambda", "∇C": "\\nabla_a C", "Φ": "\\Phi", "Δw": "\\Delta w",
      "Δb": "\\Delta b", "w⁺": "{w^{+}}", "b⁺": "{b^{+}}", "C⁺": "{C^{+}}", "ln": "\\ln",
      "tanh": "\\tanh", "θ": "\\theta",
    ]
    if let name = names[base] { return name }
    guard base.allSatisfy(\.isASCII) else { return "\\text{\(LaTeXText.encoded(base))}" }
    return base.count == 1 ? base : "\\mathrm{\(escaped(base))}"
  }

  /// Text with what means something to LaTeX escaped.
  static func escaped(_ text: String) -> String {
    text.map { character -> String in
      switch character {
      case "_", "&", "%", "#", "$", "{", "}": "\\\(character)"
      case "\\": "\\textbackslash{}"
      case "^": "\\textasciicircum{}"
      case "~": "\\textasciitilde{}"
      default: String(character)
      }
    }.joined()
  }

  func derivative(_ top: String, _ bottom: String) -> String {
    "\\frac{\\partial \(top)}{\\partial \(bottom)}"
  }
  func sum(_ terms: [(isNegative: Bool, text: String)]) -> String {
    TextFormulas().sum(terms.map { ($0.isNegative, $0.text) }).map { $0 == "−" ? "-" : String($0) }
      .joined()
  }
  func product(_ factors: [String]) -> String { factors.joined(separator: " \\cdot ") }
  func hadamard(_ factors: [String]) -> String { factors.joined(separator: " \\odot ") }
  func quotient(_ top: String, _ bottom: String) -> String { "\\frac{\(top)}{\(bottom)}" }
  func power(_ base: String, _ exponent: String) -> String { "{\(base)}^{\(exponent)}" }
  func exponential(_ exponent: String) -> String { "e^{\(exponent)}" }
  func root(_ radicand: String) -> String { "\\sqrt{\(radicand)}" }
  func call(_ name: String, _ argument: String) -> String {
    "\(Self.letter(name))\\left(\(argument)\\right)"
  }
  func choice(_ condition: String, _ yes: String, _ no: String) -> String {
    "\\begin{cases}\(yes) & \(condition) > 0\\\\ \(no) & \\text{else}\\end{cases}"
  }
  func rest(_ count: Int, _ value: Double) -> String {
    hasNumbers ? "\\underbrace{\(number(value))}_{\\text{\(count) more}}" : "\\dots"
  }
  func series(_ index: String, _ body: String) -> String { "\\sum_{\(index)} \(body)" }
  func transpose(_ part: String) -> String { "{\(part)}^{\\mathsf T}" }
  func group(_ part: String) -> String { "\\left(\(part)\\right)" }
  func matrix(_ rows: [[String]]) -> String {
    let body = rows.map { $0.joined(separator: " & ") }.joined(separator: " \\\\ ")
    return "\\begin{pmatrix}\(body)\\end{pmatrix}"
  }
}

/// Formulas in MathML Core, without the surrounding `math` element.
struct MathMLFormulas: FormulaWriter {
  var hasNumbers = false
  /// Whether numbers of the network say which they are, as `data-figure`.
  var namesFigures = false
  var hasFractions: Bool { true }
  var ellipsis: String { "<mo>…</mo>" }

  func number(_ value: Double) -> String { number(value, "") }

  func figure(_ id: String, _ value: Double) -> String {
    number(
      value, namesFigures ? " data-figure=\"\(Markup.escaped(ExplanationPage.token(id)))\"" : "")
  }

  private func number(_ value: Double, _ mark: String) -> String {
    let text = Digits.term(value)
    let sign = text.hasPrefix("−") ? "−" : ""
    guard let e = text.firstIndex(of: "e") else { return "<mn\(mark)>\(text)</mn>" }
    let mantissa = text[text.index(text.startIndex, offsetBy: sign.count)..<e]
    let power = "<msup><mn>10</mn><mn>\(text[text.index(after: e)...])</mn></msup>"
    return "<mrow><mn\(mark)>\(sign)\(mantissa)</mn><mo>·</mo>\(power)</mrow>"
  }

  func symbol(_ symbol: Formula.Symbol) -> String {
    guard let sample = symbol.sample else { return letter(symbol) }
    return "<mrow>\(letter(symbol))<mo>⟨</mo><mn>\(sample)</mn><mo>⟩</mo></mrow>"
  }

  private func letter(_ symbol: Formula.Symbol) -> String {
    let base = "<mi>\(Markup.escaped(symbol.base))</mi>"
    let isShort = symbol.indices.allSatisfy { $0.count == 1 }
    let index = symbol.indices.map {
      $0.allSatisfy(\.isNumber) ? "<mn>\($0)</mn>" : "<mi>\(Markup.escaped($0))</mi>"
    }.joined(separator: isShort ? "" : "<mo>,</mo>")
    let below = "<mrow>\(index)</mrow>"
    switch (symbol.layer, symbol.indices.isEmpty) {
    case (nil, true): return base
    case (nil, false): return "<msub>\(base)\(below)</msub>"
    case (let layer?, true): return "<msup>\(base)<mn>\(layer)</mn></msup>"
    case (let layer?, false): return "<msubsup>\(base)\(below)<mn>\(layer)</mn></msubsup>"
    }
  }

  func derivative(_ top: String, _ bottom: String) -> String {
    "<mfrac><mrow><mo>∂</mo>\(top)</mrow><mrow><mo>∂</mo>\(bottom)</mrow></mfrac>"
  }
  func sum(_ terms: [(isNegative: Bool, text: String)]) -> String {
    let parts = terms.enumerated().map { index, term in
      let sign = term.isNegative ? "<mo>−</mo>" : index == 0 ? "" : "<mo>+</mo>"
      return sign + term.text
    }
    return "<mrow>\(parts.joined())</mrow>"
  }
  func product(_ factors: [String]) -> String {
    "<mrow>\(factors.joined(separator: "<mo>·</mo>"))</mrow>"
  }
  func hadamard(_ factors: [String]) -> String {
    "<mrow>\(factors.joined(separator: "<mo>⊙</mo>"))</mrow>"
  }
  func quotient(_ top: String, _ bottom: String) -> String { "<mfrac>\(top)\(bottom)</mfrac>" }
  func power(_ base: String, _ exponent: String) -> String {
    "<msup>\(base)<mn>\(exponent)</mn></msup>"
  }
  func exponential(_ exponent: String) -> String { "<msup><mi>e</mi>\(exponent)</msup>" }
  func root(_ radicand: String) -> String { "<msqrt>\(radicand)</msqrt>" }
  func call(_ name: String, _ argument: String) -> String {
    "<mrow><mi>\(Markup.escaped(name))</mi>\(group(argument))</mrow>"
  }
  func choice(_ condition: String, _ yes: String, _ no: String) -> String {
    "<mrow><mo>{</mo><mtable><mtr><mtd>\(yes)</mtd><mtd>\(condition)<mo>&gt;</mo><mn>0</mn></mtd>"
      + "</mtr><mtr><mtd>\(no)</mtd><mtd><mtext>else</mtext></mtd></mtr></mtable></mrow>"
  }
  func rest(_ count: Int, _ value: Double) -> String {
    hasNumbers
      ? "<munder>\(number(value))<mtext>\(count) more</mtext></munder>" : "<mo>…</mo>"
  }
  func series(_ index: String, _ body: String) -> String {
    "<mrow><munder><mo>∑</mo><mi>\(Markup.escaped(index))</mi></munder>\(body)</mrow>"
  }
  func transpose(_ part: String) -> String { "<msup>\(part)<mi>T</mi></msup>" }
  /// Stretchy brackets only around fractions: some fonts set the stretchy ones with wide gaps.
  func group(_ part: String) -> String {
    let stretches = part.contains("<mfrac>") || part.contains("<mtable>")
    let bracket = stretches ? "<mo>" : "<mo stretchy=\"false\">"
    return "<mrow>\(bracket)(</mo>\(part)\(bracket))</mo></mrow>"
  }
  func matrix(_ rows: [[String]]) -> String {
    let body = rows.map { row in
      "<mtr>\(row.map { "<mtd>\($0)</mtd>" }.joined())</mtr>"
    }.joined()
    return "<mrow><mo>(</mo><mtable>\(body)</mtable><mo>)</mo></mrow>"
  }
}
