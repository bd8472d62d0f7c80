import ArgumentParser
import Backprop

/// `backprop evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tests the network of a run on the run's own test part, or on a file.")

  @Argument(help: ArgumentHelp("The run folder, as train printed it.", valueName: "run"))
  var folder: String

  @Argument(
    help: ArgumentHelp(
      "A file to test on, all its rows, with the targets in it; - for standard input.",
      discussion: "A table for a run of a table; .npz for others.", valueName: "file"))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of mnist and fashion-mnist are now.",
      discussion: "Unless told: the folder that train was told, or BACKPROP_DATA.",
      valueName: "dir"))
  var dataDir: String?

  @OptionGroup var format: FormatFlags

  @Flag(help: "Print one JSON object, with the event evaluate.")
  var json = false

  func run() throws {
    let record = try RunRecord(contentsOf: folder)
    let model = try Model(contentsOf: folder)
    guard let file else { return try testAgain(record, model) }
    if model.preprocessing != nil {
      guard DataFiles.kind(of: file) == .table else {
        throw ConfigurationError(
          "file", "\(folder) learnt from a table: \(file) must be one too, such as a .csv file")
      }
      var warnings = TableWarnings()
      let table = try Table.load(file, format: format.makeFormat())
      let result = try model.evaluate(on: table, warnings: &warnings)
      warnings.lines.forEach { complain("backprop: warning: \(table.name): \($0)") }
      let count = table.count - warnings.droppedRows
      return tell(file, result, nil, count: count, model.classNames)
    }
    guard DataFiles.kind(of: file) == .npz else {
      throw ConfigurationError(
        "file", "\(folder) did not learn from a table: \(file) must be a .npz file")
    }
    let isClassification = if case .classes = model.step.target { true } else { false }
    let data = try TrainingData.dataset(
      file, targets: nil, isClassification ? .classification : .regression)
    tell(file, try model.evaluate(on: data), nil, count: data.count, model.classNames)
  }

  private func testAgain(_ record: RunRecord, _ model: Model) throws {
    let data = try TrainingData(record, directory: dataDir)
    if let preprocessing = model.preprocessing, data.preprocessing != preprocessing {
      let file = record.source.files?.file ?? ""
      throw DataError(
        file,
        "the rows are not those of the training, so the run's test part is unknown; to test on "
          + "all rows, name the file: backprop evaluate \(folder) \(file)")
    }
    let baseline = try Baseline(
      training: data.split.training, on: data.split.test, areLabels: data.areLabels)
    let result = try model.evaluate(on: data.split.test)
    tell(record.source.name, result, baseline, count: data.split.test.count, model.classNames)
  }

  private func tell(
    _ name: String, _ result: Evaluation, _ baseline: Baseline?, count: Int, _ names: [String]?
  ) {
    if json {
      var members: [JSONValue.Member] = [
        .init("event", "evaluate"), .init("run", .string(folder)), .init("data", .string(name)),
        .init("test_samples", .integer(count)),
      ]
      members += result.jsonMembers(prefix: "test_")
      if let baseline { members.append(.init("baseline", baseline.json)) }
      say(JSONValue.object(members).text())
      return
    }
    say("\(name.printableLine), \(grouped(count)) test samples; network of \(folder)")
    say("test: \(summary(result))")
    say()
    metricsTable(result, baseline).forEach { say("  " + $0) }
    if let baseline { say("  baseline: \(baseline.rule)") }
    if let confusion = result.confusion {
      say()
      if confusion.classes <= 20, let table = result.classTable(names) {
        classLines(table).forEach { say("  " + $0) }
        say()
      }
      confusionTable(confusion, names: names).forEach { say("  " + $0) }
    }
  }
}
