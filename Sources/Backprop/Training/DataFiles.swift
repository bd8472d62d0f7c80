/// The files that a run learnt from, and how they were read: what `run.json` says of a person's own
/// data.
package struct DataFiles: Hashable, Sendable {
  /// The file with the inputs, and with the targets where no other has them.
  package var file: String
  /// A file with the targets of an array file.
  package var targetFile: String?
  /// A file with the test part.
  package var testFile: String?
  /// How a CSV file is written.
  package var format: CSVFormat
  /// What the columns of a table are for.
  package var options: TableOptions
  /// Whether rows were shuffled.
  package var isShuffled: Bool
  /// Whether classes were weighted to count alike.
  package var balancesClasses: Bool

  /// Describes files.
  package init(
    file: String, targetFile: String? = nil, testFile: String? = nil,
    format: CSVFormat = CSVFormat(), options: TableOptions = TableOptions(),
    isShuffled: Bool = true, balancesClasses: Bool = false
  ) {
    (self.file, self.targetFile, self.testFile) = (file, targetFile, testFile)
    (self.format, self.options) = (format, options)
    (self.isShuffled, self.balancesClasses) = (isShuffled, balancesClasses)
  }

  /// What files are by the ends of their names.
  package enum Kind: Hashable, Sendable { case table, npy, npz }

  /// What a file is: `.npy`, `.npz`, and a table for all else.
  package static func kind(of path: String) -> Kind {
    let lower = path.lowercased()
    return lower.hasSuffix(".npy") ? .npy : lower.hasSuffix(".npz") ? .npz : .table
  }

  /// What ``file`` is.
  package var kind: Kind { Self.kind(of: file) }

  var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    let kinds = options.kinds.sorted { $0.key < $1.key }
    return [
      "file": .string(file), "target_file": text(targetFile), "test_file": text(testFile),
      "delimiter": text(format.delimiter?.rawValue), "header": .bool(format.hasHeader),
      "targets": texts(options.targets), "drop": texts(options.drop),
      "kinds": .object(kinds.map { .init($0.key, .string($0.value.rawValue)) }),
      "task": .string(options.task.rawValue), "missing": .string(options.missing.rawValue),
      "missing_indicators": .bool(options.addsIndicators),
      "standardize": .bool(options.standardizes), "sample_weights": text(options.sampleWeights),
      "group": text(options.group), "shuffle": .bool(isShuffled),
      "balance_classes": .bool(balancesClasses),
    ]
  }

  /// Reads what ``json`` wrote.
  ///
  /// - Throws: ``FormatError`` if a member is missing, unknown or of the wrong kind.
  init(_ object: JSONMembers) throws(FormatError) {
    var members = object
    file = try members.required("file", "a path", \.string)
    targetFile = try members.optional("target_file", "a path", \.string)
    testFile = try members.optional("test_file", "a path", \.string)
    let delimiter = try members.optional("delimiter", "a comma, semicolon or tab") {
      $0.string.flatMap(CSVFormat.Delimiter.init(rawValue:))
    }
    format = CSVFormat(
      delimiter: delimiter, hasHeader: try members.required("header", "true or false", \.bool))
    options = TableOptions()
    options.targets = try members.required("targets", "a list of names", \.strings)
    options.drop = try members.required("drop", "a list of names", \.strings)
    let kinds = try members.required("kinds", "an object of kinds of columns", \.members)
    for member in kinds {
      guard let kind = member.value.string.flatMap(ColumnKind.init(rawValue:)) else {
        throw members.error("kinds", expected: "kinds of columns", found: member.value.kind)
      }
      options.kinds[member.name] = kind
    }
    options.task = try members.required("task", "auto, classification or regression") {
      $0.string.flatMap(TableTask.init(rawValue:))
    }
    options.missing = try members.required("missing", "error, mean, median or drop") {
      $0.string.flatMap(MissingPolicy.init(rawValue:))
    }
    options.addsIndicators = try members.required("missing_indicators", "true or false", \.bool)
    options.standardizes = try members.required("standardize", "true or false", \.bool)
    options.sampleWeights = try members.optional("sample_weights", "a name", \.string)
    options.group = try members.optional("group", "a name", \.string)
    isShuffled = try members.required("shuffle", "true or false", \.bool)
    balancesClasses = try members.required("balance_classes", "true or false", \.bool)
    try members.finish()
  }
}
