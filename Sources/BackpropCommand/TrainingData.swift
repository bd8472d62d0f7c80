import Backprop

/// The data of a run: what a command knows by name, or a person's own files.
struct TrainingData {
  /// What the run is named after.
  let name: String
  var split: DataSplit
  let defaults: DataSource.Defaults
  let source: RunRecord.Source
  /// How rows of a table became samples.
  var preprocessing: Preprocessing?
  /// The columns of a table, in order.
  var columns: [ColumnSummary] = []
  /// What was decided, and what was odd: a line each.
  var notes: [String] = []
  var warnings: [String] = []

  /// Whether targets are labels of 0 or 1.
  var areLabels: Bool { preprocessing?.targetKind == .labels }

  /// Whether an argument means a file, not data with a name.
  static func isFile(_ argument: String) -> Bool {
    guard DataSource(rawValue: argument) == nil else { return false }
    return argument == "-" || argument.contains(".") || argument.contains("/")
      || FileIO.exists(argument)
  }

  /// Loads data with a name.
  init(_ source: DataSource, directory: String?, splitSeed: UInt64, balancesClasses: Bool) throws {
    name = source.rawValue
    defaults = source.defaults
    split = try source.load(directory: directory, splitSeed: splitSeed)
    if balancesClasses { split = try split.balanced() }
    self.source = RunRecord.Source(
      name: source.rawValue, directory: directory, splitSeed: splitSeed,
      validation: DataSource.fractions.validation, test: DataSource.fractions.test)
  }

  /// Loads the data of a run again.
  init(_ record: RunRecord, directory: String? = nil) throws {
    let source = record.source
    guard let files = source.files else {
      let named: DataSource = try choice("data set", source.name)
      (name, defaults, self.source) = (source.name, named.defaults, source)
      split = try named.load(
        directory: directory ?? source.directory, splitSeed: source.splitSeed,
        fractions: (source.validation, source.test))
      return
    }
    guard files.file != "-" else {
      throw ConfigurationError(
        "data", "the run learnt from standard input, which cannot be read again; name a file")
    }
    self = try Self.load(files, source, say: { _ in })
  }

  /// Loads files.
  ///
  /// - Parameter say: hears what is to be known before a large file is read.
  static func load(
    _ files: DataFiles, splitSeed: UInt64, say: (String) -> Void
  ) throws -> TrainingData {
    let source = RunRecord.Source(
      name: stem(files.file), directory: nil, splitSeed: splitSeed,
      validation: DataSource.fractions.validation, test: DataSource.fractions.test, files: files)
    return try load(files, source, say: say)
  }

  private static func load(
    _ files: DataFiles, _ source: RunRecord.Source, say: (String) -> Void
  ) throws -> TrainingData {
    guard files.kind == .table else { return try arrays(files, source) }
    let table = try table(files.file, files.format, say)
    let test = try files.testFile.map { try self.table($0, files.format, say) }
    let split = try table.split(splitting(files, source), options: files.options, test: test)
    return try TrainingData(split, files, source)
  }

  /// The data of each fold of a cross-validation.
  static func folds(
    _ count: Int, _ files: DataFiles, _ source: RunRecord.Source
  ) throws -> [TrainingData] {
    guard files.kind == .table else { return try arrayFolds(count, files, source) }
    let table = try Table.load(files.file, format: files.format)
    return try table.folds(count, splitting(files, source), options: files.options)
      .map { try TrainingData($0, files, source) }
  }

  private static func splitting(
    _ files: DataFiles, _ source: RunRecord.Source
  ) -> TableSplitting {
    TableSplitting(
      validation: source.validation, test: source.test, isShuffled: files.isShuffled,
      key: RandomKey(source.splitSeed))
  }

  private init(
    _ table: TableSplit, _ files: DataFiles, _ source: RunRecord.Source
  ) throws {
    (name, self.source) = (source.name, source)
    preprocessing = table.preprocessing
    (columns, notes, warnings) = (table.columns, table.notes, table.warnings.lines)
    split = table.data
    if let weights = table.weights {
      func weighted(_ data: Dataset, _ values: [Float]) throws -> Dataset {
        try data.weighted(by: values.map { Double($0) })
      }
      split = try DataSplit(
        training: weighted(split.training, weights.training),
        validation: weights.validation.contains { $0 > 0 }
          ? weighted(split.validation, weights.validation) : split.validation,
        test: split.test)
    }
    defaults = TableDefaults.defaults(samples: split.training.count)
    if files.balancesClasses { split = try split.balanced() }
  }

  /// A table in memory; a large one is announced with the memory that it takes.
  private static func table(
    _ path: String, _ format: CSVFormat, _ say: (String) -> Void
  ) throws -> Table {
    if let need = try Table.estimatedTrainingBytes(path, format: format) {
      if need >= 64 << 20 {
        say("reading \(path); training takes about \(megabytes(need)) of memory")
      }
      guard need <= MachineMemory.byteCount else {
        throw ConfigurationError(
          "data",
          "\(path): training takes about \(megabytes(need)) of memory; this machine has "
            + "\(megabytes(MachineMemory.byteCount))")
      }
    }
    return try Table.load(path, format: format)
  }

  private static func megabytes(_ bytes: Int) -> String {
    grouped((bytes + (1 << 19)) >> 20) + " MiB"
  }

  /// The name of a file without folders and ending, fit for the name of a folder.
  private static func stem(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    let plain = stem.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
    let text = String(plain.drop { $0 == "." || $0 == "-" })
    return text.isEmpty ? "table" : text
  }
}

extension DataSplit {
  /// The same parts, the cost of the first two weighted so that classes count alike.
  func balanced() throws -> DataSplit {
    func balanced(_ data: Dataset) throws -> Dataset {
      let both = try data.balanced()
      guard let own = data.weights, let classes = both.weights else { return both }
      let products = zip(own.array(of: Double.self), classes.array(of: Double.self)).map(*)
      return try data.weighted(by: products)
    }
    return try DataSplit(
      training: balanced(training), validation: balanced(validation), test: test)
  }
}
