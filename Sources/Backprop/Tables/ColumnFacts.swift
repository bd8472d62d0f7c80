/// What all rows of one column have in common: the ground on which its kind is told.
struct ColumnFacts {
  /// The most different values that are counted one by one.
  static let distinctLimit = 1000
  /// Beyond this many values that all differ, all are taken to.
  private static let uniqueLimit = 1_000_000

  let name: String
  let rows: Int
  private(set) var missing = 0
  private(set) var numbers = 0
  private(set) var texts = 0
  /// Whether all numbers are whole.
  private(set) var areWhole = true
  /// Whether no value stands in two rows.
  private(set) var allDiffer = true
  /// Whether the values count the rows, from 0 or 1.
  private(set) var countRows = true
  private(set) var (min, max) = (Double.infinity, -Double.infinity)
  private(set) var mean = 0.0
  /// How often each value stands there, as far as there are few; numbers apart from texts.
  private(set) var numberCounts: [Double: Int] = [:]
  private(set) var textCounts: [String: Int] = [:]
  /// The first row with a text, and the first values.
  private(set) var firstText: Int?
  private(set) var examples: [String] = []
  private var isCounting = true

  /// Goes through a column.
  init(_ table: Table, column: Int) {
    name = table.columns[column]
    rows = table.count
    for row in 0..<rows {
      switch table.value(row, column) {
      case .missing: missing += 1
      case .number(let value): add(value, row)
      case .infinite:
        numbers += 1
        (allDiffer, countRows, areWhole) = (false, false, false)
      case .text:
        texts += 1
        if firstText == nil { firstText = row }
        countRows = false
        if isCounting { count(\.textCounts, table.rows.text(row, column)) }
      }
      if examples.count < 3, table.value(row, column) != .missing {
        let text = table.rows.text(row, column)
        if !examples.contains(text) { examples.append(text) }
      }
    }
    if missing > 0 { countRows = false }
  }

  private mutating func add(_ value: Double, _ row: Int) {
    numbers += 1
    (min, max) = (Swift.min(min, value), Swift.max(max, value))
    mean += (value - mean) / Double(numbers)
    if value != value.rounded() { areWhole = false }
    if countRows, value != min + Double(row) || (min != 0 && min != 1) { countRows = false }
    // Real numbers that differ tell nothing, so they are counted only as far as is shown.
    if !areWhole, numberCounts.count > Self.distinctLimit { isCounting = false }
    if isCounting { count(\.numberCounts, value) }
  }

  private mutating func count<T>(_ counts: WritableKeyPath<Self, [T: Int]>, _ value: T) {
    let before = self[keyPath: counts][value, default: 0]
    self[keyPath: counts][value] = before + 1
    if before > 0 { allDiffer = false }
    let limit = allDiffer ? Self.uniqueLimit : Self.distinctLimit
    if distinct > limit { isCounting = false }
  }

  /// The number of different values, as far as they were counted.
  var distinct: Int { numberCounts.count + textCounts.count }
  /// Whether there may be more different values.
  var isCapped: Bool { !isCounting }
  /// The fields that are not missing.
  var values: Int { numbers + texts }
  /// Whether there are few whole numbers, which stand for classes: at most 20, each twice or more.
  var areFewWholeNumbers: Bool {
    texts == 0 && areWhole && !isCapped && numberCounts.count <= 20
      && numberCounts.values.allSatisfy { $0 >= 2 }
  }
  /// Whether every value is 0 or 1.
  var areBinary: Bool {
    texts == 0 && !isCapped && numbers > 0 && numberCounts.keys.allSatisfy { $0 == 0 || $0 == 1 }
      && areWhole
  }
  /// Whether the column is one of numbers, with text where a number belongs: numbers that are too many to be levels, or
  /// texts that are rare, at most one in twenty.
  var areNumbersWithMistakes: Bool {
    texts > 0 && numbers > texts && (numberCounts.count > 20 || texts * 20 <= values)
  }

  /// What the column is if it is an input; `isFirst` says that no column stands before it.
  func kind(isFirst: Bool) -> ColumnKind {
    if values == 0 { return .empty }
    if missing == 0, distinct == 1, !isCapped, rows > 1 { return .constant }
    let differ = allDiffer && rows > 1
    guard texts == 0 else { return differ && numbers == 0 ? .identifier : .text }
    if differ, areWhole, isNamedIdentifier || (isFirst && countRows) { return .identifier }
    return .number
  }

  private var isNamedIdentifier: Bool {
    let words = ["id", "ids", "index", "idx", "key", "uuid", "guid", "row", "rowid", "row_id"]
    let lower = name.lowercased()
    if words.contains(lower) { return true }
    // customer_id, customer-id, customer id, customerId, but not "paid".
    let last = lower.split { $0 == "_" || $0 == "-" || $0 == " " || $0 == "." }.last ?? ""
    return (last.count < lower.count && words.contains(String(last))) || name.hasSuffix("Id")
      || name.hasSuffix("ID")
  }
}
