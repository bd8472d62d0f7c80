extension Preprocessing {
  /// Fits to some rows of a table, those for training.
  ///
  /// - Throws: ``FormatError``, with line and column, if a field that is needed is missing, not
  ///   finite, or text where a number belongs.
  public init(fittedTo table: Table, rows: [Int], schema: TableSchema) throws {
    let options = schema.options
    // In the order of the file, which is that of memory, and makes the result that of the rows
    // alone.
    let rows = rows.sorted()
    inputs = try schema.inputs.map { input in
      let hasIndicator =
        options.addsIndicators && rows.contains { table.value($0, input.column) == .missing }
      let encoding: Encoding
      if input.isCategory {
        try table.checkMissing(rows, input.column, options.missing)
        let levels = Levels(
          table, rows: rows, column: input.column, areNumbers: input.areNumbers)
        encoding = .levels(levels)
      } else {
        encoding = try Self.number(table, rows, input.column, options)
      }
      return Input(name: input.name, encoding: encoding, hasIndicator: hasIndicator)
    }
    targets = schema.targets
    missing = options.missing
    ignored = table.columns.filter { name in
      !schema.targets.contains(name) && !schema.inputs.contains { $0.name == name }
    }
    switch schema.target {
    case .classes:
      let levels = Levels(
        table, rows: rows, column: schema.targetColumns[0], areNumbers: schema.areTargetsNumbers)
      guard levels.names.count > 1 else {
        throw table.error(
          column: targets[0], expected: "two classes or more in the training part",
          found: "only \(levels.names.map(FormatError.quoted).joined())")
      }
      target = .classes(levels)
    case .labels: target = .labels
    case .values:
      target = try .values(
        schema.targetColumns.map { column in
          let values = try rows.compactMap { try table.number($0, column, policy: .error) }
          return try options.standardizes ? table.standardization(values, column) : .none
        })
    }
  }

  private static func number(
    _ table: Table, _ rows: [Int], _ column: Int, _ options: TableOptions
  ) throws(FormatError) -> Encoding {
    var values: [Double] = []
    values.reserveCapacity(rows.count)
    for row in rows {
      if let value = try table.number(row, column, policy: options.missing) { values.append(value) }
    }
    guard !values.isEmpty else {
      throw table.error(
        column: table.columns[column], expected: "a number in the training part",
        found: "nothing in any of its rows; leave it out with --drop "
          + shellWord(table.columns[column]))
    }
    // The mean is also the fill, and says whether the numbers can be computed with.
    let scaling = try table.standardization(values, column)
    let fill: Double? =
      switch options.missing {
      case .error, .drop: nil
      case .mean: scaling.mean
      case .median: median(values)
      }
    return .number(options.standardizes ? scaling : .none, fill: fill)
  }

  /// The middle of the sorted numbers, or the mean of the two in the middle.
  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }
}

extension Table {
  /// A number: nil if it is missing and the policy is to fill.
  func number(
    _ row: Int, _ column: Int, policy: MissingPolicy
  ) throws(FormatError) -> Double? {
    switch value(row, column) {
    case .number(let value): return value
    case .missing where policy == .mean || policy == .median: return nil
    case .missing:
      throw missingError(row, column, "a number", policy)
    case .infinite:
      throw error(row, column, expected: "a finite number in column \(quoted(column))")
    case .text: throw error(row, column, expected: "a number in column \(quoted(column))")
    }
  }

  /// Checks that no field is missing, where that is an error.
  func checkMissing(
    _ rows: [Int], _ column: Int, _ policy: MissingPolicy
  ) throws(FormatError) {
    guard policy == .error, let row = rows.first(where: { value($0, column) == .missing }) else {
      return
    }
    throw missingError(row, column, "a text", policy)
  }

  /// The error for a field that is missing.
  func missingError(
    _ row: Int, _ column: Int, _ what: String, _ policy: MissingPolicy
  ) -> FormatError {
    let there = error(row, column, expected: "").found
    let hint = policy == .error ? "; fill it in, or train with --missing drop, mean or median" : ""
    return error(
      row, column, expected: "\(what) in column \(quoted(column))",
      found: there == "nothing" ? "nothing\(hint)" : "\(there), which is a missing field\(hint)")
  }

  fileprivate func standardization(
    _ values: [Double], _ column: Int
  ) throws(FormatError) -> Standardization {
    guard let scaling = Standardization(fittedTo: values) else {
      throw error(
        column: columns[column], expected: "numbers whose mean and deviation are below 1.8e308",
        found: "larger ones")
    }
    return scaling
  }

  private func quoted(_ column: Int) -> String { FormatError.quoted(columns[column]) }
}
