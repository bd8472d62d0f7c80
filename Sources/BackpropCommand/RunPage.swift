import Backprop
import BackpropCore

extension TestDetails {
  /// What the best network of a run makes of the test part.
  init(_ outcome: TrainingOutcome, _ data: TrainingData) throws {
    let test = data.split.test
    self.init()
    confusion = outcome.best.confusion
    guard test.classCount == nil else { return }
    actual = test.targets.array(of: Double.self)
    predicted = try outcome.fit.model.predict(test.inputs).array(of: Double.self)
    let outputs = test.targets.shape.last
    outputNames = data.preprocessing?.targets ?? (1...outputs).map { "output_\($0)" }
  }
}

/// The text of `report.html`.
///
/// - Parameters:
///   - data: the data.
///   - events: the lines of `metrics.jsonl`.
///   - configuration: every setting by its flag, as in `config.yaml`.
func runPage(
  _ session: TrainingSession, _ outcome: TrainingOutcome, _ data: TrainingData,
  _ events: [JSONValue], _ configuration: [JSONValue.Member]
) -> String {
  RunReport(
    title: "\(data.name): \(session.networkText)",
    result: "Test, best epoch \(outcome.fit.bestEpoch): \(summary(outcome.best))",
    notes: data.notes + data.warnings, events: events,
    layers: networkRows(session.step),
    configuration: configuration, columns: data.columns
  ).html
}
