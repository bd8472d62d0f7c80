/// What each column of a table is and is used for: told from all rows, before any is chosen for
/// training.
public struct TableSchema: Sendable {
  /// What a target is.
  public enum Target: String, Hashable, Sendable {
    /// One of several classes.
    case classes
    /// Numbers, one a column.
    case values
    /// 0 or 1, one a column.
    case labels
  }

  /// A column that a network learns from.
  struct Input: Sendable {
    let name: String
    let column: Int
    /// Whether it has levels, not numbers.
    let isCategory: Bool
    /// Whether all its values are numbers.
    let areNumbers: Bool
  }

  /// The columns to predict.
  public let targets: [String]
  /// What they are.
  public let target: Target
  /// All columns, in the order of the file.
  public let columns: [ColumnSummary]
  /// What was decided that its user may want to know: a line each.
  public let notes: [String]
  let options: TableOptions
  let inputs: [Input]
  /// The places of the targets, and whether all values of a class column are numbers.
  let targetColumns: [Int]
  let areTargetsNumbers: Bool

  /// Looks at a table.
  ///
  /// - Throws: ``ConfigurationError`` if the options name a column that is not there, or one for
  ///   two purposes; ``FormatError``, with the place where there is one, if a column has text where
  ///   a number belongs, more than 50 levels, or no classes to tell, or nothing is left to learn
  ///   from.
  public init(of table: Table, options: TableOptions = TableOptions()) throws {
    self.options = options
    var roles = try ColumnRoles(table, options)
    let facts = table.columns.indices.map { ColumnFacts(table, column: $0) }
    var notes = roles.notes
    let judge = ColumnJudge(table: table, options: options)
    var kinds: [ColumnKind] = []
    for column in facts.indices {
      kinds.append(try judge.kind(facts[column], column, roles[column]))
    }
    // The count of rows, if it is all there is, is a number like others.
    if !facts.indices.contains(where: { roles[$0] == .input && kinds[$0].isInput }),
      roles[0] == .input, kinds[0] == .identifier, facts[0].countRows,
      options.kinds[table.columns[0]] == nil
    {
      kinds[0] = .number
    }
    targetColumns = roles.targets
    targets = targetColumns.map { table.columns[$0] }
    target = try judge.target(targetColumns.map { (facts[$0], $0) })
    areTargetsNumbers = targetColumns.allSatisfy { facts[$0].texts == 0 }
    for column in targetColumns { kinds[column] = target == .classes ? .class : .number }

    var inputs: [Input] = []
    for (column, kind) in kinds.enumerated() where roles[column] == .input {
      guard kind.isInput else {
        notes.append(
          "\(FormatError.quoted(table.columns[column])) is \(Self.reason(kind)): no input")
        roles.leaveOut(column)
        continue
      }
      let input = Input(
        name: table.columns[column], column: column, isCategory: kind != .number,
        areNumbers: facts[column].texts == 0)
      if input.isCategory { try judge.checkLevels(facts[column]) }
      inputs.append(input)
    }
    guard !inputs.isEmpty else {
      throw FormatError(
        table.name, expected: "a column to learn from",
        found: "none beside the target"
          + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"))
    }
    self.inputs = inputs
    self.notes = notes
    columns = facts.indices.map { ColumnSummary(facts[$0], kind: kinds[$0], role: roles[$0]) }
  }

  private static func reason(_ kind: ColumnKind) -> String {
    switch kind {
    case .identifier: "an identifier"
    case .constant: "the same in every row"
    case .empty: "empty"
    default: kind.rawValue
    }
  }

  /// The rows that can be used: all, or with ``MissingPolicy/drop`` those with every field.
  ///
  /// - Throws: ``FormatError`` if no row is left.
  func usableRows(_ table: Table) throws(FormatError) -> [Int] {
    guard options.missing == .drop else { return Array(0..<table.count) }
    var columns = inputs.map(\.column) + targetColumns
    for name in [options.sampleWeights, options.group] {
      if let column = name.flatMap({ table.indices[$0] }) { columns.append(column) }
    }
    let rows = table.completeRows(0..<table.count, columns)
    guard !rows.isEmpty else {
      throw FormatError(
        table.name, expected: "a row without a missing field",
        found: "none in \(table.count) rows; drop a column, or fill with --missing mean or median")
    }
    return rows
  }
}

extension Table {
  /// Those rows in which none of the columns is missing.
  func completeRows(_ rows: some Collection<Int>, _ columns: [Int]) -> [Int] {
    rows.filter { row in columns.allSatisfy { value(row, $0) != .missing } }
  }
}
