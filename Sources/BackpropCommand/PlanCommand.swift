import ArgumentParser
import Backprop

/// `backprop plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Shows the instructions of a training step, and the memory that training takes.",
    discussion: """
      A line an instruction: its kernel, its size (rows × columns of a map, m × n × k of a product), \
      its arithmetic, the bytes it reads and writes, the tasks it is cut into (∥ where threads share \
      them), where its result goes (@n: n bytes into the arena) and what it computes (#n: the result \
      of instruction n). Kernels add exponentials and the like from plain arithmetic, which is what \
      is counted.

      --time measures each instruction beside its floor, the least time that its arithmetic or its \
      bytes take on this machine (by: which of the two); both limits are measured too, with one \
      thread. ratio is the best time divided by the floor, share the part of the sum of best times. Samples are random numbers; the learning rate is a thousandth of its own.

      Flags that change no instruction, such as --epochs and --seed, are taken and passed over.
      """)

  @Argument(help: ArgumentHelp("A run folder, as train printed it.", valueName: "run"))
  var folder: String?

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions

  @Option(
    help: ArgumentHelp("The inputs of a network whose text leaves them open.", valueName: "count"))
  var inputs: Int?

  @Option(
    help: ArgumentHelp("The outputs of a network whose text leaves them open.", valueName: "count"))
  var outputs: Int?

  @Flag(help: "The targets are numbers; unless told: classes, if there are two outputs or more.")
  var values = false

  @OptionGroup(title: "Learning") var optimizerOptions: OptimizerOptions

  @Flag(help: "Show the plan of prediction and cost instead of training.")
  var predict = false

  @Flag(help: "Measure each instruction beside its floor.")
  var time = false

  @Flag(help: "Print one JSON object, with the event plan.")
  var json = false

  func run() throws {
    try optimizerOptions.checkCounts()
    let subject = try PlanSubject(self)
    try subject.checkSize()
    let report = try PlanReport(subject, predicts: predict, isTimed: time)
    if json { return say(report.json.text()) }
    report.lines.forEach { say($0) }
  }
}

/// The step that a plan is shown of.
struct PlanSubject {
  let step: TrainingStep
  let batchSize: Int
  /// The network, cost and update rule in words.
  let facts: [JSONValue.Member]

  /// The step of a run, or of the flags of a network.
  init(_ command: PlanCommand) throws {
    let learning = command.optimizerOptions
    if let folder = command.folder {
      let flags = command.networkOptions
      if let other = flags.network ?? flags.loss ?? learning.optimizer {
        throw ConfigurationError("plan", "a run stands alone; leave '\(other)' out")
      }
      try self.init(run: folder, learning)
    } else {
      try self.init(network: command)
    }
  }

  private init(
    _ step: TrainingStep, _ batchSize: Int, run folder: String? = nil
  ) {
    (self.step, self.batchSize) = (step, batchSize)
    let run = folder.map { [JSONValue.Member("run", .string($0))] } ?? []
    facts =
      run + [
        .init("network", .string(NetworkForm(step.network)?.description ?? "network")),
        .init("loss", .string(step.loss.text)),
        .init("optimizer", .string(step.optimizer.text)),
        .init("batch_size", .integer(batchSize)),
        .init("precision", .string(step.namedPrecision.rawValue)),
        .init("kernels", .string(step.options.path.rawValue)),
        .init("threads", .integer(step.threads)),
      ]
  }

  /// Checks that the plan can be made.
  func checkSize() throws {
    let widest = step.declarations.reduce(step.input.shape.count) { max($0, $1.shape.last) }
    guard batchSize <= Int(Int32.max) / max(widest, 1) else {
      throw ConfigurationError(
        "batch-size", "batch-size is \(batchSize); a plan holds up to 2³¹ − 1 numbers a value")
    }
  }

  /// A new network.
  private init(network command: PlanCommand) throws {
    let options = command.networkOptions
    guard let text = options.network else {
      throw ConfigurationError(
        "plan", "which plan? Name a run folder, or a network as in --network \"784-30-10 sigmoid\"")
    }
    let sizes: [Int?] =
      if case .text(let text) = try NetworkSource(text) {
        try NetworkSpecification(parsing: text).sizes
      } else {
        []  // a list of layers names neither
      }
    func size(_ flag: String, _ given: Int?, _ own: Int?) throws -> Int {
      guard let size = given ?? own else {
        throw ConfigurationError(
          flag, "the network '\(text)' leaves its \(flag) open; say --\(flag)")
      }
      guard size >= 1 else {
        throw ConfigurationError(
          flag, "\(flag) is \(size); expected a whole number of at least 1")
      }
      return size
    }
    let isSingle = sizes.count < 2
    let inputs = try size("inputs", command.inputs, isSingle ? nil : sizes.first ?? nil)
    let outputs = try size("outputs", command.outputs, isSingle ? nil : sizes.last ?? nil)
    let isClass = outputs >= 2 && !command.values
    let learning = command.optimizerOptions
    let step = try options.makeStep(
      inputs: inputs, target: isClass ? .classes(outputs) : .values([outputs]), fallback: text,
      optimizer: learning.makeOptimizer(fallback: "sgd"),
      regularization: learning.makeRegularization(), order: choice("order", learning.order),
      threads: learning.threads)
    self.init(step, learning.batchSize ?? 32)
  }

  /// The network of a run, with the settings that it was trained with.
  ///
  /// - Parameter trainingSamples: n of Nielsen's L2; instructions do not depend on it.
  init(
    run folder: String, _ learning: OptimizerOptions, trainingSamples: Int = 1
  ) throws {
    let settings = try RunRecord(contentsOf: folder).settings
    /// A setting that is a number of something, where it stands.
    func count(_ name: String, atMost limit: Int) throws -> Int? {
      guard let value = settings[name], value != .null else { return nil }
      if let number = value.integer, (1...limit).contains(number) { return number }
      throw FormatError(
        "\(folder)/\(RunFolder.fileNames.record)", .entry("'settings.\(name)'"),
        expected: "a whole number from 1 to \(limit)", found: value.kind)
    }
    let model = try Model(contentsOf: folder)
    var rule = try Optimizers.named(settings["optimizer"]?.string ?? "sgd")
    if let rate = settings["learning_rate"]?.double { rule.learningRate = rate }
    let regularization = Regularization(
      l1: settings["l1"]?.double, l2: settings["l2"]?.double,
      weightDecay: settings["weight_decay"]?.double, clipNorm: settings["clip_norm"]?.double,
      maxNorm: settings["max_norm"]?.double,
      rules: try (settings["rule"]?.strings ?? []).map { try ParameterRule(parsing: $0) })
    let order: UpdateOrder = try choice("order", settings["order"]?.string ?? learning.order)
    let own = try count("threads", atMost: TrainingStep.threadLimit) ?? 1
    let threads = learning.threads > 1 ? learning.threads : own
    let precision = try Precision(named: settings["precision"]?.string ?? "float32")
    let step = try TrainingStep(
      model.step.network, loss: model.step.loss, optimizer: rule, input: model.step.input,
      target: model.step.target, regularization: regularization,
      trainingSamples: trainingSamples, precision: precision.scalarType, order: order,
      threads: threads,
      options: precision.options)
    let batchSize = try learning.batchSize ?? count("batch_size", atMost: Int(Int32.max)) ?? 32
    self.init(step, batchSize, run: folder)
  }
}
