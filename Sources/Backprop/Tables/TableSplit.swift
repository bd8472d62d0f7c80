/// A table in three parts, with the preprocessing that was fitted to the training part.
public struct TableSplit: Sendable {
  /// Weights of samples, in the order of the parts.
  public struct Weights: Hashable, Sendable {
    public let training: [Float]
    public let validation: [Float]
    public let test: [Float]
  }

  /// The samples.
  public let data: DataSplit
  /// How they were made of rows.
  public let preprocessing: Preprocessing
  /// All columns, and what became of them.
  public let columns: [ColumnSummary]
  /// Which rows are in which part.
  public let rows: RowParts
  /// The weights, where a column has some.
  public let weights: Weights?
  /// What was decided that its user may want to know: a line each.
  public let notes: [String]
  /// What was odd about the validation and test parts.
  public let warnings: TableWarnings
}

extension Table {
  /// Cuts the rows in three parts, fits the preprocessing to the first, and applies it to all.
  ///
  /// Kinds of columns are told from all rows; means, deviations, fills, levels and classes come
  /// from the training part alone. The same key gives the same parts; for a table without groups
  /// they are those of ``Dataset/split(validation:test:key:stratified:)``.
  ///
  /// - Parameters:
  ///   - splitting: how rows are cut.
  ///   - options: how the table is to be used.
  ///   - test: the test part in a file of its own; then this table is cut in two.
  /// - Throws: ``ConfigurationError``, ``FormatError`` or ``DataError``, each of one line, if the
  ///   table cannot be used so.
  public func split(
    _ splitting: TableSplitting, options: TableOptions = TableOptions(), test: Table? = nil
  ) throws -> TableSplit {
    let schema = try TableSchema(of: self, options: options)
    guard let test else {
      let sizes = [splitting.validation, splitting.test]
      let parts = try schema.parts(
        of: self, splitting, fractions: [1 - sizes[0] - sizes[1]] + sizes)
      return try TableSplit(
        self, schema, RowParts(training: parts[0], validation: parts[1], test: parts[2]))
    }
    let parts = try schema.parts(
      of: self, splitting, fractions: [1 - splitting.validation, splitting.validation])
    let rows = RowParts(training: parts[0], validation: parts[1], test: Array(0..<test.count))
    return try TableSplit(self, schema, rows, testTable: test)
  }

  /// Cuts the rows for a cross-validation: in each of `count` splits another part is for test, so
  /// that every row is for test once.
  ///
  /// Folds have the classes in the same proportion, or whole groups. Of the rows that are not for
  /// test, the fraction `splitting.validation` is for validation. Each split has a preprocessing of
  /// its own, fitted to its training part.
  ///
  /// - Throws: as ``split(_:options:test:)``; ``ConfigurationError`` if there are fewer than 2
  ///   folds, or more than rows or groups.
  public func folds(
    _ count: Int, _ splitting: TableSplitting, options: TableOptions = TableOptions()
  ) throws -> [TableSplit] {
    let schema = try TableSchema(of: self, options: options)
    let folds = try schema.folds(of: self, count, splitting)
    return try folds.indices.map { index in
      let rest = folds.indices.filter { $0 != index }.flatMap { folds[$0] }.sorted()
      var inner = splitting
      inner.key = splitting.key.folded(UInt64(index))
      let parts = try schema.parts(
        of: self, inner, fractions: [1 - inner.validation, inner.validation], rows: rest)
      return try TableSplit(
        self, schema, RowParts(training: parts[0], validation: parts[1], test: folds[index]))
    }
  }

  /// The numbers of a column as weights.
  fileprivate func weights(_ rows: [Int], _ column: Int) throws -> [Float] {
    try rows.map { row in
      let value = Float(try number(row, column, policy: .error) ?? 0)
      guard value >= 0, value.isFinite else {
        throw error(row, column, expected: "a weight from 0 up")
      }
      return value
    }
  }
}

extension TableSplit {
  fileprivate init(
    _ table: Table, _ schema: TableSchema, _ parts: RowParts, testTable: Table? = nil
  ) throws {
    preprocessing = try Preprocessing(fittedTo: table, rows: parts.training, schema: schema)
    var warnings = TableWarnings()
    let test = testTable ?? table
    var testRows = parts.test
    if testTable != nil, schema.options.missing == .drop {
      let columns = try (preprocessing.inputColumns + preprocessing.targets).map {
        try test.place(of: $0)
      }
      testRows = test.completeRows(testRows, columns)
      warnings.addDropped(parts.test.count - testRows.count)
    }
    data = try DataSplit(
      training: preprocessing.dataset(table, rows: parts.training, warnings: &warnings),
      validation: preprocessing.dataset(table, rows: parts.validation, warnings: &warnings),
      test: preprocessing.dataset(test, rows: testRows, warnings: &warnings))
    rows = RowParts(training: parts.training, validation: parts.validation, test: testRows)
    weights = try schema.options.sampleWeights.map { name in
      let column = try table.place(of: name)
      let training = try table.weights(parts.training, column)
      guard training.contains(where: { $0 > 0 }) else {
        throw table.error(
          column: name, expected: "a weight above 0 in the training part", found: "none")
      }
      // A test file need not say how much its rows count.
      let tests = try test.indices[name].map { try test.weights(testRows, $0) }
      return try Weights(
        training: training, validation: table.weights(parts.validation, column),
        test: tests ?? testRows.map { _ in 1 })
    }
    columns = schema.columns
    notes = schema.notes
    self.warnings = warnings
  }
}
