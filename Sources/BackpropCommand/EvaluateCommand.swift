import ArgumentParser
import Backprop

/// `backprop evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tests the network of a run on the run's own test part.")

  @Argument(help: ArgumentHelp("The run folder, as train printed it.", valueName: "run"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of mnist and fashion-mnist are now.",
      discussion: "Unless told: the folder that train was told, or BACKPROP_DATA.",
      valueName: "dir"))
  var dataDir: String?

  @Flag(help: "Print one JSON object, with the event evaluate.")
  var json = false

  func run() throws {
    let record = try RunRecord(contentsOf: folder)
    let model = try Model(contentsOf: folder)
    let name = record.source.name
    guard let source = DataSource(rawValue: name) else {
      throw ConfigurationError.unknown(
        "data set", name, known: DataSource.allCases.map(\.rawValue))
    }
    let split = try source.load(
      directory: dataDir ?? record.source.directory, splitSeed: record.source.splitSeed,
      fractions: (record.source.validation, record.source.test))
    let result = try model.evaluate(on: split.test)
    if json {
      let members: [JSONValue.Member] = [
        .init("event", "evaluate"), .init("run", .string(folder)), .init("data", .string(name)),
        .init("test_samples", .integer(split.test.count)),
      ]
      say(JSONValue.object(members + result.jsonMembers(prefix: "test_")).text())
      return
    }
    say("\(name), \(grouped(split.test.count)) test samples; network of \(folder)")
    say("test: \(summary(result))")
    if let confusion = result.confusion {
      say()
      confusionTable(confusion, names: model.classNames).forEach { say("  " + $0) }
    }
  }
}
