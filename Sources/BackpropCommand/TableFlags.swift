import ArgumentParser
import Backprop

/// The flags that say how the files of a person's own data are used.
struct TableFlags: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The columns to predict.",
      discussion: """
        Unless told: the column named target, or else the last. Several are values side by side, \
        or labels if all are 0 or 1.
        """, valueName: "column"))
  var target: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Columns to leave out.", valueName: "column"))
  var drop: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What columns are: number, text, class, identifier.", valueName: "column=kind"))
  var kind: [String] = []

  @Option(
    help: ArgumentHelp(
      "What is learnt: \(list(TableTask.allCases)).",
      discussion: """
        auto: text, and at most 20 whole numbers of which each is there twice, are classes; other \
        numbers are values.
        """, valueName: "task"))
  var task = TableTask.automatic.rawValue

  @Option(
    help: ArgumentHelp(
      "What is done about missing fields: \(list(MissingPolicy.allCases)).",
      discussion: "mean and median fill in those of the training part, drop leaves rows out.",
      valueName: "policy"))
  var missing = MissingPolicy.error.rawValue

  @Flag(
    inversion: .prefixedNo,
    help: "Make one more input of each column with missing fields, 1 where one is missing.")
  var missingIndicators = false

  @Option(
    help: ArgumentHelp("The test part in a file of its own, of the same kind.", valueName: "file"))
  var test: String?

  @Option(
    help: ArgumentHelp("The targets of a .npy file, another .npy file.", valueName: "file"))
  var targetFile: String?

  @Option(
    help: ArgumentHelp(
      "The column that says how much each row counts in the cost.",
      discussion: "Of a .npz file an array in it, of a .npy file another one.",
      valueName: "column"))
  var sampleWeights: String?

  @Option(
    help: ArgumentHelp(
      "balanced: every class counts alike in the cost, however rare.", valueName: "rule"))
  var classWeights: String?

  @Option(
    help: ArgumentHelp(
      "The column whose equal values stay in one part.", valueName: "column"))
  var group: String?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Shuffle rows before they are cut; if not, as for rows in time, the last are the test part.")
  var shuffle = true

  @Option(
    help: ArgumentHelp(
      "Cross-validate first: every row is tested once, by one of so many networks.",
      discussion: """
        Prints mean and deviation of every metric. The run itself is that of the command without \
        this flag.
        """, valueName: "count"))
  var folds: Int?

  @OptionGroup var format: FormatFlags

  /// The flags given, as words for an error about data that takes none; nil for none.
  private var given: String? {
    let flags: [(String, Bool)] = [
      ("--target", !target.isEmpty), ("--drop", !drop.isEmpty), ("--kind", !kind.isEmpty),
      ("--task", task != TableTask.automatic.rawValue),
      ("--missing", missing != MissingPolicy.error.rawValue),
      ("--missing-indicators", missingIndicators), ("--test", test != nil),
      ("--target-file", targetFile != nil), ("--sample-weights", sampleWeights != nil),
      ("--group", group != nil), ("--no-shuffle", !shuffle), ("--folds", folds != nil),
      ("--delimiter", format.delimiter != nil), ("--no-header", !format.header),
    ]
    return flags.first { $0.1 }?.0
  }

  /// Whether classes count alike.
  func balancesClasses() throws -> Bool {
    guard let classWeights else { return false }
    guard classWeights == "balanced" else {
      throw ConfigurationError.unknown("class weights", classWeights, known: ["balanced"])
    }
    return true
  }

  /// Checks that no flag is given that is only for files.
  func requireNone(for data: String) throws {
    guard let given else { return }
    throw ConfigurationError(
      "data",
      "\(given) goes with a file of your own, not with \(data); the file stands before the flags, which "
        + "take every word up to the next flag")
  }

  /// How the files are read.
  func files(_ file: String) throws -> DataFiles {
    var files = DataFiles(file: file, targetFile: targetFile, testFile: test)
    if files.kind == .table {
      files.format = try format.makeFormat()
      guard targetFile == nil else {
        throw ConfigurationError(
          "target-file", "--target-file goes with a .npy file; a table has --target COLUMN")
      }
    } else {
      let others: [(String, Bool)] = [
        ("--target", !target.isEmpty), ("--drop", !drop.isEmpty), ("--kind", !kind.isEmpty),
        ("--missing", missing != MissingPolicy.error.rawValue),
        ("--missing-indicators", missingIndicators), ("--group", group != nil),
        ("--delimiter", format.delimiter != nil), ("--no-header", !format.header),
      ]
      if let other = others.first(where: \.1) {
        throw ConfigurationError(
          "data",
          "\(other.0) goes with a table, not with arrays; leave it out, or write the arrays as the "
            + "columns of a .csv file")
      }
    }
    files.options = TableOptions(
      targets: target, drop: drop, kinds: try kinds(), task: try choice("task", task),
      missing: try choice("policy for missing fields", missing),
      addsIndicators: missingIndicators, sampleWeights: sampleWeights, group: group)
    files.isShuffled = shuffle
    files.balancesClasses = try balancesClasses()
    return files
  }

  private func kinds() throws -> [String: ColumnKind] {
    var kinds: [String: ColumnKind] = [:]
    let known = [ColumnKind.number, .text, .class, .identifier].map(\.rawValue)
    for text in kind {
      guard let split = text.lastIndex(of: "="), split != text.startIndex else {
        throw ConfigurationError("kind", "--kind '\(text)': expected COLUMN=KIND, as in age=number")
      }
      let name = String(text[text.index(after: split)...])
      guard known.contains(name), let kind = ColumnKind(rawValue: name) else {
        throw ConfigurationError.unknown("kind of column", name, known: known)
      }
      kinds[String(text[..<split])] = kind
    }
    return kinds
  }
}

/// The flags that say how a CSV file is written.
struct FormatFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What stands between fields: comma, semicolon, tab (default: found in the file).",
      valueName: "name"))
  var delimiter: String?

  @Flag(
    inversion: .prefixedNo,
    help: "The first row has the names of columns; if not, they are c1, c2, ….")
  var header = true

  /// The format.
  func makeFormat() throws -> CSVFormat {
    let names: [String: CSVFormat.Delimiter] = [
      "comma": .comma, ",": .comma, "semicolon": .semicolon, ";": .semicolon, "tab": .tab,
      "\t": .tab, "\\t": .tab,
    ]
    let delimiter = try delimiter.map { name in
      guard let delimiter = names[name] else {
        throw ConfigurationError.unknown(
          "delimiter", name, known: ["comma", "semicolon", "tab"])
      }
      return delimiter
    }
    return CSVFormat(delimiter: delimiter, hasHeader: header)
  }
}
