/// The different values of a column that are told apart by name: the levels of an input, or the
/// classes of a target.
///
/// Numbers are told apart by value, so that `1`, `1.0` and `01` are one level, named `1`; texts by
/// their characters. Names are in order: numbers from the lowest, texts by their Unicode scalars.
struct Levels: Hashable, Sendable {
  let names: [String]
  /// Whether the column had only numbers.
  let areNumbers: Bool
  private let index: [String: Int]

  /// Puts levels together; nil if two have one name, or a number is none.
  init?(_ names: [String], areNumbers: Bool) {
    var index: [String: Int] = [:]
    for (place, name) in names.enumerated() {
      if areNumbers, Double(name).map({ $0.isFinite && Self.name($0) == name }) != true {
        return nil
      }
      if index.updateValue(place, forKey: name) != nil { return nil }
    }
    (self.names, self.areNumbers, self.index) = (names, areNumbers, index)
  }

  /// The levels that stand in some rows of a column; missing fields have none.
  init(_ table: Table, rows: some Collection<Int>, column: Int, areNumbers: Bool) {
    var seen: Set<String> = []
    for row in rows {
      if let key = Self.key(table, row, column, areNumbers) { seen.insert(key) }
    }
    names =
      areNumbers
      ? seen.sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) }
      : seen.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    index = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    self.areNumbers = areNumbers
  }

  /// The level of a field: nil if it is none of these, or missing.
  func index(_ table: Table, _ row: Int, _ column: Int) -> Int? {
    Self.key(table, row, column, areNumbers).flatMap { index[$0] }
  }

  private static func key(
    _ table: Table, _ row: Int, _ column: Int, _ areNumbers: Bool
  ) -> String? {
    switch table.value(row, column) {
    case .missing: nil
    case .number(let value): areNumbers ? name(value) : table.rows.text(row, column)
    case .infinite, .text: areNumbers ? nil : table.rows.text(row, column)
    }
  }

  private static func name(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
