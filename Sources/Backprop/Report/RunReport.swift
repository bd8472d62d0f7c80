/// A run as one self-contained page: curves, test result, network, configuration and data.
///
/// The page needs no network and no script; it is readable light, dark and in print.
package struct RunReport {
  /// A named fact.
  package typealias Fact = (name: String, value: String)

  /// The heading.
  package var title: String
  /// The result in one line.
  package var result: String
  /// What a model that learnt nothing would reach, in one line.
  package var baseline: String?
  /// One report an epoch.
  package var history: [EpochReport]
  /// The best epoch, from 1.
  package var bestEpoch: Int
  /// The best epoch's model on the test part.
  package var test: Evaluation
  /// The names of the classes.
  package var classNames: [String]
  /// Predicted and actual numbers of the test part, for numeric targets; may be a sample.
  package var predictions: [(predicted: Double, actual: Double)]
  /// Further metrics of the test part.
  package var metrics: [Fact]
  /// The layers: name, shape, parameters, activation.
  package var layers: [[String]]
  /// The configuration.
  package var configuration: [Fact]
  /// The heads and rows of the table of the data's columns.
  package var columns: (heads: [String], rows: [[String]])?

  /// Makes a report.
  package init(
    title: String, result: String, baseline: String? = nil, history: [EpochReport], bestEpoch: Int,
    test: Evaluation,
    classNames: [String] = [], predictions: [(predicted: Double, actual: Double)] = [],
    metrics: [Fact] = [],
    layers: [[String]] = [], configuration: [Fact] = [],
    columns: (heads: [String], rows: [[String]])? = nil
  ) {
    (self.title, self.result, self.baseline) = (title, result, baseline)
    (self.history, self.bestEpoch, self.test) = (history, bestEpoch, test)
    (self.classNames, self.predictions, self.metrics) = (classNames, predictions, metrics)
    (self.layers, self.configuration, self.columns) = (layers, configuration, columns)
  }

  /// The page.
  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(Markup.escaped(title))</title>
    <style>\(Self.style)</style></head><body><main>
    <h1>\(Markup.escaped(title))</h1>
    <p class="result">\(Markup.escaped(result))</p>
    \(baseline.map { "<p class=\"baseline\">\(Markup.escaped($0))</p>" } ?? "")
    \(section("Learning curves", curves))
    \(section("Test", tested))
    \(section("Network", network))
    \(section("Configuration", facts(configuration, "Configuration")))
    \(section("Data", columns.map { Markup.table($0.heads, $0.rows, caption: "Columns") } ?? ""))
    </main></body></html>

    """
  }

  private func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : "<section><h2>\(title)</h2>\n\(content)\n</section>"
  }

  private var curves: String {
    func curve(_ name: String, _ style: String, _ value: (EpochReport) -> Double?) -> Chart.Curve {
      Chart.Curve(
        name: name, style: style,
        points: history.compactMap { report in value(report).map { (Double(report.epoch), $0) } })
    }
    let losses = Chart.curves(
      [curve("training", "c1") { $0.loss }, curve("validation", "c2") { $0.validation.loss }],
      x: "epoch", y: "loss", title: "Loss; the line marks the best epoch, \(bestEpoch)",
      mark: Double(bestEpoch),
      logarithmic: true)
    let isClasses = test.accuracy != nil
    let metric = Chart.curves(
      [curve("validation", "c2") { isClasses ? $0.validation.accuracy : $0.validation.r2 }],
      x: "epoch", y: isClasses ? "accuracy" : "R²",
      title: isClasses ? "Accuracy" : "Coefficient of determination, R²",
      mark: Double(bestEpoch))
    return losses + "\n" + metric
  }

  private var tested: String {
    var parts: [String] = []
    if !metrics.isEmpty { parts.append(facts(metrics, "Metrics of the test part")) }
    if let confusion = test.confusion {
      parts.append(Chart.confusion(confusion, names: names(confusion.classes)))
      parts.append(classTable(confusion))
    }
    if !predictions.isEmpty {
      parts.append(
        Chart.scatter(
          predictions.map { ($0.actual, $0.predicted) }, x: "actual", y: "predicted",
          title: "Predicted against actual, test part"))
    }
    return parts.joined(separator: "\n")
  }

  private func names(_ classes: Int) -> [String] {
    classNames.count == classes ? classNames : (0..<classes).map(String.init)
  }

  private func classTable(_ confusion: ConfusionMatrix) -> String {
    let names = names(confusion.classes)
    let rows = (0..<confusion.classes).map { index -> [String] in
      let precision = confusion.precision(of: index), recall = confusion.recall(of: index)
      var f1: Double?
      if let precision, let recall, precision + recall > 0 {
        f1 = 2 * precision * recall / (precision + recall)
      }
      return [names[index], "\(confusion.counts[index].reduce(0, +))"]
        + [precision, recall, f1].map { $0.map(Markup.percent) ?? "–" }
    }
    return Markup.table(
      ["class", "samples", "precision", "recall", "F1"], rows, caption: "By class")
  }

  private var network: String {
    layers.isEmpty
      ? ""
      : Markup.table(["layer", "shape", "parameters", "activation"], layers, caption: "Layers")
  }

  private func facts(_ facts: [Fact], _ caption: String) -> String {
    facts.isEmpty
      ? "" : Markup.table(["name", "value"], facts.map { [$0.name, $0.value] }, caption: caption)
  }
}

extension RunReport {
  /// The look, light and dark; print is light.
  static let style = """
    :root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;--c1:#0969da;--c2:#bc4c00;--hit:#1a7f37;--miss:#cf222e}
    @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;--line:#30363d;--c1:#58a6ff;\
    --c2:#f0883e;--hit:#3fb950;--miss:#f85149}}
    @media print{:root{--ink:#000;--soft:#444;--paper:#fff;--line:#bbb;--c1:#0969da;--c2:#bc4c00;--hit:#1a7f37;--miss:#cf222e}\
    figure,table{break-inside:avoid}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
    main{max-width:60rem;margin:0 auto;padding:2rem 1rem}
    h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
    .result{font-size:1.1rem}.baseline,figcaption,caption{color:var(--soft)}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;padding:.25rem 0}
    th,td{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
    td.n{text-align:right;font-variant-numeric:tabular-nums}
    figure{margin:1rem 0}svg{width:100%;height:auto;font:12px system-ui,sans-serif}
    svg text{fill:var(--ink)}svg .end{text-anchor:end}svg .mid{text-anchor:middle}svg .on{fill:var(--paper)}
    .grid{stroke:var(--line);stroke-width:.6}.mark{stroke:var(--soft);stroke-dasharray:4 3}
    polyline{fill:none;stroke-width:2}line.c1,line.c2{stroke-width:2}
    .c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.dot{fill:var(--c1);fill-opacity:.55}
    .hit{fill:var(--hit)}.miss{fill:var(--miss)}
    """
}
