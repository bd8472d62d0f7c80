import ArgumentParser
import Backprop

/// `backprop train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network, tests it, and saves it as a run folder.",
    discussion: """
      Parts of digits and iris: 70 % training, 10 % validation, 20 % test, class by class. The \
      epoch with the lowest validation loss is kept. xor trains and tests on its four rows.
      """)

  @Argument(
    help: ArgumentHelp("The data: \(list(DataSource.allCases)).", valueName: "data"))
  var data = DataSource.digits.rawValue

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of mnist and fashion-mnist are, there or in a folder of that name.",
      discussion: "Unless told: what the environment variable BACKPROP_DATA says.",
      valueName: "dir"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Decides the parts of digits and iris.", valueName: "seed"))
  var splitSeed: UInt64 = 0

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Learning") var optimizerOptions: OptimizerOptions

  @Option(
    help: ArgumentHelp(
      "The run folder to make (default: runs/DATA-N, the first free N).", valueName: "dir"))
  var output: String?

  @Flag(help: "Print only the test result and the run folder.")
  var quiet = false

  @Flag(help: "Print events as JSON, one object a line, and nothing else.")
  var json = false

  func run() throws {
    let source: DataSource = try choice("data set", data)
    try optimizerOptions.checkCounts()
    let split = try source.load(directory: dataDir, splitSeed: splitSeed)
    let session = try TrainingSession(
      source, split, learning: optimizerOptions, network: networkOptions)
    let folder = try RunFolder(output: output, data: source.rawValue)
    onInterrupt { folder.discard() }
    do {
      try train(session, split, folder)
    } catch {
      folder.discard()
      throw error
    }
  }

  private func train(
    _ session: TrainingSession, _ split: DataSplit, _ folder: RunFolder
  ) throws {
    let report: any TrainingReport =
      json ? JSONReport(session) : TextReport(session, isQuiet: quiet)
    let settings = session.settings + [.init("split_seed", .seed(splitSeed))]
    var events: [JSONValue] = []
    let fit = try Trainer(session.step).fit(
      split, epochs: session.epochs, batchSize: session.batchSize, seed: session.seed
    ) { event in
      switch event {
      case .start(let start):
        let members = [.init("event", "start"), .init("data", .string(data))] + settings
        events.append(.object(members + start.jsonMembers))
        report.start(start, split, events[0])
      case .epoch(let epoch):
        events.append(epoch.json)
        report.epoch(epoch)
      }
    }
    let outcome = TrainingOutcome(
      fit: fit, best: try fit.model.evaluate(on: split.test),
      last: try session.step.evaluate(fit.lastState, on: split.test),
      classNames: split.test.classNames)
    let end: [JSONValue.Member] = [.init("event", "end")] + outcome.jsonMembers
    let record = RunRecord(
      source: .init(
        name: data, directory: dataDir, splitSeed: splitSeed,
        validation: DataSource.fractions.validation, test: DataSource.fractions.test),
      settings: .object(settings), step: session.step, result: .object(outcome.jsonMembers))
    let path = try folder.finish(
      model: fit.model, record: record, events: events + [.object(end)])
    report.end(outcome, .object(end + [.init("run", .string(path))]), run: path)
  }
}
