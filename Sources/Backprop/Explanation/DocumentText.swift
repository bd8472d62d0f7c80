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
      let lines = Self.wrapped(text, width, indent: "  ")
      let rule = level <= 2 ? [String(repeating: mark, count: lines.map(\.count).max() ?? 0)] : []
      return lines.map(bold) + rule
    case .paragraph(let text), .check(let text): return Self.wrapped(text, width, indent: "")
    case .figure(let figure, let alias): return lines(figure, alias)
    case .law(let name, let left, let right):
      let formula = TextFormulas().text(left) + " = " + TextFormulas().text(right)
      return Self.wrapped(name.isEmpty ? formula : "\(name)  \(formula)", width - 2, indent: "    ")
        .map { "  " + $0 }
    case .equation(let left, let right, let result):
      return chain(left, [right], TextFormulas(hasNumbers: true).text(result))
    case .matrix(let matrix): return lines(matrix)
    case .table(let rows, let right):
      var lines = Self.aligned(rows, right)
      guard lines.allSatisfy({ $0.count + 2 <= width }) else { return stacked(rows) }
      if !lines.isEmpty { lines[0] = dim(lines[0]) }
      return lines.map { "  " + $0 }
    case .code(let code): return code.map { $0.isEmpty ? "" : "    " + $0 }
    }
  }

  private func lines(_ figure: Figure, _ alias: String?) -> [String] {
    let name = figure.id + (alias.map { " (\($0))" } ?? "")
    return titled(figure.title, name)
      + chain(figure.symbol, figure.forms, bold(Digits.full(figure.value)))
  }

  /// A title with what belongs to it, on a line or on two.
  private func titled(_ title: String, _ rest: String) -> [String] {
    guard title.count + 2 + rest.count > width else { return ["\(title)  \(dim(rest))"] }
    return Self.wrapped(title, width, indent: "  ")
      + Self.wrapped(rest, width - 4, indent: "").map { "    " + dim($0) }
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
    // Fewer columns where a line has no room for all.
    var lines: [String] = []
    for limit in stride(from: max(matrix.columns.count, 2), through: 2, by: -1) {
      let cells = matrix.narrowed(to: limit).cells { Digits.short($0) }
      lines = Self.aligned(cells, Set(0..<(cells.first?.count ?? 0))).map { "    " + $0 }
      if lines.allSatisfy({ $0.count <= width }) { break }
    }
    return titled(matrix.title, matrix.summary) + lines
  }

  /// A table that is wider than the terminal: for each row its first cell, then a line for each other
  /// one.
  private func stacked(_ rows: [[String]]) -> [String] {
    guard let heads = rows.first else { return [] }
    let indent = (heads.dropFirst().map(\.count).max() ?? 0) + 2
    return rows.dropFirst().flatMap { row -> [String] in
      let cells = zip(heads, row).dropFirst().filter { !$1.isEmpty }
      return ["  " + row[0]]
        + cells.flatMap { head, cell -> [String] in
          let name = head + String(repeating: " ", count: indent - head.count)
          let room = max(width - 4 - indent, 20)
          let space = String(repeating: " ", count: indent)
          return Self.wrapped(cell, room, indent: "").enumerated().map { index, line in
            "    " + (index == 0 ? dim(name) : space) + line
          }
        }
    }
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
