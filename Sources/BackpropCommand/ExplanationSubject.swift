import Backprop

/// The step, state and samples that are explained.
struct ExplanationSubject {
  let step: TrainingStep
  let state: TrainingState
  let batch: Batch
  let sample: Int
  var aliases: [String: String] = [:]
  var remarks: [String] = []
  /// What the sample is.
  var lines: [String] = []
  /// How many updates are tried.
  let steps: Int?

  /// A run's sample, a network on given numbers, or the worked example.
  init(_ command: ExplainCommand) throws {
    let subject = command.subject
    if let steps = subject.steps, steps < 1 {
      throw ConfigurationError("steps", "steps is \(steps); expected a whole number of at least 1")
    }
    if let folder = command.folder {
      try self.init(run: folder, command)
    } else if command.networkOptions.network != nil {
      try self.init(network: command)
    } else {
      try self.init(example: command)
    }
  }

  private init(
    _ step: TrainingStep, _ state: TrainingState, _ batch: Batch, _ command: ExplainCommand,
    aliases: [String: String] = [:], remarks: [String] = []
  ) {
    (self.step, self.state, self.batch) = (step, state, batch)
    (self.aliases, self.remarks) = (aliases, remarks)
    sample = command.folder == nil ? command.subject.sample ?? 0 : 0
    steps = command.subject.steps
  }

  /// The explanation, with the costs of further updates if they were asked for.
  func explanation(
    _ view: ExplanationView, comparesPrecision: Bool
  ) throws -> Explanation {
    var explanation = try step.explain(
      state, batch, sample: sample, comparesPrecision: comparesPrecision,
      includesJacobian: view.form == .jacobian, view: view)
    (explanation.aliases, explanation.remarks) = (aliases, remarks)
    explanation.subject = lines
    if let steps { try explanation.follow(step, state, batch, steps: steps) }
    return explanation
  }

  // MARK: the worked example

  private init(example command: ExplainCommand) throws {
    let subject = command.subject
    for (flag, value) in [
      ("--input-values", subject.inputValues), ("--target-values", subject.targetValues),
      ("--parameters", subject.parameters),
    ] where value != nil {
      throw ConfigurationError("explain", "\(flag) needs --network: which network?")
    }
    for (flag, value) in [("--data", subject.data), ("--data-dir", subject.dataDir)]
    where value != nil {
      throw ConfigurationError("explain", "\(flag) needs a run: which one?")
    }
    guard subject.sample ?? 0 == 0, subject.samples ?? 1 == 1 else {
      throw ConfigurationError("sample", "the worked example has one sample, 0")
    }
    var flags = command.networkOptions
    flags.loss = flags.loss ?? WorkedExample.loss.name
    flags.bias = flags.bias ?? Dense.Bias.layer.rawValue
    flags.freezeBiases = flags.freezeBiases ?? (flags.bias != Dense.Bias.none.rawValue)
    let step = try Self.step(
      command, flags, inputs: 2, outputs: 2, network: WorkedExample.network,
      learningRate: WorkedExample.learningRate, samples: 1)
    let bias: Dense.Bias = try choice("bias", flags.bias ?? "")
    let isPlain =
      step.loss is HalfSquaredError && step.optimizer.learningRate == WorkedExample.learningRate
      && step.optimizer is SGD && bias == .layer && flags.freezeBiases == true
      && step.regularization == Regularization()
    self.init(
      step, try WorkedExample.state(step), try WorkedExample.batch(), command,
      aliases: WorkedExample.aliases(bias: bias),
      remarks: isPlain ? [WorkedExample.remark(step.order)] : [])
  }

  /// Refuses flags of some groups.
  private static func refuse(_ sections: [String], _ why: String) throws {
    let flags = try CommandFlags(of: ExplainCommand.self)
    let given = GivenFlags(arguments: Array(CommandLine.arguments.dropFirst(2)), flags: flags)
    for entry in given.entries {
      guard let flag = flags[entry.key], sections.contains(flag.section ?? "") else { continue }
      throw ConfigurationError("explain", "--\(flag.key) \(why)")
    }
  }

