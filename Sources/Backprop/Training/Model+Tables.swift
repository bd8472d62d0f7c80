public import BackpropCore

/// What a model says of the rows of a table.
public struct TablePrediction: Sendable {
  /// Which rows of the table: all but those left out for a missing field.
  public let rows: [Int]
  /// The class of each row; empty for values and labels.
  public let classes: [String]
  /// [rows, outputs]: the probability of each class or label (nil if the cost makes none), or the
  /// values in the units of the file.
  public let numbers: Tensor?
}

extension Model {
  /// Predicts rows of a table by the preprocessing that the model was trained with.
  ///
  /// ```swift
  /// let model = try Model(contentsOf: "runs/iris-1")
  /// let prediction = try model.predict(Table.load("flowers.csv"))
  /// prediction?.classes   // ["setosa", …]
  /// ```
  ///
  /// - Parameters:
  ///   - table: a file, or a block of one; columns to predict need not be there.
  ///   - warnings: where what is odd about the rows is counted.
  /// - Returns: nil if all rows are left out for missing fields.
  /// - Throws: ``ConfigurationError`` if the model has no preprocessing; ``FormatError`` if a
  ///   column is not there, or a field is not what the model can take.
  public func predict(
    _ table: Table, warnings: inout TableWarnings
  ) throws -> TablePrediction? {
    let preprocessing = try requirePreprocessing()
    guard let encoded = try preprocessing.encode(table, warnings: &warnings) else { return nil }
    let outputs = try predict(encoded.inputs)
    return try prediction(ofOutputs: outputs, rows: encoded.rows)
  }

  /// What a network's outputs, as `predict` gives them, say of each sample.
  ///
  /// - Parameters:
  ///   - outputs: [samples, outputs].
  ///   - rows: which rows of a table the samples are; nil for all in their order.
  public func prediction(ofOutputs outputs: Tensor, rows: [Int]? = nil) throws -> TablePrediction {
    let values = outputs.array(of: Double.self)
    let rows = rows ?? Array(0..<outputs.shape[0])
    var classes: [String] = []
    if case .classes(let count, _) = step.target {
      classes = try Metrics.classes(ofHighest: values, classes: count).map {
        classNames?[$0] ?? "\($0)"
      }
    } else if preprocessing?.targetKind != .labels {
      return TablePrediction(rows: rows, classes: [], numbers: outputs)
    }
    let numbers = step.probabilities(ofOutputs: values).map { Tensor($0, shape: outputs.shape) }
    return TablePrediction(rows: rows, classes: classes, numbers: numbers)
  }

  /// Predicts rows of a table; nil if all of them are left out for missing fields.
  ///
  /// - Throws: as ``predict(_:warnings:)``.
  public func predict(_ table: Table) throws -> TablePrediction? {
    var warnings = TableWarnings()
    return try predict(table, warnings: &warnings)
  }

  /// How well the model does on the rows of a table, which has the columns to predict.
  ///
  /// - Throws: as ``predict(_:warnings:)``; ``FormatError`` for a class that the model does not
  ///   know.
  public func evaluate(
    on table: Table, warnings: inout TableWarnings
  ) throws -> Evaluation {
    let dataset = try requirePreprocessing().dataset(table, warnings: &warnings)
    return try step.evaluate(state, on: dataset)
  }

  private func requirePreprocessing() throws(ConfigurationError) -> Preprocessing {
    if let preprocessing { return preprocessing }
    throw ConfigurationError(
      "model", "the model learnt from no table, so it cannot take rows of one")
  }
}
