import Backprop
import BackpropCore

extension TestDetails {
  /// What the best network of a run makes of the test part.
  init(_ outcome: TrainingOutcome, on test: Dataset) throws {
    self.init()
    (confusion, classNames) = (outcome.best.confusion, outcome.classNames)
    guard test.classCount == nil else { return }
    actual = test.targets.array(of: Double.self)
    predicted = try outcome.fit.model.predict(test.inputs).array(of: Double.self)
    let outputs = test.targets.shape.last
    outputNames = outputs == 1 ? ["value"] : (1...outputs).map { "output_\($0)" }
  }
}

/// The text of `report.html`.
///
/// - Parameters:
///   - data: the data as it was named on the command line.
///   - events: the lines of `metrics.jsonl`.
///   - settings: every setting, resolved.
///   - columns: those of a table.
///   - notes: what else is to be known at once.
func runPage(
  _ session: TrainingSession, _ outcome: TrainingOutcome, data: String, events: [JSONValue],
  settings: [JSONValue.Member], columns: [ColumnSummary] = [], notes: [String] = []
) -> String {
  let name = data.split(separator: "/").last.map(String.init) ?? data
  return RunReport(
    title: "\(name): \(session.network.specification)",
    result: "Test, best epoch \(outcome.fit.bestEpoch): \(summary(outcome.best))",
    notes: notes, events: events, layers: networkRows(session.network, session.step.declarations),
    configuration: [.init("data", .string(data))] + settings, columns: columns
  ).html
}
