/// What an explanation says, apart from how it is printed: headings, formulas, matrices, tables.
struct Document {
  /// A part of a document.
  enum Block {
    case heading(Int, String)
    case paragraph(String)
    /// A paragraph about a comparison with finite differences.
    case check(String)
    /// A number with its formulas.
    case figure(Figure, alias: String?)
    /// A general statement, as `δ = ∇C ⊙ σ′(z)`; with its name, as `BP1`.
    case law(name: String, left: Formula, right: Formula)
    /// A statement about matrices with the numbers in, and the result.
    case equation(left: Formula, right: Formula, result: Formula)
    case matrix(MatrixBlock)
    /// Heads first; columns with figures are set to the right.
    case table([[String]], rightAligned: Set<Int>)
    case code([String])
  }

  var blocks: [Block] = []

  mutating func heading(_ level: Int, _ text: String) { blocks.append(.heading(level, text)) }
  mutating func paragraph(_ text: String) { blocks.append(.paragraph(text)) }
}

/// A matrix, abridged where it is large, with what a reader needs to know of the rest.
struct MatrixBlock {
  /// What it is, as in `hidden.weight`.
  let title: String
  /// The rows and columns that are shown.
  let rows: [Int]
  private(set) var columns: [Int]
  /// How many there are.
  let rowCount, columnCount: Int
  /// The numbers shown.
  private(set) var values: [[Double]]
  /// √Σx², the least and the greatest number of all.
  let norm, least, greatest: Double
  /// Whether it is one row.
  var isVector: Bool { rowCount == 1 }
  /// Whether numbers are left out.
  var isAbridged: Bool { rows.count < rowCount || columns.count < columnCount }

  /// Takes a matrix, or any array as one row for each index of its first axis.
  ///
  /// - Parameter limit: the greatest number of rows and of columns shown.
  init(
    _ title: String, _ values: [Double], rows: Int, columns: Int, limit: Int = 8,
    onlyColumn: Int? = nil
  ) {
    self.title = title
    (rowCount, columnCount) = (rows, columns)
    self.rows = Self.places(rows, limit)
    let shown = onlyColumn.map { [$0] } ?? Self.places(columns, limit)
    self.columns = shown
    self.values = self.rows.map { row in shown.map { values[row * columns + $0] } }
    norm = Self.norm(values)
    (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
  }

  /// The same with fewer columns: the first ones and the last.
  func narrowed(to limit: Int) -> MatrixBlock {
    guard limit < columns.count else { return self }
    let kept = Self.places(columns.count, limit)
    var block = self
    block.columns = kept.map { columns[$0] }
    block.values = values.map { row in kept.map { row[$0] } }
    return block
  }

  /// √Σx², safe from overflow.
  static func norm(_ values: [Double]) -> Double {
    let top = values.reduce(0) { max($0, $1.magnitude) }
    guard top > 0, top.isFinite else { return top }
    return top * values.reduce(0) { $0 + ($1 / top) * ($1 / top) }.squareRoot()
  }

  /// The first places and the last, of many.
  static func places(_ count: Int, _ limit: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    let tail = max(limit / 4, 1)
    return Array(0..<limit - tail) + Array(count - tail..<count)
  }

  /// Cells as text, `…` where something is left out.
  func cells(_ number: (Double) -> String) -> [[String]] {
    gapped(values).map { $0.map { $0.map(number) ?? "…" } }
  }

  /// The numbers, nil where something is left out.
  func gapped(_ values: [[Double]]) -> [[Double?]] {
    func gapped<T>(_ items: [T], _ places: [Int], _ gap: T) -> [T] {
      var result: [T] = []
      for (index, item) in items.enumerated() {
        if index > 0, places[index] != places[index - 1] + 1 { result.append(gap) }
        result.append(item)
      }
      return result
    }
    let lines = values.map { gapped($0.map { Optional($0) }, columns, nil) }
    return gapped(lines, rows, [Double?](repeating: nil, count: lines.first?.count ?? 0))
  }

  /// What is known of all its numbers.
  var summary: String {
    let size = isVector ? "\(columnCount)" : "\(rowCount)×\(columnCount)"
    return
      "\(size), norm \(Digits.short(norm, 4)), from \(Digits.short(least, 4)) to \(Digits.short(greatest, 4))"
  }
}
