/// A document as text for a terminal.
struct DocumentText {
  /// The greatest length of a line.
  var width = 100
  /// Whether to use colour.
  var hasColor = false

  func text(_ document: Document) -> String {
    var lines: [String] = []
    var wasLaw = false
    for block in document.blocks {
      let isLaw = if case .law = block { true } else { false }
      if !lines.isEmpty, !(isLaw && wasLaw) { lines.append("") }
      lines += self.lines(block)
      wasLaw = isLaw
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ block: Document.Block) -> [String] {
    switch block {
    case .heading(let level, let text):
      let mark = level == 1 ? "=" : "-"
      guard level <= 2 else { return [bold(text)] }
      return [bold(text), String(repeating: mark, count: text.count)]
    case .paragraph(let text), .check(let text): return Self.wrapped(text, width, indent: "")
    case .figure(let figure, let alias): return lines(figure, alias)
    case .law(let name, let left, let right):
      let formula = TextFormulas().text(left) + " = " + TextFormulas().text(right)
      return Self.wrapped(name.isEmpty ? formula : "\(name)  \(formula)", width, indent: "    ")
        .map { "  " + $0 }
    case .equation(let left, let right, let result):
      return chain(left, [right], TextFormulas(hasNumbers: true).text(result))
    case .matrix(let matrix): return lines(matrix)
    case .table(let rows, let right):
      var lines = Self.aligned(rows, right)
      if !lines.isEmpty { lines[0] = dim(lines[0]) }
      return lines.map { "  " + $0 }
    case .code(let code): return code.map { $0.isEmpty ? "" : "    " + $0 }
    }
  }

  private func lines(_ figure: Figure, _ alias: String?) -> [String] {
    let name = dim(figure.id + (alias.map { " (\($0))" } ?? ""))
    let title = "\(figure.title)  \(name)"
    return [title] + chain(figure.symbol, figure.forms, bold(Digits.full(figure.value)))
  }

  /// `left = form = form with numbers = result`, a line each, the signs below each other.
  private func chain(_ left: Formula, _ forms: [Formula], _ result: String) -> [String] {
    let symbol = TextFormulas().text(left)
    var sides = forms.map { TextFormulas().text($0) }
    if let last = forms.last {
      let numbers = TextFormulas(hasNumbers: true).text(last)
      if numbers != sides.last, numbers != Self.plain(result) { sides.append(numbers) }
    }
    let space = String(repeating: " ", count: symbol.count)
    let inner = "    " + space + "     "
    var lines: [String] = []
    for side in sides + [result] {
      let head = lines.isEmpty ? "    \(symbol) = " : "    \(space) = "
      let rows =
        side == result ? [side] : Self.wrapped(side, max(width - inner.count, 30), indent: "")
      lines.append(head + rows[0])
      lines += rows.dropFirst().map { inner + $0 }
    }
    return lines
  }

  private func lines(_ matrix: MatrixBlock) -> [String] {
    let title = "\(matrix.title)  \(dim(matrix.summary))"
    let cells = matrix.cells { Digits.short($0) }
    let columns = cells.first?.count ?? 0
    return [title] + Self.aligned(cells, Set(0..<columns)).map { "    " + $0 }
  }

  // MARK: pieces

  /// Text without the marks of colour.
  private static func plain(_ text: String) -> String {
    guard text.hasPrefix("\u{1b}") else { return text }
    return String(text.dropFirst(4).dropLast(4))
  }

  private func bold(_ text: String) -> String { hasColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  private func dim(_ text: String) -> String { hasColor ? "\u{1b}[2m\(text)\u{1b}[0m" : text }

  /// Text in lines of at most `width`, broken at spaces.
  static func wrapped(_ text: String, _ width: Int, indent: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent + word
      } else {
        line +=
          line.isEmpty && lines.isEmpty ? String(word) : line.isEmpty ? String(word) : " " + word
      }
    }
    return lines + [line]
  }

  /// Rows in columns as wide as their widest cell.
  static func aligned(_ rows: [[String]], _ right: Set<Int>) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return right.contains(column) ? space + cell : cell + space
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
