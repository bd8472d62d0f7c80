import Backprop

/// Tells about a run while it goes on.
protocol TrainingReport {
  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue)
  /// Hears how far an epoch is; nil where nobody would see it.
  var progressHandler: ((EpochProgress) -> Void)? { get }
  func epoch(_ epoch: EpochReport)
  func layers(_ layers: LayerReport)
  func resumed(_ resume: ResumeReport)
  func nonfinite(_ nonfinite: NonfiniteReport)
  func warn(_ text: String)
  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String)
}

/// Events as JSON, one a line.
struct JSONReport: TrainingReport {
  let progressHandler: ((EpochProgress) -> Void)? = nil

  init(_ session: TrainingSession) {}

  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue) { say(event.text()) }
  func epoch(_ epoch: EpochReport) { say(epoch.json.text()) }
  func layers(_ layers: LayerReport) { say(layers.json.text()) }
  func resumed(_ resume: ResumeReport) { say(resume.json.text()) }
  func nonfinite(_ nonfinite: NonfiniteReport) { say(nonfinite.json.text()) }
  func warn(_ text: String) { complain("backprop: warning: \(text)") }
  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String) { say(event.text()) }
}

/// Text for people: the network, a line an epoch, the test result.
struct TextReport: TrainingReport {
  private let session: TrainingSession
  private let data: TrainingData
  private let isQuiet: Bool
  private let isClassification: Bool
  private let progress: ProgressLine?
  private static let widths = [6, 11, 11, 14, 9, 11]

