import BackpropCore

extension RunReport {
  // MARK: training

  var curves: String {
    let epochs = events.trainedEpochs
    guard !epochs.isEmpty else { return "" }
    func curve(_ name: String, _ style: String, _ member: String) -> Chart.Curve {
      Chart.Curve(
        name: name, style: style,
        points: epochs.compactMap { epoch in
          guard let x = epoch["epoch"]?.double, let y = epoch[member]?.double else { return nil }
          return (x, y)
        })
    }
    let best = end["best_epoch"]?.integer
    let mark = best.map { "; the line marks the best epoch, \($0)" } ?? ""
    var parts = [
      Chart.curves(
        [curve("training", "c1", "loss"), curve("validation", "c2", "validation_loss")],
        x: "epoch", y: "loss", title: "Loss\(mark)", mark: best.map(Double.init),
        logarithmic: true)
    ]
    for (member, axis, title) in [
      ("validation_accuracy", "accuracy", "Accuracy on the validation part"),
      ("validation_r2", "R²", "Coefficient of determination, R², on the validation part"),
    ] where epochs.contains(where: { $0[member]?.double != nil }) {
      parts.append(
        Chart.curves(
          [curve("validation", "c2", member)], x: "epoch", y: axis, title: title + mark,
          mark: best.map(Double.init)))
    }
    parts.append(history(epochs))
    return parts.joined(separator: "\n")
  }

  /// All epochs as a table that opens on a click.
  private func history(_ epochs: [JSONValue]) -> String {
    let names =
      epochs[0].members?.map(\.name).filter { name in
        !["event", "best"].contains(name) && epochs[0][name]?.double != nil
      } ?? []
    let rows = epochs.map { epoch in
      names.map { name -> Markup.Cell in
        .figure(Markup.figure(epoch[name] ?? .null, isPart: Self.isPart(name)))
      } + [.text(epoch["best"] == true ? "best so far" : "")]
    }
    let table = Markup.table(
      names.map(Self.readable) + [""], rows, caption: "Epochs, as in metrics.jsonl")
    return Markup.element("details", [:], "<summary>All epochs as a table</summary>\(table)")
  }

  // MARK: test

  var tested: String {
    var parts: [String] = []
    let metrics = metricsTable
    if !metrics.isEmpty { parts.append(metrics) }
    if let confusion = end["test_confusion"]?.elements?.compactMap(\.counts), !confusion.isEmpty {
      let given = (end["classes"]?.elements ?? []).compactMap { $0["name"]?.string }
      let names = given.count == confusion.count ? given : confusion.indices.map(String.init)
      parts.append(ConfusionChart(counts: confusion, names: names).html)
    }
    let classes = classTable
    if !classes.isEmpty { parts.append(classes) }
    for member in end.members ?? [] where member.name.hasPrefix("test_actual_predicted") {
      let points = member.value.elements?.compactMap { pair -> (x: Double, y: Double)? in
        guard let numbers = pair.elements?.compactMap(\.double), numbers.count == 2 else {
          return nil
        }
        return (numbers[0], numbers[1])
      }
      guard let points, !points.isEmpty else { continue }
      let name = member.name.dropFirst("test_actual_predicted_".count)
      parts.append(
        Chart.scatter(
          points, x: "actual", y: "predicted",
          title: "Predicted against actual\(name.isEmpty ? "" : ": \(name)"), "
            + "\(points.count) samples of the test part"))
    }
    return parts.joined(separator: "\n")
  }

