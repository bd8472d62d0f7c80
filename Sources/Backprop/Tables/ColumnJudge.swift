/// Tells what columns are from what is in them, and refuses what makes no sense.
struct ColumnJudge {
  let table: Table
  let options: TableOptions

  /// The kind of a column.
  func kind(
    _ facts: ColumnFacts, _ column: Int, _ role: ColumnSummary.Role
  ) throws(FormatError) -> ColumnKind {
    let kind = options.kinds[facts.name] ?? facts.kind(isFirst: column == 0)
    guard role == .input || role == .target || role == .sampleWeights else { return kind }
    let isMistaken = options.kinds[facts.name] == nil && facts.areNumbersWithMistakes
    let mustBeNumber = options.kinds[facts.name] == .number || role == .sampleWeights
    if isMistaken || mustBeNumber, let row = facts.firstText {
      let hint =
        isMistaken && !mustBeNumber
        ? "; if it is no mistake, --kind \(shellWord(facts.name))=text" : ""
      throw table.error(
        row, column,
        expected: "a number in column \(FormatError.quoted(facts.name)), "
          + "as in \(facts.numbers) of its \(facts.values) values",
        found: FormatError.quoted(table.rows.text(row, column)) + hint)
    }
    return kind
  }

  /// What the targets are.
  func target(
    _ targets: [(facts: ColumnFacts, column: Int)]
  ) throws -> TableSchema.Target {
    for (facts, _) in targets where facts.values == 0 {
      throw table.error(
        column: facts.name, expected: "values to learn", found: "nothing in any row")
    }
    let target = try targets.count == 1 ? only(targets[0].facts) : several(targets.map(\.facts))
    switch target {
    case .classes:
      try checkClasses(targets[0].facts)
    case .values, .labels:
      for (facts, column) in targets {
        try checkNumbers(facts, column)
        guard facts.distinct > 1 || facts.isCapped || facts.rows == 1 || target == .labels else {
          throw table.error(
            column: facts.name, expected: "values that differ", found: "the same in every row")
        }
      }
    }
    return target
  }

  private func only(_ facts: ColumnFacts) throws(ConfigurationError) -> TableSchema.Target {
    let told: TableSchema.Target? =
      switch options.kinds[facts.name] {
      case .number: .values
      case .text, .class: .classes
      case nil: nil
      case .some(let kind):
        throw ConfigurationError(
          "kind",
          "\(table.name): column \(FormatError.quoted(facts.name)) is the target, so it is "
            + "number or class, not \(kind.rawValue)")
      }
    switch options.task {
    case .classification:
      guard told != .values else { throw contradiction(facts) }
      return .classes
    case .regression:
      guard told != .classes else { throw contradiction(facts) }
      return .values
    case .automatic:
      return told ?? (facts.texts > 0 || facts.areFewWholeNumbers ? .classes : .values)
    }
  }

  private func contradiction(_ facts: ColumnFacts) -> ConfigurationError {
    ConfigurationError(
      "task",
      "\(table.name): column \(FormatError.quoted(facts.name)) is to be "
        + "\(options.kinds[facts.name]?.rawValue ?? ""), but the task is \(options.task.rawValue)")
  }

  private func several(_ all: [ColumnFacts]) throws(FormatError) -> TableSchema.Target {
    let areBinary = all.allSatisfy(\.areBinary)
    if options.task == .classification, let facts = all.first(where: { !$0.areBinary }) {
      throw table.error(
        column: facts.name, expected: "only 0 and 1, as several targets that are labels",
        found: facts.examples.map(FormatError.quoted).joined(separator: ", "))
    }
    return areBinary && options.task != .regression ? .labels : .values
  }

  private func checkNumbers(_ facts: ColumnFacts, _ column: Int) throws(FormatError) {
    guard let row = facts.firstText else { return }
    throw table.error(
      row, column,
      expected: "a number in column \(FormatError.quoted(facts.name)), a target of values")
  }

  private func checkClasses(_ facts: ColumnFacts) throws(FormatError) {
    guard facts.distinct > 1 || facts.isCapped else {
      throw table.error(
        column: facts.name, expected: "two classes or more",
        found: "only \(facts.examples.map(FormatError.quoted).joined())")
    }
    guard facts.distinct <= ColumnFacts.distinctLimit else {
      throw table.error(
        column: facts.name, expected: "at most \(ColumnFacts.distinctLimit) classes",
        found: "more; for numbers, --task regression")
    }
  }

  /// Checks that a column has few enough levels to become inputs.
  func checkLevels(_ facts: ColumnFacts) throws(FormatError) {
    guard facts.distinct > TableOptions.levelLimit || facts.isCapped else { return }
    let more = facts.isCapped ? "more than \(facts.distinct - 1)" : "\(facts.distinct)"
    throw table.error(
      column: facts.name, expected: "at most \(TableOptions.levelLimit) different texts",
      found: "\(more); leave it out with --drop \(shellWord(facts.name))")
  }
}

/// A name as it is written on a command line.
func shellWord(_ name: String) -> String {
  let isPlain = name.unicodeScalars.allSatisfy {
    $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
      || "_-.".unicodeScalars.contains($0)
  }
  return isPlain && !name.isEmpty
    ? name
    : "'"
      + name.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
}
