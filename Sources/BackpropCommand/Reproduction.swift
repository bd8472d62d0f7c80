import ArgumentParser
import Backprop
import BackpropCore

extension TrainCommand {
  /// Trains a run again, and compares with what it left.
  func reproduce(_ run: String, _ session: TrainingSession, _ data: TrainingData) throws {
    let record = try RunRecord(contentsOf: run)
    let file = "\(run)/\(Model.fileNames.parameters)"
    let before = try Safetensors.read(file).tensors
    let progress = json || quiet ? nil : ProgressLine(epochs: session.epochs)
    let fit = try Trainer(session.step).fit(
      data.split, epochs: session.epochs, batchSize: session.batchSize, seed: session.seed,
      patience: session.patience, onNonfinite: checkpointFlags.policy(),
      onEvent: { event in if case .epoch(let epoch) = event { progress?.show(epoch) } },
      onProgress: progress.map { line in { line.show($0) } })
    progress?.finish()
    let comparison = try Reproduction(
      record, RunHistory(contentsOf: run), before, session, data, fit)
    if json {
      say(comparison.json(run).text())
    } else {
      comparison.lines(run).forEach { say($0) }
    }
    if !comparison.isEqual { throw ExitCode(1) }
  }
}

/// A run and its repetition.
struct Reproduction {
  /// What the bits depend on that is not as it was: a sentence each.
  private(set) var causes: [String] = []
  /// Where the numbers differ: a sentence each.
  private(set) var differences: [String] = []
  private let count: Int

  /// Whether all parameters are equal to the bit.
  var isEqual: Bool { differences.isEmpty }

  /// Compares.
  ///
  /// - Parameter before: the arrays of the run.
  init(
    _ record: RunRecord, _ history: RunHistory, _ before: [String: Tensor],
    _ session: TrainingSession, _ data: TrainingData, _ fit: Trainer.Fit
  ) throws {
    let state = fit.model.state
    count = session.step.declarations.reduce(0) { $0 + $1.shape.count }
    func cause(_ name: String, _ then: String, _ now: String) {
      if then != now { causes.append("\(name): \(then) then, \(now) now") }
    }
    cause("library version", record.libraryVersion, version)
    for member in session.step.machine.members ?? [] {
      cause(member.name, record.machine[member.name]?.kind ?? "unknown", member.value.kind)
    }
    cause("checksum of the data", record.checksum ?? "unknown", data.split.checksum)
    for member in session.settings where member.name != "threads" {
      cause(member.name, record.settings[member.name]?.kind ?? "unknown", member.value.kind)
    }
    let epochs = history.epochs
    for (then, now) in zip(epochs, fit.history) where then["loss"]?.double != now.loss {
      differences.append(
        "epoch \(now.epoch) is the first to differ: loss \(then["loss"]?.kind ?? "unknown") then, "
          + "\(now.loss) now")
      break
    }
    for declaration in session.step.declarations {
      let now = state[declaration.path]
      if let text = Self.difference(before[declaration.path], now) {
        differences.append("\(declaration.path): \(text)")
      }
    }
  }

  /// What differs between two arrays; nil if they are equal to the bit.
  private static func difference(_ then: Tensor?, _ now: Tensor?) -> String? {
    guard let then, let now, then.shape == now.shape, then.scalarType == now.scalarType else {
      return "the run has \(then.map { "\($0.scalarType) \($0.shape)" } ?? "none"), "
        + "now it is \(now.map { "\($0.scalarType) \($0.shape)" } ?? "none")"
    }
    let (a, b) = (then.array(of: Double.self), now.array(of: Double.self))
    let places = a.indices.filter { a[$0].bitPattern != b[$0].bitPattern }
    guard !places.isEmpty else { return nil }
    let most = places.map { (a[$0] - b[$0]).magnitude }.max() ?? 0
    return
      "\(grouped(places.count)) of \(grouped(a.count)) numbers differ, by \(figure(most)) at most"
  }

  func lines(_ run: String) -> [String] {
    guard isEqual else {
      let reasons =
        causes.isEmpty
        ? ["nothing that the bits should depend on differs: please report this"] : causes
      return ["\(run) is not reproduced:"] + differences.map { "  " + $0 } + ["it may be due to:"]
        + reasons.map { "  " + $0 }
    }
    return ["\(run) is reproduced: \(grouped(count)) numbers are equal to the bit"]
      + causes.map { "  though not the same: " + $0 }
  }

  func json(_ run: String) -> JSONValue {
    [
      "event": "reproduction", "run": .string(run), "equal": .bool(isEqual),
      "numbers": .integer(count), "differences": .array(differences.map { .string($0) }),
      "causes": .array(causes.map { .string($0) }),
    ]
  }
}
