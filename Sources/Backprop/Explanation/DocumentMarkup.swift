/// A document as Markdown with LaTeX formulas, or as a LaTeX document.
struct DocumentMarkup {
  /// Whether it is a LaTeX document.
  let isLaTeX: Bool

  func text(_ document: Document) -> String {
    var parts: [String] = []
    var laws: [String] = []
    func flush() {
      guard !laws.isEmpty else { return }
      parts.append(
        display("\\begin{aligned}\n" + laws.joined(separator: " \\\\\n") + "\n\\end{aligned}"))
      laws = []
    }
    for block in document.blocks {
      if case .law(let name, let left, let right) = block {
        let formulas = LaTeXFormulas()
        let tag = name.isEmpty ? "" : "\\text{\(name)}\\quad "
        laws.append("\(tag)& \(formulas.text(left)) = \(formulas.text(right))")
        continue
      }
      flush()
      parts.append(text(block))
    }
    flush()
    let body = parts.joined(separator: "\n\n")
    guard isLaTeX else { return body + "\n" }
    return """
      \\documentclass{article}
      \\usepackage[T1]{fontenc}
      \\usepackage[utf8]{inputenc}
      \\usepackage{amsmath,amssymb}
      \\usepackage[margin=2.5cm]{geometry}
      \\setlength{\\parindent}{0pt}
      \\setlength{\\parskip}{0.6em}
      \\allowdisplaybreaks
      \\sloppy
      \\begin{document}
      \(body)
      \\end{document}

      """
  }

  private func text(_ block: Document.Block) -> String {
    switch block {
    case .heading(let level, let text): return heading(level, text)
    case .paragraph(let text), .check(let text): return plain(text)
    case .figure(let figure, let alias): return self.figure(figure, alias)
    case .law: return ""
    case .equation(let left, let right, let result):
      let numbers = LaTeXFormulas(hasNumbers: true)
      return aligned(
        LaTeXFormulas().text(left),
        [LaTeXFormulas().text(right), numbers.text(right), numbers.text(result)])
    case .matrix(let matrix): return self.matrix(matrix)
    case .table(let rows, let right): return table(rows, right)
    case .code(let lines):
      let text = lines.joined(separator: "\n")
      // Verbatim text has no symbols in LaTeX's standard fonts: each line is set on its own.
      guard isLaTeX else { return "```\n\(text)\n```" }
      return lines.map { line in
        let indent = line.prefix { $0 == " " }.count
        return "\\hspace*{\(indent)em}" + plain(String(line.dropFirst(indent)))
      }.joined(separator: "\\\\\n")
    }
  }

  private func heading(_ level: Int, _ text: String) -> String {
    guard isLaTeX else { return String(repeating: "#", count: level) + " " + plain(text) }
    let commands = ["section*", "subsection*", "paragraph*"]
    return "\\\(commands[min(level, 3) - 1]){\(plain(text))}"
  }

  private func figure(_ figure: Figure, _ alias: String?) -> String {
    let name = isLaTeX ? "\\texttt{\(plain(figure.id))}" : "`\(figure.id)`"
    let title = plain(figure.title) + ", " + name + (alias.map { " (\(plain($0)))" } ?? "")
    var sides = figure.forms.map { LaTeXFormulas().text($0) }
    if let last = figure.forms.last {
      let numbers = LaTeXFormulas(hasNumbers: true).text(last)
      if numbers != sides.last { sides.append(numbers) }
    }
    let result = LaTeXFormulas.number(text: Digits.full(figure.value))
    return title + "\n\n" + aligned(LaTeXFormulas().text(figure.symbol), sides + [result])
  }

  private func aligned(_ left: String, _ sides: [String]) -> String {
    var rows: [String] = []
    for side in sides where rows.isEmpty || !rows[rows.count - 1].hasSuffix("= \(side)") {
      rows.append(rows.isEmpty ? "\(left) &= \(side)" : "&= \(side)")
    }
    return display("\\begin{aligned}\n\(rows.joined(separator: " \\\\\n"))\n\\end{aligned}")
  }

  private func display(_ formula: String) -> String {
    isLaTeX ? "\\[\n\(formula)\n\\]" : "$$\n\(formula)\n$$"
  }

