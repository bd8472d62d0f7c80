import Backprop

extension Model {
  /// Samples that `--data` names, as the network of a run sees them.
  ///
  /// - Parameters:
  ///   - data: a file with targets in it, a table for a run of a table, else .npz; or the name of a
  ///     data set, of which the training part is taken.
  ///   - folder: the run, for errors.
  ///   - format: how a table is written.
  ///   - directory: where the IDX files of MNIST are.
  func samples(
    of data: String, run folder: String, format: CSVFormat = CSVFormat(), directory: String? = nil
  ) throws -> Dataset {
    if let preprocessing {
      guard DataFiles.kind(of: data) == .table, TrainingData.isFile(data) else {
        throw ConfigurationError(
          "data", "\(folder) learnt from a table: \(data) must be one too, such as a .csv file")
      }
      var warnings = TableWarnings()
      return try scaled(
        preprocessing.dataset(Table.load(data, format: format), warnings: &warnings))
    }
    if let source = DataSource(rawValue: data) {
      return try scaled(source.load(directory: directory, splitSeed: 0).training)
    }
    guard DataFiles.kind(of: data) == .npz else {
      throw ConfigurationError(
        "data",
        "\(folder) did not learn from a table: \(data) must be a .npz file, or one of "
          + list(DataSource.allCases))
    }
    let isClass = if case .classes = step.target { true } else { false }
    return try scaled(
      TrainingData.dataset(data, targets: nil, isClass ? .classification : .regression))
  }

  /// A data set with the scaling that the network learnt with.
  func scaled(_ data: Dataset) throws -> Dataset {
    var data = data
    if let scaling { data = try data.scaled(by: scaling) }
    if let targetScaling { data = try data.targetsScaled(by: targetScaling) }
    return data
  }
}
