public import BackpropCore

/// How the rows of a table are cut into parts.
public struct TableSplitting: Hashable, Sendable {
  /// The fraction of rows to choose by.
  public var validation: Double
  /// The fraction of rows to judge by, where no file of its own is given; the rest is for training.
  public var test: Double
  /// Whether rows are shuffled. Without, as for rows in the order of time, the first are for
  /// training, the next for validation, and the last for test.
  public var isShuffled: Bool
  /// Whether shuffled rows are cut class by class; nil for: where the target is classes.
  public var isStratified: Bool?
  /// What to shuffle by.
  public var key: RandomKey

  /// Says how rows are cut.
  public init(
    validation: Double = 0.1, test: Double = 0.2, isShuffled: Bool = true,
    isStratified: Bool? = nil, key: RandomKey
  ) {
    (self.validation, self.test, self.key) = (validation, test, key)
    (self.isShuffled, self.isStratified) = (isShuffled, isStratified)
  }
}

/// Which rows of a table are in which part.
public struct RowParts: Hashable, Sendable {
  /// What a network learns from.
  public let training: [Int]
  /// What settings, and the moment to stop, are chosen by.
  public let validation: [Int]
  /// What the result is judged by; of the same table, or of a file of its own.
  public let test: [Int]
}

extension TableSchema {
  /// Cuts the usable rows of a table.
  ///
  /// - Parameters:
  ///   - table: the table that the schema was made of.
  ///   - fractions: what each part gets.
  ///   - rows: the rows to cut; nil for all that are usable.
  func parts(
    of table: Table, _ splitting: TableSplitting, fractions: [Double], rows: [Int]? = nil
  ) throws -> [[Int]] {
    guard fractions.allSatisfy({ $0 > 0 }) else {
      throw ConfigurationError(
        "split",
        "\(table.name): fractions \(splitting.validation) for validation and \(splitting.test) "
          + "for test: both must be above 0 and leave something for training")
    }
    let rows = try rows ?? usableRows(table)
    let cut = RowCut(name: table.name, fractions: fractions)
    let parts: [[Int]]
    if let group = options.group {
      guard splitting.isShuffled else { throw groupsInOrder(table) }
      let groups = try self.groups(table, rows, group)
      parts = try cut.grouped(groups, key: splitting.key)
    } else if splitting.isShuffled {
      let strata = try strata(table, rows, splitting.isStratified)
      parts = try cut.shuffled(
        rows.count, strata: strata.members, names: strata.names, key: splitting.key)
    } else {
      parts = try cut.inOrder(rows.count)
    }
    return parts.map { part in part.map { rows[$0] } }
  }

  /// The rows of each of `count` folds.
  ///
  /// Rows are dealt in the order of a shuffle, one class after the other, or whole groups each to
  /// the fold that has the fewest rows.
  func folds(of table: Table, _ count: Int, _ splitting: TableSplitting) throws -> [[Int]] {
    guard splitting.isShuffled else {
      throw ConfigurationError(
        "folds", "\(table.name): folds are of shuffled rows; leave --no-shuffle or --folds out")
    }
    let rows = try usableRows(table)
    var folds = [[Int]](repeating: [], count: count)
    let key = splitting.key.folded("folds")
    if let group = options.group {
      let groups = try self.groups(table, rows, group)
      let number = (groups.max() ?? -1) + 1
      try checkFolds(table, count, number, "groups")
      var members = [[Int]](repeating: [], count: number)
      for (place, group) in groups.enumerated() { members[group].append(rows[place]) }
      for group in key.permutation(number) {
        let fold = folds.indices.min { (folds[$0].count, $0) < (folds[$1].count, $1) } ?? 0
        folds[fold] += members[group]
      }
      return folds
    }
    try checkFolds(table, count, rows.count, "rows")
    let strata = try strata(table, rows, splitting.isStratified)
    var order = key.permutation(rows.count)
    if !strata.members.isEmpty {
      var byClass = strata.names.map { _ in [Int]() }
      for place in order { byClass[Int(strata.members[place])].append(place) }
      order = byClass.flatMap { $0 }
    }
    for (index, place) in order.enumerated() { folds[index % count].append(rows[place]) }
    return folds
  }

  private func checkFolds(
    _ table: Table, _ count: Int, _ available: Int, _ what: String
  ) throws(ConfigurationError) {
    guard count >= 2, count <= available else {
      throw ConfigurationError(
        "folds",
        "\(table.name): \(count) folds of \(available) \(what): there must be at least 2 "
          + "folds, and no more than \(what)")
    }
  }

  /// The class of each row, and the names of classes; nothing where rows are not cut by class.
  func strata(
    _ table: Table, _ rows: [Int], _ isStratified: Bool?
  ) throws -> (names: [String], members: [Int32]) {
    guard isStratified ?? (target == .classes) else { return ([], []) }
    guard target == .classes else {
      throw DataError(
        table.name, "targets are values, so there are no classes to stratify by")
    }
    let column = targetColumns[0]
    let levels = Levels(table, rows: rows, column: column, areNumbers: areTargetsNumbers)
    let members = try rows.map { row in
      if let index = levels.index(table, row, column) { return Int32(index) }
      throw table.missingError(row, column, "a class", options.missing)
    }
    return (levels.names.map { "class \(FormatError.quoted($0))" }, members)
  }

  /// The group of each row, numbered as they come.
  private func groups(_ table: Table, _ rows: [Int], _ name: String) throws -> [Int] {
    let column = try table.place(of: name)
    var numbers: [String: Int] = [:]
    return try rows.map { row in
      guard table.value(row, column) != .missing else {
        throw table.missingError(row, column, "a group", options.missing)
      }
      let text = table.rows.text(row, column)
      if let number = numbers[text] { return number }
      numbers[text] = numbers.count
      return numbers.count - 1
    }
  }

  private func groupsInOrder(_ table: Table) -> ConfigurationError {
    ConfigurationError(
      "group",
      "\(table.name): rows are cut by group or in their order; leave --group or "
        + "--no-shuffle out")
  }
}
