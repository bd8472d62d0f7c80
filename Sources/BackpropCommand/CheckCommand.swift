import ArgumentParser
import Backprop
import BackpropTesting

/// `backprop check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks every derivative of a network against finite differences.",
    discussion: """
      Derivatives a of backpropagation, differences n of fourth order in float64; the error is \
      |a − n| / max(|a|, |n|, 10⁻³·‖g‖∞), g the gradient of the parameter's array. Up to 2,000 \
      parameters are checked one by one, larger arrays along 64 random directions. Places where an \
      activation or cost has a kink are counted and left out. The exit code is 1 if an error is \
      above the tolerance.

      A run is checked on samples of its own data. Otherwise the network is a new one, on digits \
      if it takes 64 numbers and tells 10 classes, else on random samples.
      """)

  @Argument(help: ArgumentHelp("A run folder, as train printed it.", valueName: "run"))
  var folder: String?

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions

  @Flag(help: "Check every activation, cost and bias rule, one line each.")
  var all = false

  @Option(help: ArgumentHelp("The greatest accepted error.", valueName: "number"))
  var tolerance = 1e-7

  @Option(help: ArgumentHelp("How many samples the cost is taken over.", valueName: "count"))
  var samples = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Decides the parameters of a new network.", valueName: "seed"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Where the IDX files of a run on mnist or fashion-mnist are now.", valueName: "dir"))
  var dataDir: String?

  func run() throws {
    guard samples >= 1 else {
      throw ConfigurationError("samples", "samples is \(samples); expected 1 or more")
    }
    let tolerance = try acceptedTolerance()
    if all {
      try requireOnly("--all", networkOptions.network ?? networkOptions.loss ?? folder)
      try checkAll(tolerance)
      return
    }
    let (text, step, state, batch) = try folder.map(subject(run:)) ?? newSubject()
    say("\(text), \(step.loss.name), \(batch.count) samples of \(batch.dataset.name)")
    let report = try checkGradients(of: step, state, batch)
    say("cost \(report.cost)")
    say()
    say("\(report)")
    say()
    let passes = try report.passes(tolerance: tolerance)
    let kinks = report.kinks == 0 ? "" : "; \(grouped(report.kinks)) at a kink left out"
    let verdict = passes ? "passed" : "failed"
    say("\(verdict): worst error \(figure(report.worstError)), tolerance \(tolerance)\(kinks)")
    if !passes { throw ExitCode(1) }
  }

  private func acceptedTolerance() throws -> Double {
    do {
      return try checkedTolerance(tolerance)
    } catch {
      throw ConfigurationError("tolerance", "\(error)")
    }
  }

  private func requireOnly(_ what: String, _ other: String?) throws {
    guard let other else { return }
    throw ConfigurationError("check", "\(what) stands alone; leave '\(other)' out")
  }

  private typealias Subject = (
    text: String, step: TrainingStep, state: TrainingState, batch: Batch
  )

  /// The network of a run with samples of its training part.
  private func subject(run folder: String) throws -> Subject {
    try requireOnly("a run", networkOptions.network ?? networkOptions.loss)
    let record = try RunRecord(contentsOf: folder)
    let model = try Model(contentsOf: folder)
    let split = try TrainingData(record, directory: dataDir).split
    let data = try model.scaling.map { try split.training.scaled(by: $0) } ?? split.training
    let network = NetworkForm(model.step.network)?.description
    return (network ?? folder, model.step, model.state, try batch(of: data))
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

// MARK: - all

extension CheckCommand {
  /// Checks one network for each activation, cost and bias rule, and prints a line for each.
  private func checkAll(_ tolerance: Double) throws {
    var rows = [["", "worst error", "kinks", "parameter", "backpropagation", "differences", ""]]
    var failures = 0
    for (title, network, loss) in try Self.cases() {
      let (inputs, outputs) = (6, 4)
      let step = try TrainingStep(
        network, loss: loss, optimizer: SGD(), input: .float([inputs]), target: .classes(outputs),
        precision: .float64)
      let data = try Self.data(samples, inputs: inputs, outputs: outputs, isClass: true)
      let report = try checkGradients(of: step, step.initialState(seed: seed), batch(of: data))
      let passes = try report.passes(tolerance: tolerance)
      if !passes { failures += 1 }
      let worst = report.parameters.max { $0.error < $1.error }
      rows.append([
        title, figure(report.worstError), "\(report.kinks)", worst?.path ?? "",
        worst.map { "\($0.analytic)" } ?? "", worst.map { "\($0.numeric)" } ?? "",
        passes ? "passed" : "failed",
      ])
    }
    aligned(rows, rightAligned: [1, 2, 4, 5]).forEach { say($0) }
    say()
    say(failures == 0 ? "all passed, tolerance \(tolerance)" : "\(failures) failed")
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
      let outputs = loss.input == .probabilities ? ["sigmoid", "softmax"] : ["identity"]
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
