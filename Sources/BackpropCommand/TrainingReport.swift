import Backprop

/// Tells about a run while it goes on.
protocol TrainingReport {
  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue)
  func epoch(_ epoch: EpochReport)
  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String)
}

/// Events as JSON, one a line.
struct JSONReport: TrainingReport {
  init(_ session: TrainingSession) {}

  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue) { say(event.text()) }
  func epoch(_ epoch: EpochReport) { say(epoch.json.text()) }
  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String) { say(event.text()) }
}

/// Text for people: the network, a line an epoch, the test result.
struct TextReport: TrainingReport {
  private let session: TrainingSession
  private let isQuiet: Bool
  private let isClassification: Bool
  private static let widths = [6, 11, 11, 10, 9, 11]

  init(_ session: TrainingSession, isQuiet: Bool) {
    (self.session, self.isQuiet) = (session, isQuiet)
    isClassification = if case .classes = session.step.target { true } else { false }
  }

  func start(_ start: TrainingStart, _ split: DataSplit, _ event: JSONValue) {
    guard !isQuiet else { return }
    let training = split.training
    let outputs =
      training.classCount.map { "\($0) classes" } ?? "\(training.targets.shape.last) values"
    say(
      "\(training.name): \(grouped(start.trainingSamples)) training, "
        + "\(grouped(start.validationSamples)) validation, \(grouped(start.testSamples)) test samples; "
        + "\(training.featureCount) inputs, \(outputs)")
    say("network \(session.network.specification)")
    say()
    networkTable(session.network, session.step.declarations).forEach { say("  " + $0) }
    say()
    let step = session.step
    say("loss \(step.loss.name), \(OptionText.text(step.optimizer.name, step.optimizer.options))")
    say(
      "batch \(start.batchSize), \(start.epochs) epochs, \(step.precision), seed \(session.seed)")
    say()
    let score = isClassification ? "accuracy" : "R2"
    say(row(["epoch", "loss", "val loss", "val \(score)", "seconds", "samples/s"]))
  }

  func epoch(_ epoch: EpochReport) {
    guard !isQuiet else { return }
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

  func end(_ outcome: TrainingOutcome, _ event: JSONValue, run: String) {
    let fit = outcome.fit
    if !isQuiet {
      say()
      say(
        "trained in \(fixed(fit.trainSeconds, 2)) s, \(grouped(Int(fit.samplesPerSecond))) samples/s "
          + "(* best validation loss so far)")
    }
    say("test, best epoch \(fit.bestEpoch): \(summary(outcome.best))")
    say("test, last epoch \(session.epochs): \(summary(outcome.last))")
    if !outcome.neverPredicted.isEmpty {
      say("never predicted in the test: class \(list(outcome.neverPredicted))")
    }
    if !isQuiet, let confusion = outcome.best.confusion {
      say()
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
  if let r2 = evaluation.r2 { parts.append("R2 \(fixed(r2, 4))") }
  if let rmse = evaluation.rmse { parts.append("RMSE \(figure(rmse))") }
  return parts.joined(separator: ", ")
}
