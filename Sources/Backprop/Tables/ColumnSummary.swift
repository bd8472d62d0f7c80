/// A column of a table in a line: what it is, what is in it, and what becomes of it.
public struct ColumnSummary: Hashable, Sendable {
  /// What a column is used for.
  public enum Role: String, Hashable, Sendable {
    case input, target
    case sampleWeights = "weights"
    case group, dropped
  }

  /// The column's name.
  public let name: String
  /// What it is.
  public let kind: ColumnKind
  /// What it is used for.
  public let role: Role
  /// The number of rows.
  public let count: Int
  /// The fields that are missing.
  public let missing: Int
  /// The number of different values, as far as they were counted.
  public let distinct: Int
  /// Whether there may be more different values than ``distinct``.
  public let isDistinctCapped: Bool
  /// The smallest number, where there is one.
  public let min: Double?
  /// The largest number, where there is one.
  public let max: Double?
  /// The mean of the numbers, where there are some.
  public let mean: Double?
  /// The first different values, three at most.
  public let examples: [String]

  init(_ facts: ColumnFacts, kind: ColumnKind, role: Role) {
    (name, self.kind, self.role, count) = (facts.name, kind, role, facts.rows)
    (missing, distinct) = (facts.missing, facts.distinct)
    (isDistinctCapped, examples) = (facts.isCapped, facts.examples)
    let hasNumbers = facts.numbers > 0 && facts.texts == 0 && facts.min.isFinite
    min = hasNumbers ? facts.min : nil
    max = hasNumbers ? facts.max : nil
    mean = hasNumbers ? facts.mean : nil
  }

  /// Summaries as lines of a table with a head, aligned by spaces.
  public static func lines(_ summaries: [ColumnSummary]) -> [String] {
    let head = ["column", "kind", "role", "missing", "distinct", "min", "max", "mean", "examples"]
    let rows = [head] + summaries.map(\.cells)
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return (3...7).contains(column) ? space + row[column] : row[column] + space
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private var cells: [String] {
    func short(_ text: String) -> String {
      let quoted = FormatError.quoted(text).dropFirst().dropLast()
      return quoted.count <= 24 ? String(quoted) : quoted.prefix(23) + "…"
    }
    func number(_ value: Double?) -> String { value.map { significant($0) } ?? "" }
    return [
      short(name), kind.rawValue, role.rawValue, missing == 0 ? "" : "\(missing)",
      isDistinctCapped ? "> \(distinct - 1)" : "\(distinct)", number(min), number(max),
      number(mean), examples.map(short).joined(separator: ", "),
    ]
  }
}

/// A number with five significant digits, without trailing zeros.
private func significant(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
  let magnitude = value.magnitude
  guard magnitude >= 1e-4, magnitude < 1e15 else {
    // One digit before the point and four behind it: those of the shortest text, cut.
    let text = "\(Float(value))"
    return text
  }
  if value == value.rounded() { return "\(Int(value))" }
  var decimals = 4
  var limit = 10.0
  while magnitude >= limit, decimals > 0 { (decimals, limit) = (decimals - 1, limit * 10) }
  while magnitude < limit / 10, decimals < 8 { (decimals, limit) = (decimals + 1, limit / 10) }
  var power = 1.0
  for _ in 0..<decimals { power *= 10 }
  let scaled = Int((magnitude * power).rounded())
  let sign = value < 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(scaled)" }
  let whole = scaled / Int(power)
  var fraction = String(scaled % Int(power))
  fraction = String(repeating: "0", count: decimals - fraction.count) + fraction
  while fraction.last == "0" { fraction.removeLast() }
  return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
}
