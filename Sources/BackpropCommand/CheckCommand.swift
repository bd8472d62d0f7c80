import ArgumentParser
import Backprop
import BackpropTesting

/// `backprop check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks every derivative of a network against finite differences.",
    discussion: """
      Derivatives a of backpropagation, differences n of fourth order in float64, extrapolated \
      where they and a are not close; the error is |a − n| / max(|a|, |n|, 10⁻³·‖g‖∞), g the \
      gradient of the parameter's array. Up to 2,000 parameters are checked one by one, larger \
      arrays along random directions. Places where an activation or cost has a kink are counted \
      and left out. An error above the tolerance has a suspicion: a kink, the step of the \
      differences, or the derivative; the exit code is then 1.

      A run is checked on samples of its own data, or of --data. Otherwise the network is a new \
      one, on digits if it takes 64 numbers and tells 10 classes, else on random samples.
      """)

  @Argument(help: ArgumentHelp("A run folder, as train printed it.", valueName: "run"))
  var folder: String?

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions

  @Flag(help: "Check every activation, cost and bias rule, one line each.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "The derivatives to check: 1 for the gradient, 2 for its own derivative.",
      discussion: "2 compares H·v, v a random direction, with differences of the gradient.",
      valueName: "order"))
  var order = DerivativeOrder.first.rawValue

  @Option(
    help: ArgumentHelp(
      "Along which lines: \(list(Mode.allCases)).",
      discussion: """
        automatic: as above. full: every parameter. directions: random directions through all \
        parameters jointly, and through each array.
        """, valueName: "mode"))
  var mode = Mode.automatic.rawValue

  @Option(help: ArgumentHelp("How many random directions an array gets.", valueName: "count"))
  var directions = 64

  @Option(help: ArgumentHelp("The greatest accepted error.", valueName: "number"))
  var tolerance = 1e-7

  @Option(help: ArgumentHelp("How many samples the cost is taken over.", valueName: "count"))
  var samples = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decides random directions, and the parameters of a new network.", valueName: "seed"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "A file to take the samples of a run from, with targets in it, or a data set with a name.",
      discussion: "A table for a run of a table, read as that was; .npz for others.",
      valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of mnist and fashion-mnist are now.", valueName: "dir"))
  var dataDir: String?

  @Flag(help: "Print one JSON object, with the event check.")
  var json = false

  /// Along which lines derivatives are checked.
  enum Mode: String, CaseIterable { case automatic, full, directions }

  func run() throws {
    for (name, count) in [("samples", samples), ("directions", directions)] where count < 1 {
      throw ConfigurationError(name, "\(name) is \(count); expected 1 or more")
    }
    let lines = try Lines(self)
    if data != nil, folder == nil {
      throw ConfigurationError("check", "--data needs a run: which one?")
    }
    if all {
      try requireOnly("--all", networkOptions.network ?? networkOptions.loss ?? folder)
      if json { try requireOnly("--all", "--json") }
      try checkAll(lines)
      return
    }
    let (text, step, state, batch) = try folder.map(subject(run:)) ?? newSubject()
    let report = try lines.check(step, state, batch)
    let subject = "\(text), \(step.loss.name), \(batch.count) samples of \(batch.dataset.name)"
    if json {
      say(report.json(subject: subject, tolerance: lines.tolerance).text())
    } else {
      say(subject)
      say("cost \(report.cost)" + (lines.order == .first ? "" : "; second derivatives"))
      say()
      say("\(report)")
      say()
      let kinks = report.kinks == 0 ? "" : "; \(grouped(report.kinks)) at a kink left out"
      let verdict = report.passed ? "passed" : "failed"
      say("\(verdict): worst error \(figure(report.worstError)), tolerance \(tolerance)\(kinks)")
    }
    if !report.passed { throw ExitCode(1) }
  }

  /// What is checked of each network, by the flags.
  fileprivate struct Lines {
    let mode: CheckMode
    let order: DerivativeOrder
    let tolerance: Double
    let seed: UInt64

    init(_ command: CheckCommand) throws {
      let count = command.directions
      mode =
        switch try choice("mode", command.mode) as Mode {
        case .automatic: .automatic(directions: count)
        case .full: .full
        case .directions: .directions(count)
        }
      guard let order = DerivativeOrder(rawValue: command.order) else {
        throw ConfigurationError("order", "order is \(command.order); expected 1 or 2")
      }
      (self.order, seed) = (order, command.seed)
      do {
        tolerance = try checkedTolerance(command.tolerance)
      } catch {
        throw ConfigurationError("tolerance", "\(error)")
      }
    }

    func check(
      _ step: TrainingStep, _ state: TrainingState, _ batch: Batch
    ) throws -> GradientReport {
      try checkGradients(
        of: step, state, batch, mode: mode, order: order, tolerance: tolerance, seed: seed)
    }
  }

  private func requireOnly(_ what: String, _ other: String?) throws {
    guard let other else { return }
    throw ConfigurationError("check", "\(what) stands alone; leave '\(other)' out")
  }

  private typealias Subject = (
    text: String, step: TrainingStep, state: TrainingState, batch: Batch
  )

  /// The network of a run with samples of its training part, or of other data.
  private func subject(run folder: String) throws -> Subject {
    try requireOnly("a run", networkOptions.network ?? networkOptions.loss)
    let record = try RunRecord(contentsOf: folder)
    let model = try Model(contentsOf: folder)
    let samples =
      try data.map {
        try model.samples(
          of: $0, run: folder, format: record.source.files?.format ?? CSVFormat(),
          directory: dataDir)
      } ?? model.scaled(TrainingData(record, directory: dataDir).split.training)
    let network = NetworkForm(model.step.network)?.description
    return (network ?? folder, model.step, model.state, try batch(of: samples))
  }

  /// A new network with digits or random samples.
  private func newSubject() throws -> Subject {
    let fallback = "_-12-_ sigmoid"
    let (inputs, outputs) = try newSizes(NetworkSource(networkOptions.network ?? fallback))
    let isClass = outputs >= 2
    let step = try networkOptions.makeStep(
      inputs: inputs, target: isClass ? .classes(outputs) : .values([outputs]), fallback: fallback)
    let data = try Self.data(samples, inputs: inputs, outputs: outputs, isClass: isClass)
    let text = NetworkForm(step.network)?.description ?? "network"
    return (text, step, try step.initialState(seed: seed), try batch(of: data))
  }

  /// The sizes that a network asks for; those of digits where it leaves them open.
  private func newSizes(_ source: NetworkSource) throws -> (inputs: Int, outputs: Int) {
    switch source {
    case .text(let text):
      let sizes = try NetworkSpecification(parsing: text).sizes
      return (sizes.first.flatMap { $0 } ?? 64, sizes.last.flatMap { $0 } ?? 10)
    case .layers(let text):
      let network = try networkOptions.makeLayers(text, outputs: 10, initializer: .glorotUniform)
      return (64, try text.locating(network) { _ in try network.outputShape(.float([64])).last })
    }
  }

  /// Digits if they fit, else random samples.
  static func data(_ count: Int, inputs: Int, outputs: Int, isClass: Bool) throws -> Dataset {
    if isClass, inputs == 64, outputs == 10 { return try Dataset.digits() }
    let key = RandomKey(0).folded("check")
    let x = key.folded("inputs").uniforms(count * inputs).map { 2 * $0 - 1 }
    let y = key.folded("targets").uniforms(count * outputs)
    return try Dataset(
      name: "random numbers", inputs: Tensor(x, shape: [count, inputs]),
      targets: isClass
        ? Tensor((0..<count).map { Int32(y[$0 * outputs] * Double(outputs)) })
        : Tensor(y, shape: [count, outputs]),
      classCount: isClass ? outputs : nil)
  }

  private func batch(of data: Dataset) throws -> Batch {
    guard data.count >= samples else {
      throw ConfigurationError(
        "samples", "samples is \(samples); \(data.name) has \(data.count)")
    }
    return data.batches(of: samples)[0]
  }
}