  private static func step(
    _ command: ExplainCommand, _ flags: NetworkOptions, inputs: Int, outputs: Int, network: String,
    learningRate: Double?, samples: Int
  ) throws -> TrainingStep {
    let learning = command.optimizerOptions
    // Given numbers stay what they are.
    var flags = flags
    let compares = command.viewOptions.comparePrecision
    flags.precision = flags.precision ?? (compares ? Precision.float32 : .float64).rawValue
    let schedule = try learning.schedule.map { try Schedule(parsing: $0, stepsPerEpoch: 1) }
    var optimizer = try learning.makeOptimizer(fallback: "sgd")
    if learning.learningRate == nil, learning.optimizer == nil, let learningRate {
      optimizer.learningRate = learningRate
    }
    return try flags.makeStep(
      inputs: inputs, target: .values([outputs]), fallback: network, optimizer: optimizer,
      regularization: learning.makeRegularization(), schedule: schedule ?? .constant,
      trainingSamples: samples, order: choice("order", learning.order))
  }

  // MARK: a network on given numbers

  private init(network command: ExplainCommand) throws {
    let subject = command.subject
    guard let inputText = subject.inputValues, let targetText = subject.targetValues else {
      throw ConfigurationError(
        "explain", "which numbers? Say --input-values and --target-values, as in \"0.05,0.1\"")
    }
    for (flag, value) in [("--data", subject.data), ("--data-dir", subject.dataDir)]
    where value != nil {
      throw ConfigurationError("explain", "\(flag) goes with a run; leave it out")
    }
    guard subject.samples == nil else {
      throw ConfigurationError("samples", "--samples goes with a run; the samples are those given")
    }
    let inputs = try Self.rows(inputText, "input-values")
    let targets = try Self.rows(targetText, "target-values")
    guard inputs.count == targets.count else {
      throw ConfigurationError(
        "target-values",
        "\(inputs.count) samples in --input-values and \(targets.count) in --target-values; "
          + "expected the same")
    }
    let step = try Self.step(
      command, command.networkOptions, inputs: inputs[0].count, outputs: targets[0].count,
      network: "", learningRate: nil, samples: inputs.count)
    let state = try Self.state(step, subject.parameters, seed: command.optimizerOptions.seed)
    let data = try Dataset(
      name: "the given numbers",
      inputs: Tensor(inputs.flatMap { $0 }, shape: [inputs.count, inputs[0].count]),
      targets: Tensor(targets.flatMap { $0 }, shape: [targets.count, targets[0].count]))
    self.init(step, state, data.batches(of: inputs.count)[0], command)
  }

  /// Rows of numbers: `,` between numbers, `;` between samples.
  private static func rows(_ text: String, _ flag: String) throws -> [[Double]] {
    let rows = try text.split(separator: ";", omittingEmptySubsequences: false).map { row in
      try row.split(separator: ",", omittingEmptySubsequences: false).map { item in
        let word = String(item.filter { $0 != " " })
        guard let number = Double(word), number.isFinite else {
          throw ConfigurationError(
            flag,
            "\(flag): '\(item)' is not a number; expected numbers with , between, as in 0.05,0.1")
        }
        return number
      }
    }
    guard let first = rows.first, rows.allSatisfy({ $0.count == first.count }) else {
      throw ConfigurationError(
        flag, "\(flag): samples have \(rows.map(\.count)) numbers; expected the same for each")
    }
    return rows
  }

  /// The parameters of a file, or random ones.
  private static func state(
    _ step: TrainingStep, _ file: String?, seed: UInt64
  ) throws -> TrainingState {
    var state = try step.initialState(seed: seed)
    guard let file else { return state }
    let tensors = try Safetensors.read(file).tensors
    for declaration in step.declarations {
      let place = FormatError.Place.entry("tensor '\(declaration.path)'")
      guard let tensor = tensors[declaration.path] else {
        throw FormatError(
          file, place, expected: "\(declaration.shape), for the network", found: "nothing")
      }
      guard tensor.shape == declaration.shape else {
        throw FormatError(
          file, place, expected: "\(declaration.shape), for the network", found: "\(tensor.shape)")
      }
      try state.set(declaration.path, to: tensor)
    }
    let known = Set(step.declarations.map(\.path))
    if let other = tensors.keys.filter({ !known.contains($0) }).min() {
      throw FormatError(
        file, .entry("tensor '\(other)'"), expected: "only what the network declares",
        found: "a tensor it does not know")
    }
    return state
  }

