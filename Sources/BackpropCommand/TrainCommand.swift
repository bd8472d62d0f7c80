import ArgumentParser
import Backprop

/// `backprop train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network, tests it, and saves it as a run folder.",
    discussion: """
      The data is a name, or a file: a table (.csv, .tsv, .txt; - for standard input), .npz with \
      arrays x and y, or .npy with --target-file. Parts of files, digits and iris: 70 % training, \
      10 % validation, 20 % test, class by class; numbers are standardised by the training part \
      (not those of digits). xor trains and tests on its four rows. The parameters of the epoch \
      with the lowest validation loss are kept.

      Unless told otherwise:
      \(DataSource.defaultsTable)
      A file also has weight decay 0.5 and patience 30; batches of 64 from 2,000 training rows on, \
      of 256 from 20,000 on.
      """)

  @Argument(
    help: ArgumentHelp("The data: a file, or \(list(DataSource.allCases)).", valueName: "data"))
  var data = DataSource.digits.rawValue

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of mnist and fashion-mnist are, there or in a folder of that name.",
      discussion: "Unless told: what the environment variable BACKPROP_DATA says.",
      valueName: "dir"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Decides the parts of files, digits and iris.", valueName: "seed"))
  var splitSeed: UInt64 = 0

  @OptionGroup(title: "Files") var tableFlags: TableFlags
  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Learning") var optimizerOptions: OptimizerOptions
  @OptionGroup(title: "Checkpoints") var checkpointFlags: CheckpointFlags

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Measure every layer at every so many steps: norms, update ratios, dead units.",
      discussion: "They go to metrics.jsonl and report.html; the parameters stay the same.",
      valueName: "steps"))
  var explainEvery: Int?

  @Flag(help: "Try rising learning rates for 100 steps, print the costs, and train nothing.")
  var findLearningRate = false

  @Option(
    help: ArgumentHelp(
      "A YAML file that says what these flags can say; flags win.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "The run folder to make (default: runs/DATA-N, the first free N).", valueName: "dir"))
  var output: String?

  @Flag(help: "Print only the test result and the run folder.")
  var quiet = false

  @Flag(help: "Print events as JSON, one object a line, and nothing else.")
  var json = false

  func run() throws {
    try optimizerOptions.checkCounts()
    let data = try load()
    let session = try TrainingSession(data, learning: optimizerOptions, network: networkOptions)
    if findLearningRate { return try printLearningRates(session, data) }
    if let run = checkpointFlags.reproduce { return try reproduce(run, session, data) }
    try checkpointFlags.check()
    let resumed = try checkpointFlags.resume.map { try ResumedRun($0, session) }
    let folder = try resumed?.folder ?? RunFolder(output: output, data: data.name)
    let interruption = Interruption()
    onInterrupt { interruption.hear($0, folder) }
    do {
      let folds = try crossValidate(data)
      try train(session, data, folds, folder, resumed, interruption)
    } catch {
      try end(with: error, folder, interruption)
    }
  }

  /// Ends a run that failed: says how to go on with it if it was saved, else removes it.
  private func end(
    with error: any Error, _ folder: RunFolder, _ interruption: Interruption
  ) throws {
    let path = folder.path
    guard !folder.discard(), let path, RunFolder.hasCheckpoints(path) else { throw error }
    let again = "backprop train --resume \(path)"
    switch error {
    case is TrainingInterrupted:
      complain("backprop: \(error); go on with: \(again)")
      throw ExitCode(128 + interruption.signal)
    case is DivergenceError:
      throw ConfigurationError(
        "run", "\(error); or go on with: \(again) --on-nonfinite backtrack")
    default: throw ConfigurationError("run", "\(error); go on with: \(again)")
    }
  }

  private func load() throws -> TrainingData {
    if TrainingData.isFile(data) {
      guard dataDir == nil else {
        throw ConfigurationError("data-dir", "--data-dir goes with mnist and fashion-mnist")
      }
      return try TrainingData.load(tableFlags.files(data), splitSeed: splitSeed) {
        if !json && !quiet { say($0) }
      }
    }
    let source: DataSource = try choice("data set", data)
    try tableFlags.requireNone(for: data)
    return try TrainingData(
      source, directory: dataDir, splitSeed: splitSeed,
      balancesClasses: tableFlags.balancesClasses())
  }

  private func train(
    _ session: TrainingSession, _ data: TrainingData, _ folds: FoldFigures?, _ folder: RunFolder,
    _ resumed: ResumedRun?, _ interruption: Interruption
  ) throws {
    let report: any TrainingReport =
      json ? JSONReport(session) : TextReport(session, data, isQuiet: quiet)
    let split = data.split
    let policy = try checkpointFlags.policy()
    let settings =
      session.settings + [
        .init("on_nonfinite", .string(policy.rawValue)), .init("split_seed", .seed(splitSeed)),
      ]
    let configuration = try ResolvedConfiguration.members(
      Array(CommandLine.arguments.dropFirst()), data: self.data, settings: settings)
    let run = try folder.begin(configuration: ResolvedConfiguration.yaml(configuration))
    let checkpoints = try checkpointFlags.checkpoints(of: run)
    if checkpoints != nil { interruption.begin() }
    var events = try resumed?.events() ?? []
    resumed?.problems.forEach { report.warn($0) }
    func log(_ event: JSONValue) {
      events.append(event)
      folder.append(event)
    }
    let fit = try Trainer(session.step).fit(
      split, epochs: session.epochs, batchSize: session.batchSize, seed: session.seed,
      patience: session.patience, explainEvery: explainEvery, onNonfinite: policy,
      checkpoints: checkpoints, beforeCheckpoint: { try folder.sync() },
      resuming: resumed?.checkpoint, stop: interruption.stop,
      onEvent: { event in
        switch event {
        case .start(let start):
          let members = [.init("event", "start"), .init("data", .string(self.data))] + settings
          let event = JSONValue.object(members + start.jsonMembers + data.jsonMembers)
          if events.isEmpty { log(event) }
          report.start(start, split, event)
        case .resumed(let resume):
          log(resume.json)
          report.resumed(resume)
        case .layers(let layers):
          log(layers.json)
          report.layers(layers)
        case .epoch(let epoch):
          log(epoch.json)
          report.epoch(epoch)
        case .nonfinite(let nonfinite):
          log(nonfinite.json)
          report.nonfinite(nonfinite)
        case .checkpointFailed(let reason):
          report.warn("\(reason); the training goes on")
        }
      }, onProgress: report.progressHandler)
    let model = data.preprocessing.map { fit.model.preprocessed(by: $0) } ?? fit.model
    let outcome = TrainingOutcome(
      fit: fit, best: try model.evaluate(on: split.test),
      last: try session.step.evaluate(fit.lastState, on: split.test),
      baseline: try Baseline(
        training: split.training, on: split.test, areLabels: data.areLabels),
      folds: folds, classNames: split.test.classNames)
    let end: [JSONValue.Member] = [.init("event", "end")] + outcome.jsonMembers
    let record = RunRecord(
      source: data.source, checksum: split.checksum, settings: .object(settings),
      step: session.step, result: .object(outcome.jsonMembers))
    let details = try TestDetails(outcome, data)
    events.append(.object(end + details.jsonMembers))
    try folder.finish(
      model: model, record: record, events: events,
      report: runPage(session, outcome, data, events, configuration),
      configuration: ResolvedConfiguration.yaml(configuration))
    report.end(outcome, .object(end + [.init("run", .string(run))]), run: run)
  }
}

extension TrainCommand {
  /// Trains a network for each fold, and gives the figures of their test parts.
  private func crossValidate(_ data: TrainingData) throws -> FoldFigures? {
    guard let count = tableFlags.folds, let files = data.source.files else { return nil }
    guard files.testFile == nil, files.file != "-" else {
      throw ConfigurationError(
        "folds", "--folds tests on the rows of one file: leave --test and - out")
    }
    var evaluations: [Evaluation] = []
    for (index, fold) in try TrainingData.folds(count, files, data.source).enumerated() {
      let session = try TrainingSession(
        fold, learning: optimizerOptions, network: networkOptions)
      let fit = try Trainer(session.step).fit(
        fold.split, epochs: session.epochs, batchSize: session.batchSize, seed: session.seed,
        patience: session.patience)
      let evaluation = try fit.model.evaluate(on: fold.split.test)
      evaluations.append(evaluation)
      if !json && !quiet { say("fold \(index + 1) of \(count): \(summary(evaluation))") }
    }
    if !json && !quiet { say() }
    return FoldFigures(evaluations)
  }

  /// The rows of a search for a learning rate: rate, cost, and a bar.
  private func printLearningRates(_ session: TrainingSession, _ data: TrainingData) throws {
    let search = try Trainer(session.step).findLearningRate(
      data.split.training, batchSize: session.batchSize, seed: session.seed)
    if json {
      let points = search.points.map { point -> JSONValue in
        [
          "rate": .number(point.rate), "loss": .number(point.loss),
          "smoothed": .number(point.smoothed),
        ]
      }
      let suggestion = search.suggestion.map { JSONValue.number($0) } ?? .null
      let event: JSONValue = [
        "event": "learning_rates", "points": .array(points), "suggestion": suggestion,
        "diverged": .bool(search.hasDiverged),
      ]
      return say(event.text())
    }
    let losses = search.points.map(\.smoothed)
    let (low, high) = (losses.min() ?? 0, losses.max() ?? 0)
    say(padded("rate", 11) + padded("loss", 12) + padded("smoothed", 12))
    for point in search.points {
      let part = high > low ? (point.smoothed - low) / (high - low) : 0
      let bar = String(repeating: "#", count: Int((part * 40).rounded()))
      say(
        (padded(figure(point.rate), 11) + padded(figure(point.loss), 12)
          + padded(figure(point.smoothed), 12) + "  " + bar).trimmed)
    }
    say()
    if let suggestion = search.suggestion {
      say(
        "suggestion: --learning-rate \(figure(suggestion)), where the cost was half-way down, at most "
          + "a tenth of the rate where it was lowest")
    } else {
      say("no suggestion: the cost fell at no rate")
    }
  }
}

extension String {
  /// Without spaces at the end.
  var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}

extension TrainingData {
  /// The members of the event `start` about a table.
  fileprivate var jsonMembers: [JSONValue.Member] {
    guard let preprocessing else { return [] }
    let columns = columns.map { column -> JSONValue in
      [
        "name": .string(column.name), "kind": .string(column.kind.rawValue),
        "role": .string(column.role.rawValue), "missing": .integer(column.missing),
        "distinct": .integer(column.distinct),
      ]
    }
    return [
      .init("targets", .array(preprocessing.targets.map { .string($0) })),
      .init("task", .string(preprocessing.targetKind.rawValue)),
      .init("columns", .array(columns)),
      .init("notes", .array((notes + warnings).map { .string($0) })),
    ]
  }
}