  /// The single figures of the test part, with those of the last epoch and of the baseline.
  private var metricsTable: String {
    let metrics = (end.members ?? []).compactMap { member -> (name: String, value: JSONValue)? in
      guard member.name.hasPrefix("test_"), member.value.double != nil else { return nil }
      return (String(member.name.dropFirst("test_".count)), member.value)
    }
    guard !metrics.isEmpty else { return "" }
    let best = end["best_epoch"]?.integer.map { "best epoch, \($0)" } ?? "best epoch"
    let columns: [(head: String, value: (String) -> JSONValue?)] = [
      ("last epoch", { end["last_test_\($0)"] }), ("baseline", { end["baseline"]?[$0] }),
      ("mean of folds", { end["folds"]?[$0]?["mean"] }),
      ("deviation", { end["folds"]?[$0]?["deviation"] }),
    ].filter { column in metrics.contains { column.value($0.name)?.double != nil } }
    let rows = metrics.map { name, value -> [Markup.Cell] in
      let isPart = Self.isPart(name)
      return [.text(Self.readable(name)), .figure(Markup.figure(value, isPart: isPart))]
        + columns.map { .figure(Markup.figure($0.value(name) ?? .null, isPart: isPart)) }
    }
    let rule = end["baseline"]?["rule"]?.string.map {
      "; the baseline says \($0): a model that is not better has learnt nothing"
    }
    return Markup.table(
      ["metric", best] + columns.map(\.head), rows,
      caption: "Metrics of the test part\(rule ?? "")")
  }

  /// Precision, recall and F1 of each class.
  private var classTable: String {
    let classes = end["classes"]?.elements ?? []
    guard !classes.isEmpty else { return "" }
    let rows = classes.map { row -> [Markup.Cell] in
      let counts = ["support", "predicted"].map { row[$0] ?? .null }
      let parts = ["precision", "recall", "f1"].map { row[$0] ?? .null }
      return [.text(row["name"]?.string ?? "")] + counts.map { .figure(Markup.figure($0)) }
        + parts.map { .figure(Markup.figure($0, isPart: true)) }
    }
    return Markup.table(
      ["class", "samples", "predicted", "precision", "recall", "F1"], rows, caption: "By class")
  }

  // MARK: what was trained

  var network: String {
    layers.isEmpty
      ? ""
      : Markup.table(
        layers[0],
        layers.dropFirst().map { row in
          row.enumerated().map {
            $0.offset == 2 ? .figure(Markup.escaped($0.element)) : .text($0.element)
          }
        }, caption: "Layers")
  }

  var data: String {
    let counts = [
      ("training", "training_samples"), ("validation", "validation_samples"),
      ("test", "test_samples"),
    ].compactMap { part -> [Markup.Cell]? in
      guard let count = events("start").first?[part.1] else { return nil }
      return [.text(part.0), .figure(Markup.figure(count))]
    }
    var parts: [String] = []
    if !counts.isEmpty {
      parts.append(Markup.table(["part", "samples"], counts, caption: "Parts of the data"))
    }
    guard !columns.isEmpty else { return parts.joined() }
    let rows = columns.map { column -> [Markup.Cell] in
      [.text(column.name), .text(column.kind.rawValue), .text(column.role.rawValue)]
        + [.figure("\(column.missing)")]
        + [.figure(column.isDistinctCapped ? "&gt; \(column.distinct - 1)" : "\(column.distinct)")]
        + [column.min, column.max, column.mean].map { number in
          .figure(number.map { Markup.figure(.number($0)) } ?? "")
        } + [.text(column.examples.joined(separator: ", "))]
    }
    parts.append(
      Markup.table(
        ["column", "kind", "role", "missing", "distinct", "min", "max", "mean", "examples"],
        rows, caption: "Columns"))
    return parts.joined(separator: "\n")
  }

  var settings: String {
    let rows = configuration.filter { $0.value != .null }.map { member -> [Markup.Cell] in
      [
        .text(member.name.split { $0 == "_" || $0 == "-" }.joined(separator: " ")),
        .text(
          member.value.string ?? member.value.strings?.joined(separator: ", ")
            ?? member.value.text()),
      ]
    }
    return rows.isEmpty
      ? ""
      : Markup.table(["setting", "value"], rows, caption: "As resolved; config.yaml has it too")
  }

  // MARK: names

  /// Whether a metric is a part of one, shown as a percentage.
  static func isPart(_ name: String) -> Bool {
    ["accuracy", "precision", "recall", "f1"].contains { name.contains($0) }
  }

  /// A member's name as people write it.
  static func readable(_ name: String) -> String {
    var words = name.split(separator: "_").map(String.init)
    if words.first == "test" { words.removeFirst() }
    let spelled = [
      "r2": "R²", "rmse": "RMSE", "mae": "MAE", "f1": "F1", "auc": "AUC", "roc": "ROC",
    ]
    return words.map { spelled[$0] ?? $0 }.joined(separator: " ")
  }
}