  // MARK: a run

  private init(run folder: String, _ command: ExplainCommand) throws {
    let subject = command.subject
    try Self.refuse(
      ["Network", "Learning"], "goes with --network or the worked example: a run has its own")
    for (flag, value) in [
      ("--input-values", subject.inputValues), ("--target-values", subject.targetValues),
      ("--parameters", subject.parameters),
    ] where value != nil {
      throw ConfigurationError("explain", "\(flag) goes with --network: a run has its own")
    }
    let model = try Model(contentsOf: folder)
    let record = try RunRecord(contentsOf: folder)
    let data = try Self.data(model, record, folder, subject)
    let start = try RunHistory(contentsOf: folder).events("start").first
    let trained = try PlanSubject(
      run: folder, command.optimizerOptions,
      trainingSamples: start?["training_samples"]?.integer ?? 1)
    let step = trained.step
    let sample = subject.sample ?? 0
    guard (0..<data.count).contains(sample) else {
      throw ConfigurationError(
        "sample", "sample is \(sample); \(data.name) has samples 0 to \(data.count - 1)")
    }
    let part = subject.data ?? "the \(subject.part) part"
    var lines = ["Sample \(sample) of \(data.name), \(part)\(try Self.facts(model, data, sample))."]
    if !(step.optimizer is SGD) {
      lines.append("A run keeps no slots of the optimiser: they start anew here.")
    }
    if let schedule = record.settings["schedule"]?.string, schedule != Schedule.constant.description
    {
      lines.append("The learning rate is the base rate of the run's schedule, \(schedule).")
    }
    var count = subject.samples ?? 1
    guard count >= 1 else {
      throw ConfigurationError("samples", "samples is \(count); expected 1 or more")
    }
    if subject.samples == nil {
      do { try step.checkBatch(of: 1) } catch let error as ShapeError {
        count = min(trained.batchSize, data.count)
        lines.append("The batch has \(count) samples, since one is not enough: \(error)")
      }
    }
    guard count <= data.count else {
      throw ConfigurationError("samples", "samples is \(count); \(data.name) has \(data.count)")
    }
    // The sample and those behind it; at the end the first ones follow.
    let order = (0..<count).map { Int32((sample + $0) % data.count) }
    let state = try step.state(model.state)
    self.init(
      step, state, Batch(dataset: data, order: order, range: 0..<count), command)
    self.lines = lines
  }

  /// The class of a sample, and what the network takes it for.
  private static func facts(_ model: Model, _ data: Dataset, _ sample: Int) throws -> String {
    guard data.classCount != nil else { return "" }
    let one = Batch(dataset: data, order: [Int32(sample)], range: 0..<1)
    let outputs = try model.step.predict(model.state, one).prediction.array(of: Double.self)
    func name(_ index: Int) -> String { model.classNames?[index] ?? "\(index)" }
    let own = Int(data.targets.array(of: Double.self)[sample])
    let found = try Metrics.classes(ofHighest: outputs, classes: outputs.count)[0]
    let sure = model.step.probabilities(ofOutputs: outputs).map { " (\(figure($0[found])))" } ?? ""
    return ": class \(name(own)), taken for \(name(found))\(sure)"
  }

  /// The samples of a run, scaled as the network sees them.
  private static func data(
    _ model: Model, _ record: RunRecord, _ folder: String, _ subject: ExplanationSubjectOptions
  ) throws -> Dataset {
    if let file = subject.data {
      return try model.samples(of: file, run: folder, directory: subject.dataDir)
    }
    let part: DataPart = try choice("part", subject.part)
    let named = record.source.files == nil ? DataSource(rawValue: record.source.name) : nil
    let directory = subject.dataDir ?? record.source.directory
    if part == .test, let test = try named?.loadTest(directory: directory) {
      return try model.scaled(test)
    }
    let split = try TrainingData(record, directory: subject.dataDir).split
    switch part {
    case .training: return try model.scaled(split.training)
    case .validation: return try model.scaled(split.validation)
    case .test: return try model.scaled(split.test)
    }
  }
}
