/// A document as HTML with MathML, without the frame of a page.
struct DocumentHTML {
  /// Whether numbers of the network say which they are.
  var namesFigures = false
  /// The level of the first heading.
  var top = 2

  func text(_ document: Document) -> String {
    var parts: [String] = []
    var laws: [(String, Formula, Formula)] = []
    func flush() {
      guard !laws.isEmpty else { return }
      let rows = laws.map { name, left, right -> (String, String) in
        (
          MathMLFormulas().text(left),
          MathMLFormulas().text(right) + (name.isEmpty ? "" : space(name))
        )
      }
      parts.append(
        formula(rows.map { "<mtr><mtd>\($0)</mtd><mtd><mo>=</mo></mtd><mtd>\($1)</mtd></mtr>" }))
      laws = []
    }
    for block in document.blocks {
      if case .law(let name, let left, let right) = block {
        laws.append((name, left, right))
        continue
      }
      flush()
      parts.append(text(block))
    }
    flush()
    return parts.joined(separator: "\n")
  }

  private func space(_ name: String) -> String {
    "<mspace width=\"2em\"/><mtext>\(Markup.escaped(name))</mtext>"
  }

  private func text(_ block: Document.Block) -> String {
    switch block {
    case .heading(let level, let text):
      return Markup.element("h\(min(top + level - 1, 6))", [:], Markup.escaped(text))
    case .paragraph(let text): return Markup.element("p", [:], Markup.escaped(text))
    case .check(let text): return Markup.element("p", ["class": "check"], Markup.escaped(text))
    case .law: return ""
    case .figure(let figure, let alias):
      let name = Markup.element("code", [:], Markup.escaped(figure.id))
      let other = alias.map { " (\(Markup.escaped($0)))" } ?? ""
      // Products of paths and their sum can be checked by a script.
      let kind = figure.id.contains(".path[") ? "product" : hasPaths(figure) ? "sum" : "f"
      let value = Markup.element(
        "data", ["class": kind, "value": figure.value.description], Digits.full(figure.value))
      let rest = kind == "sum" ? self.rest(figure) : ""
      return Markup.element(
        "p", [:], "\(Markup.escaped(figure.title)), \(name)\(other) = \(value)\(rest)")
        + formula(figure)
    case .equation(let left, let right, let result):
      let numbers = MathMLFormulas(hasNumbers: true)
      return formula(
        rows(
          MathMLFormulas().text(left),
          [MathMLFormulas().text(right), numbers.text(right), numbers.text(result)]))
    case .matrix(let matrix):
      let cells = matrix.cells { Digits.short($0) }
      return Self.table(nil, cells, caption: "\(matrix.title): \(matrix.summary)")
    case .table(let rows, let right):
      return Self.table(rows.first, Array(rows.dropFirst()), caption: "", right)
    case .code(let lines):
      return Markup.element("pre", [:], lines.map(Markup.escaped).joined(separator: "\n"))
    }
  }

  /// The paths that a long sum does not write out.
  private func rest(_ figure: Figure) -> String {
    var text = ""
    figure.forms.last?.visit { formula in
      guard case .rest(let count, let value) = formula else { return }
      let data = Markup.element(
        "data", ["class": "product", "value": value.description], Digits.short(value))
      text = "; the \(count) other paths: \(data)"
    }
    return text
  }

  private func hasPaths(_ figure: Figure) -> Bool { figure.uses.contains { $0.contains(".path[") } }

  /// Symbols, numbers and result of a figure, a row each.
  func formula(_ figure: Figure) -> String {
    var sides = figure.forms.map { MathMLFormulas().text($0) }
    let numbers = MathMLFormulas(hasNumbers: true, namesFigures: namesFigures)
    if let last = figure.forms.last { sides.append(numbers.text(last)) }
    sides.append(
      "<mn\(namesFigures ? " data-figure=\"\(Markup.escaped(ExplanationPage.token(figure.id)))\"" : "")>"
        + Digits.short(figure.value, 10) + "</mn>")
    return formula(rows(MathMLFormulas().text(figure.symbol), sides))
  }

  private func rows(_ left: String, _ sides: [String]) -> [String] {
    var rows: [String] = []
    for (index, side) in sides.enumerated() where index == 0 || side != sides[index - 1] {
      rows.append(
        "<mtr><mtd>\(index == 0 ? left : "")</mtd><mtd><mo>=</mo></mtd><mtd><mrow>\(side)</mrow></mtd></mtr>"
      )
    }
    return rows
  }

  private func formula(_ rows: [String]) -> String {
    "<div class=\"formula\"><math display=\"block\"><mtable>\(rows.joined())</mtable></math></div>"
  }

  /// A table of plain cells.
  ///
  /// - Parameter right: the columns with figures; nil for all.
  static func table(
    _ heads: [String]?, _ rows: [[String]], caption: String, _ right: Set<Int>? = nil
  ) -> String {
    func cell(_ name: String, _ column: Int, _ text: String) -> String {
      let isText = right.map { !$0.contains(column) } ?? false
      let style = isText ? " class=\"t\"" : ""
      let scope = name == "th" ? " scope=\"col\"" : ""
      return "<\(name)\(scope)\(style)>\(Markup.escaped(text))</\(name)>"
    }
    let head = heads.map { heads in
      "<thead><tr>"
        + heads.enumerated().map { cell("th", $0, $1) }.joined()
        + "</tr></thead>"
    }
    let body = rows.map { row in
      "<tr>" + row.enumerated().map { cell("td", $0, $1) }.joined() + "</tr>"
    }
    let title = caption.isEmpty ? "" : Markup.element("caption", [:], Markup.escaped(caption))
    return
      "<div class=\"scroll\"><table>\(title)\(head ?? "")<tbody>\(body.joined())</tbody></table></div>"
  }
}
