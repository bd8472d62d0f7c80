import BackpropCore

/// A run as one self-contained page: curves, test result, network, configuration and data.
///
/// The page needs no network and no script; it is readable light, dark and in print. Every figure
/// of training and test is taken from the events, the lines of `metrics.jsonl`, and stands in the
/// page with all its digits, as in `<data value="0.9583333333333334">95.83 %</data>`.
package struct RunReport {
  /// The heading.
  package var title: String
  /// The result in one line.
  package var result: String
  /// What else is to be known at once: a line each.
  package var notes: [String]
  /// The events of the run, from `start` to `end`, the latter with ``TestDetails/jsonMembers``.
  package var events: [JSONValue]
  /// A table of the layers, the heads first; the third column has figures.
  package var layers: [[String]]
  /// Every flag, resolved.
  package var configuration: [JSONValue.Member]
  /// The data's columns.
  package var columns: [ColumnSummary]

  /// Makes a report.
  package init(
    title: String, result: String, notes: [String] = [], events: [JSONValue],
    layers: [[String]] = [], configuration: [JSONValue.Member] = [], columns: [ColumnSummary] = []
  ) {
    (self.title, self.result, self.notes, self.events) = (title, result, notes, events)
    (self.layers, self.configuration, self.columns) = (layers, configuration, columns)
  }

  /// The page.
  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(Markup.escaped(title))</title>
    <style>
    \(Self.style)
    </style></head><body><main>
    <h1>\(Markup.escaped(title))</h1>
    <p class="result">\(Markup.escaped(result))</p>
    \(notes.map { Markup.element("p", ["class": "baseline"], Markup.escaped($0)) }.joined())
    \(section("Learning curves", curves))
    \(section("Layers in training", layerCharts))
    \(section("Test", tested))
    \(section("Network", network))
    \(section("Data", data))
    \(section("Configuration", settings))
    </main></body></html>

    """
  }

  private func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : "<section><h2>\(title)</h2>\n\(content)\n</section>"
  }

  func events(_ name: String) -> [JSONValue] {
    events.filter { $0["event"]?.string == name }
  }

  var end: JSONValue { events("end").last ?? .object([]) }
}

/// What the test part showed beside single figures: further members of the last line of
/// `metrics.jsonl`.
package struct TestDetails {
  /// At most this many points are kept.
  package static let pointLimit = 2_000

  /// Which classes were taken for which.
  package var confusion: ConfusionMatrix?
  /// Actual and predicted numbers, [samples, outputs] in row-major order.
  package var actual: [Double] = []
  package var predicted: [Double] = []
  /// The names of the outputs.
  package var outputNames: [String] = ["value"]

  /// Nothing yet.
  package init() {}

  package var jsonMembers: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let confusion {
      members.append(
        .init(
          "test_confusion",
          .array(confusion.counts.map { .array($0.map { .integer($0) }) })))
    }
    guard !actual.isEmpty, actual.count == predicted.count else { return members }
    let outputs = max(outputNames.count, 1)
    let samples = actual.count / outputs
    // Every second, third, … sample, so that the points are spread over the whole part.
    let every = (samples * outputs + Self.pointLimit - 1) / Self.pointLimit
    for (index, name) in outputNames.enumerated() {
      let points = stride(from: 0, to: samples, by: every).map { sample -> JSONValue in
        let place = sample * outputs + index
        return .array([.number(actual[place]), .number(predicted[place])])
      }
      let suffix = outputs == 1 ? "" : "_\(name)"
      members.append(.init("test_actual_predicted\(suffix)", .array(points)))
    }
    return members
  }
}
