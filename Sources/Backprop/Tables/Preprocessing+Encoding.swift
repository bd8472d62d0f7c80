public import BackpropCore

/// Rows of a table as a network takes them.
public struct EncodedRows: Sendable {
  /// The inputs: float32 [rows, features].
  public let inputs: Tensor
  /// Which rows of the table they are: all that were asked for but those left out for a missing
  /// field.
  public let rows: [Int]
}

extension Preprocessing {
  /// The inputs of a table's rows; nil if all of them are left out for missing fields.
  ///
  /// A file that does not fit into memory is encoded block by block, as
  /// ``CSVReader/next(minimumRows:)`` gives them; columns to predict need not be there.
  ///
  /// - Parameters:
  ///   - table: the file or a block of it; its columns may be in any order.
  ///   - rows: which rows; nil for all.
  ///   - warnings: where what is odd is counted.
  /// - Throws: ``FormatError``, with line and column, if a column is not there, or a field is
  ///   missing (where that is an error), not a finite number, or text where a number belongs.
  public func encode(
    _ table: Table, rows: [Int]? = nil, warnings: inout TableWarnings
  ) throws -> EncodedRows? {
    let columns = try places(of: inputs.map(\.name), in: table, "the model learnt from")
    let known = Set(inputs.map(\.name) + targets + ignored)
    warnings.addExtra(table.columns.filter { !known.contains($0) })
    let rows = complete(table, rows, columns, &warnings)
    guard !rows.isEmpty else { return nil }
    let width = featureCount
    try checkMemory(table, rows.count, width)
    var values = [Float](repeating: 0, count: rows.count * width)
    // Row by row: rows may come in any order, and the fields of one are neighbours in memory.
    var feature = 0
    for row in rows {
      for (input, column) in zip(inputs, columns) {
        try encode(input, table, row, column, feature, &values, &warnings)
        feature += input.width
      }
    }
    return EncodedRows(inputs: Tensor(values, shape: [rows.count, width]), rows: rows)
  }

  /// A data set of a table's rows: inputs and targets, classes or values. Values are in the units
  /// of the file; how they are standardised for a network is recorded as the data set's
  /// ``Dataset/targetScaling``.
  ///
  /// - Throws: as ``encode(_:rows:warnings:)``; and if a target is missing, not of the classes of
  ///   the training part, or no row is left.
  public func dataset(
    _ table: Table, rows: [Int]? = nil, warnings: inout TableWarnings
  ) throws -> Dataset {
    let columns = try places(of: targets, in: table, "the target of the model")
    let rows = complete(table, rows, columns, &warnings)
    guard let encoded = try encode(table, rows: rows, warnings: &warnings) else {
      throw FormatError(
        table.name, expected: "a row without a missing field", found: "none; all were left out")
    }
    let dataset = try Dataset(
      name: table.name, inputs: encoded.inputs,
      targets: encodedTargets(table, encoded.rows, columns), classNames: classNames)
    return try networkTargetScaling.map { try dataset.targetsScaled(by: $0) } ?? dataset
  }

  /// Checks that the inputs of some rows fit this machine: a model may name any number of levels.
  private func checkMemory(_ table: Table, _ rows: Int, _ width: Int) throws(FormatError) {
    let (count, isTooLarge) = rows.multipliedReportingOverflow(by: width)
    guard isTooLarge || count > MachineMemory.byteCount / MemoryLayout<Float>.size else { return }
    throw FormatError(
      table.name,
      expected: "inputs within the \(MachineMemory.byteCount >> 20) MiB of this machine's memory",
      found: "\(rows) rows of \(width) inputs")
  }

  /// The rows without those to be left out for missing fields.
  private func complete(
    _ table: Table, _ rows: [Int]?, _ columns: [Int], _ warnings: inout TableWarnings
  ) -> [Int] {
    let rows = rows ?? Array(0..<table.count)
    guard missing == .drop else { return rows }
    let complete = table.completeRows(rows, columns)
    warnings.addDropped(rows.count - complete.count)
    return complete
  }

  private func places(
    of names: [String], in table: Table, _ what: String
  ) throws(FormatError) -> [Int] {
    var places: [Int] = []
    for name in names {
      guard let place = table.indices[name] else {
        throw FormatError(
          table.name, expected: "a column \(FormatError.quoted(name)), \(what)",
          found: "only \(table.columnList)")
      }
      places.append(place)
    }
    return places
  }

  /// Puts what one field becomes at `start` and behind it.
  private func encode(
    _ input: Input, _ table: Table, _ row: Int, _ column: Int, _ start: Int,
    _ values: inout [Float], _ warnings: inout TableWarnings
  ) throws {
    var isMissing = false
    switch input.encoding {
    case .number(let scaling, let fill):
      let number = try table.number(row, column, policy: missing)
      isMissing = number == nil
      values[start] = try finite(scaling.applied(to: number ?? fill ?? 0), table, row, column)
    case .levels(let levels):
      if let level = levels.index(table, row, column) {
        values[start + level] = 1
      } else if table.value(row, column) == .missing {
        guard missing != .error else { throw table.missingError(row, column, "a text", missing) }
        isMissing = true
      } else {
        let line = table.line(ofRow: row)
        warnings.addUnseen(input.name, table.rows.text(row, column), line: line)
      }
    }
    if isMissing, input.hasIndicator { values[start + input.width - 1] = 1 }
  }

  private func encodedTargets(
    _ table: Table, _ rows: [Int], _ columns: [Int]
  ) throws -> Tensor {
    if case .classes(let levels) = target {
      let classes = try rows.map { row in
        if let index = levels.index(table, row, columns[0]) { return Int32(index) }
        throw classError(levels, table, row, columns[0])
      }
      return Tensor(classes)
    }
    var values: [Double] = []
    values.reserveCapacity(rows.count * columns.count)
    for row in rows {
      for (index, column) in columns.enumerated() {
        let number = try table.number(row, column, policy: .error) ?? 0
        if case .values(let scaling) = target {
          // A network gets the standardised value; only checked here.
          _ = try finite(scaling[index].applied(to: number), table, row, column)
          values.append(number)
        } else if number == 0 || number == 1 {
          values.append(number)
        } else {
          let name = FormatError.quoted(table.columns[column])
          throw table.error(row, column, expected: "0 or 1 in column \(name), a label")
        }
      }
    }
    return Tensor(values, shape: [rows.count, columns.count])
  }

  private func classError(
    _ levels: Levels, _ table: Table, _ row: Int, _ column: Int
  ) -> FormatError {
    if table.value(row, column) == .missing {
      return table.missingError(row, column, "a class", .error)
    }
    let names = levels.names.prefix(20).map(FormatError.quoted).joined(separator: ", ")
    return table.error(
      row, column,
      expected: "a class that the training part has "
        + "(\(names)\(levels.names.count > 20 ? ", …" : ""))")
  }

  private func finite(
    _ value: Double, _ table: Table, _ row: Int, _ column: Int
  ) throws(FormatError) -> Float {
    let float = Float(value)
    guard float.isFinite else {
      throw table.error(row, column, expected: "a number that float32 can hold, once standardised")
    }
    return float
  }
}