extension GradientReport {
  /// The report as one object, an element for each parameter.
  fileprivate func json(subject: String, tolerance: Double) -> JSONValue {
    let checks = parameters.map { check in
      JSONValue.object([
        .init("path", .string(check.path)), .init("kind", .string(check.kind.rawValue)),
        .init("shape", .array(check.shape.sizes.map { .integer($0) })),
        .init("compared", .integer(check.compared)), .init("kinks", .integer(check.kinks)),
        .init("error", .number(check.error)),
        .init("place", .array(check.place.map { .integer($0) })),
        .init("backpropagation", .number(check.analytic)),
        .init("differences", .number(check.numeric)),
        .init("uncertainty", .number(check.uncertainty)),
        .init("suspicion", .string(check.suspicion.rawValue)),
      ])
    }
    return .object([
      .init("event", "check"), .init("subject", .string(subject)),
      .init("order", .integer(order.rawValue)), .init("cost", .number(cost)),
      .init("tolerance", .number(tolerance)), .init("passed", .bool(passed)),
      .init("worst_error", .number(worstError)), .init("parameters", .array(checks)),
    ])
  }
}

// MARK: - all

extension CheckCommand {
  /// Checks one network for each activation, cost and bias rule, and prints a line for each.
  private func checkAll(_ lines: Lines) throws {
    var rows = [["", "worst error", "kinks", "parameter", "backpropagation", "differences", ""]]
    var failures = 0
    for (title, network, loss) in try Self.cases() {
      let (inputs, outputs) = (6, 4)
      let step = try TrainingStep(
        network, loss: loss, optimizer: SGD(), input: .float([inputs]), target: .classes(outputs),
        precision: .float64)
      let data = try Self.data(samples, inputs: inputs, outputs: outputs, isClass: true)
      let report = try lines.check(step, step.initialState(seed: seed), batch(of: data))
      if !report.passed { failures += 1 }
      let worst = report.parameters.max { $0.error < $1.error }
      rows.append([
        title, figure(report.worstError), "\(report.kinks)", worst?.path ?? "",
        worst.map { "\($0.analytic)" } ?? "", worst.map { "\($0.numeric)" } ?? "",
        report.passed ? "passed" : "failed",
      ])
    }
    aligned(rows, rightAligned: [1, 2, 4, 5]).forEach { say($0) }
    say()
    say(failures == 0 ? "all passed, tolerance \(lines.tolerance)" : "\(failures) failed")
    if failures > 0 { throw ExitCode(1) }
  }