  private func matrix(_ matrix: MatrixBlock) -> String {
    let cells = matrix.cells { LaTeXFormulas().number($0) }.map { row in
      row.map { $0 == "…" ? "\\dots" : $0 }.joined(separator: " & ")
    }
    let body = cells.joined(separator: " \\\\ ")
    // `pmatrix` holds ten columns; an array any number.
    let columns = String(repeating: "r", count: matrix.cells { _ in "" }.first?.count ?? 1)
    let name = isLaTeX ? "\\texttt{\(plain(matrix.title))}" : "`\(matrix.title)`"
    return "\(name): \(plain(matrix.summary))\n\n"
      + display("\\left(\\begin{array}{\(columns)} \(body) \\end{array}\\right)")
  }

  private func table(_ rows: [[String]], _ right: Set<Int>) -> String {
    guard let heads = rows.first else { return "" }
    let columns = heads.indices.map { right.contains($0) ? "r" : "l" }
    guard isLaTeX else {
      let rule = columns.map { $0 == "r" ? "---:" : "---" }.joined(separator: "|")
      let lines = rows.map { "| " + $0.map(cell).joined(separator: " | ") + " |" }
      return ([lines[0], "|\(rule)|"] + lines.dropFirst()).joined(separator: "\n")
    }
    // A long last column of words may break its lines.
    let longest = rows.compactMap { $0.last?.count }.max() ?? 0
    var kinds = columns
    if longest > 30 { kinds[kinds.count - 1] = "p{5cm}" }
    let lines = rows.map { $0.map(plain).joined(separator: " & ") }
    return "{\\small\\begin{tabular}{\(kinds.joined())}\n\(lines[0]) \\\\ \\hline\n"
      + lines.dropFirst().joined(separator: " \\\\\n") + "\n\\end{tabular}}"
  }

  private func cell(_ text: String) -> String {
    plain(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  /// Words of a person: for LaTeX with everything escaped, and symbols as formulas.
  private func plain(_ text: String) -> String {
    guard isLaTeX else {
      return text.map { "<*`$".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
    return LaTeXText.encoded(text)
  }
}

/// Text for LaTeX: symbols that its standard fonts lack become small formulas.
enum LaTeXText {
  private static let symbols: [Character: String] = [
    "δ": "\\delta", "σ": "\\sigma", "φ": "\\varphi", "Φ": "\\Phi", "η": "\\eta", "λ": "\\lambda",
    "θ": "\\theta", "Δ": "\\Delta", "Σ": "\\sum", "∂": "\\partial", "∇": "\\nabla", "√": "\\surd",
    "⊙": "\\odot", "·": "\\cdot", "−": "-", "→": "\\to", "←": "\\leftarrow", "‖": "\\|",
    "′": "'", "×": "\\times", "≤": "\\le", "≥": "\\ge", "…": "\\dots", "∞": "\\infty",
    "⟨": "\\langle", "⟩": "\\rangle", "½": "\\tfrac12", "α": "\\alpha", "π": "\\pi", "ₓ": "_x",
    "ᵀ": "^{\\mathsf T}", "⁻": "^{-}", "⁺": "^{+}", "¹": "^1", "²": "^2", "³": "^3", "⁰": "^0",
    "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8", "⁹": "^9", "﹐": "_{,}", "ᵖ": "^p",
    "ˣ": "^x", "ᵇ": "^b", "‑": "-", "≠": "\\ne", "|": "|", "<": "<", ">": ">",
  ]

  static func encoded(_ text: String) -> String {
    var result = ""
    for character in text {
      if let formula = symbols[character] {
        result += "\\ensuremath{\(formula)}"
      } else if let digit = below[character] {
        result += "\\ensuremath{_\(digit)}"
      } else if character.isASCII {
        result += LaTeXFormulas.escaped(String(character))
      } else {
        // What no font here has: the reader sees that something stood there.
        result += character.unicodeScalars.allSatisfy { $0.value < 0x250 } ? String(character) : "?"
      }
    }
    return result
  }

  private static let below: [Character: String] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8",
    "₉": "9", "ⱼ": "j", "ₖ": "k", "ᵢ": "i",
  ]
}