  init(_ session: TrainingSession, _ data: TrainingData, isQuiet: Bool) {
    (self.session, self.data, self.isQuiet) = (session, data, isQuiet)
    progress = isQuiet ? nil : ProgressLine(epochs: session.epochs)
    let isClass = if case .classes = session.step.target { true } else { false }
    isClassification = isClass || data.areLabels
  }

  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue) {
    guard !isQuiet else { return }
    let training = split.training
    let outputs =
      training.classCount.map { "\($0) classes" }
      ?? "\(training.targets.shape.last) \(data.areLabels ? "labels" : "values")"
    columnLines().forEach { say($0) }
    say(
      "\(training.name): \(grouped(start.trainingSamples)) training, "
        + "\(grouped(start.validationSamples)) validation, \(grouped(start.testSamples)) test "
        + "samples; "
        + "\(training.featureCount) inputs, \(outputs)")
    say("network \(session.networkText)")
    say()
    networkTable(session.step).forEach { say("  " + $0) }
    say()
    settingsLines(start).forEach { say($0) }
    say()
    guard progress == nil else { return }
    let score = isClassification ? "accuracy" : "R2"
    say(row(["epoch", "loss", "val loss", "val \(score)", "seconds", "samples/s"]))
  }

  /// The columns of a table, and what was decided about them.
  private func columnLines() -> [String] {
    guard let preprocessing = data.preprocessing else { return [] }
    let targets = preprocessing.targets.joined(separator: ", ")
    let task =
      switch preprocessing.targetKind {
      case .classes: "classification of \(targets)"
      case .values: "regression of \(targets)"
      case .labels: "labels \(targets), each 0 or 1"
      }
    return ColumnSummary.lines(data.columns) + [""] + data.notes.map { "note: \($0)" }
      + data.warnings.map { "warning: \($0)" } + ["task: \(task)", ""]
  }

  /// Cost, update rule and what else differs from the plainest run.
  private func settingsLines(_ start: TrainingStart) -> [String] {
    let step = session.step
    var rule = [step.optimizer.text]
    if step.schedule.description != Schedule.constant.description {
      rule.append("schedule \(step.schedule)")
    }
    rule += step.regularization.words
    if step.order != .simultaneous { rule.append("order \(step.order)") }
    let epochs = "\(start.epochs) \(start.epochs == 1 ? "epoch" : "epochs")"
    let patience = session.patience.map { ", patience \($0)" } ?? ""
    let starts = (step.network as? MultilayerPerceptron).map { network in
      "weights \(network.initializer), "
        + (network.bias == .none ? "no biases" : "biases \(network.biasInitializer)")
    }
    return [
      "loss \(step.loss.text)", list(rule),
    ] + (starts.map { [$0] } ?? []) + [
      "batch \(start.batchSize), \(epochs)\(patience), \(step.namedPrecision), seed \(session.seed)"
    ]
  }

  var progressHandler: ((EpochProgress) -> Void)? { progress?.show }

  func epoch(_ epoch: EpochReport) {
    guard !isQuiet else { return }
    if let progress {
      progress.show(epoch)
      return
    }
    // At most about a hundred lines: then every second, fifth, … epoch, and the last.
    let every = (session.epochs + 99) / 100
    guard epoch.epoch % every == 0 || epoch.epoch == 1 || epoch.epoch == session.epochs else {
      return
    }
    let validation = epoch.validation
    let score =
      validation.accuracy.map { fixed($0 * 100, 2) + " %" } ?? fixed(validation.r2 ?? 0, 4)
    say(
      row([
        "\(epoch.epoch)", figure(epoch.loss), figure(validation.loss), score,
        fixed(epoch.seconds, 3), grouped(Int(epoch.samplesPerSecond)),
      ]) + (epoch.isBest ? "  *" : ""))
  }

  func resumed(_ resume: ResumeReport) {
    guard !isQuiet else { return resume.differences.forEach { warn($0) } }
    say(
      "goes on in epoch \(resume.epoch), after \(grouped(resume.step)) of its steps: \(resume.path)"
    )
    for difference in resume.differences {
      warn("\(difference): the parameters may differ in the last bits")
    }
    say()
  }

  func nonfinite(_ nonfinite: NonfiniteReport) {
    let action =
      nonfinite.action == .skip
      ? "the step was left out"
      : "went back, to learn with a rate of \(figure(nonfinite.learningRate))"
    warn("epoch \(nonfinite.epoch), step \(nonfinite.step): \(nonfinite.origin): \(action)")
  }

  func warn(_ text: String) {
    progress?.finish()
    complain("backprop: warning: \(text)")
  }

  /// They are for the report's charts.
  func layers(_ layers: LayerReport) {}

  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String) {
    let fit = outcome.fit
    progress?.finish()
    if !isQuiet {
      say()
      say(
        "trained in \(fixed(fit.trainSeconds, 2)) s, \(grouped(Int(fit.samplesPerSecond))) "
          + "samples/s "
          + "(* best validation loss so far)")
    }
    say("test, best epoch \(fit.bestEpoch): \(summary(outcome.best))")
    say("test, last epoch \(fit.history.count): \(summary(outcome.last))")
    if !isQuiet {
      say()
      metricsTable(outcome.best, outcome.baseline).forEach { say("  " + $0) }
      say("  baseline: \(outcome.baseline.rule)")
      if let folds = outcome.folds {
        say()
        say("cross-validation, \(folds.count) folds:")
        foldTable(folds).forEach { say("  " + $0) }
      }
    } else if let folds = outcome.folds {
      foldTable(folds).forEach { say($0) }
    }
    if let advice = outcome.advice { warn(advice) }
    if !outcome.neverPredicted.isEmpty {
      say("never predicted in the test: class \(list(outcome.neverPredicted))")
    }
    if !isQuiet, let confusion = outcome.best.confusion {
      say()
      if confusion.classes <= 20, let table = outcome.best.classTable(outcome.classNames) {
        classLines(table).forEach { say("  " + $0) }
        say()
      }
      confusionTable(confusion, names: outcome.classNames).forEach { say("  " + $0) }
      say()
    }
    say("run \(run)")
  }

  private func row(_ cells: [String]) -> String {
    zip(cells, Self.widths).map { padded($0, $1) }.joined()
  }
}

/// A test result in one line.
func summary(_ evaluation: Evaluation) -> String {
  var parts = ["loss \(figure(evaluation.loss))"]
  if let confusion = evaluation.confusion {
    let all = confusion.counts.joined().reduce(0, +)
    let right = confusion.counts.indices.reduce(0) { $0 + confusion.counts[$1][$1] }
    parts.append(
      "accuracy \(fixed(confusion.accuracy * 100, 2)) % (\(grouped(right)) of \(grouped(all)))")
  }
  if evaluation.confusion == nil, let accuracy = evaluation.accuracy {
    parts.append("accuracy \(fixed(accuracy * 100, 2)) %")
  }
  if let r2 = evaluation.r2 { parts.append("R2 \(fixed(r2, 4))") }
  if let rmse = evaluation.rmse { parts.append("RMSE \(figure(rmse))") }
  return parts.joined(separator: ", ")
}