  private static func cases() throws
    -> [(title: String, network: MultilayerPerceptron, loss: any Loss)]
  {
    func network(
      _ activations: String, bias: Dense.Bias = .unit, freezesBias: Bool = false
    ) throws -> MultilayerPerceptron {
      try MultilayerPerceptron(
        NetworkSpecification(parsing: "6-9-7-4 \(activations)"), bias: bias,
        freezesBias: freezesBias, biasInitializer: .normal(deviation: 0.3))
    }
    var cases: [(String, MultilayerPerceptron, any Loss)] = []
    for name in Activation.allNames {
      cases.append(("activation \(name)", try network("\(name) identity"), .softmaxCrossEntropy))
      cases.append(("output \(name)", try network("tanh \(name)"), .halfSquaredError))
    }
    for name in Losses.allNames {
      let loss = try Losses.named(name)
      let outputs =
        switch loss.input {
        case .probabilities: ["sigmoid", "softmax"]
        case .logProbabilities: ["log-softmax"]
        case .values, .logits: ["identity"]
        }
      for output in outputs {
        cases.append(("loss \(name), \(output)", try network("tanh \(output)"), loss))
      }
    }
    for bias in Dense.Bias.allCases {
      for freezes in [false, true] where bias != .none || !freezes {
        let network = try network("sigmoid sigmoid", bias: bias, freezesBias: freezes)
        let title = "bias \(bias.rawValue)\(freezes ? ", frozen" : "")"
        cases.append((title, network, .halfSquaredError))
      }
    }
    return cases
  }
}
