import Backprop

/// A confusion matrix: a row for each class that was there, a column for each that was predicted.
///
/// Long names are cut in the heads of columns; with more than 20 classes only those with a mistake
/// have a row.
func confusionTable(_ matrix: ConfusionMatrix, names: [String]?) -> [String] {
  let names = (0..<matrix.classes).map { names?[$0] ?? "\($0)" }
  guard matrix.classes <= 20 else {
    return ["(\(matrix.classes) classes: too many for a confusion matrix here)"]
  }
  let heads = names.map { $0.count > 7 ? String($0.prefix(6)) + "." : $0 }
  var rows = [["actual"] + heads + ["recall"]]
  for index in names.indices {
    let counts = matrix.counts[index].map { $0 == 0 ? "." : "\($0)" }
    let recall = matrix.recall(of: index).map { fixed($0 * 100, 1) + " %" } ?? "-"
    rows.append([names[index]] + counts + [recall])
  }
  let lines = aligned(rows, rightAligned: Set(1...(names.count + 1)))
  let indent = (names.map(\.count).max() ?? 0) + 2
  return [String(repeating: " ", count: max(indent, 8)) + "predicted"] + lines
}

/// The metrics of a test, each beside that of a model that looks at no input.
func metricsTable(_ evaluation: Evaluation, _ baseline: Baseline?) -> [String] {
  let titles = [
    "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "precision": "precision",
    "recall": "recall", "f1": "F1", "roc_auc": "ROC AUC", "log_loss": "log loss", "r2": "R2",
    "rmse": "RMSE", "mae": "MAE", "explained_variance": "explained variance",
  ]
  var rows = [["metric", "test"] + (baseline == nil ? [] : ["baseline"])]
  for (name, value) in evaluation.figures {
    guard let title = titles[name] else { continue }
    var row = [title, metric(name, value)]
    if let baseline {
      let figure = baseline.figures.first { $0.name == name }
      row.append(figure.map { metric(name, $0.value) } ?? "-")
    }
    rows.append(row)
  }
  return aligned(rows, rightAligned: [1, 2])
}

/// Mean and deviation of each metric over folds.
func foldTable(_ folds: FoldFigures) -> [String] {
  var rows = [["metric", "mean", "deviation"]]
  for figure in folds.figures {
    let name = figure.name.split(separator: "_").joined(separator: " ")
    rows.append([name, metric(figure.name, figure.mean), metric(figure.name, figure.deviation)])
  }
  return aligned(rows, rightAligned: [1, 2])
}

/// A metric: four decimals for what lies between 0 and 1.
private func metric(_ name: String, _ value: Double) -> String {
  ["loss", "log_loss", "rmse", "mae"].contains(name) ? figure(value) : fixed(value, 4)
}

/// Precision, recall and F1 of every class.
func classLines(_ table: ClassTable) -> [String] {
  var rows = [["class", "precision", "recall", "F1", "samples", "predicted"]]
  for row in table.rows {
    rows.append([
      row.name, fixed(row.precision, 4), fixed(row.recall, 4), fixed(row.f1, 4), "\(row.support)",
      "\(row.predicted)",
    ])
  }
  return aligned(rows, rightAligned: [1, 2, 3, 4, 5])
}

/// Rows in columns as wide as their widest cell, two spaces apart. Cells may come from a file, and are
/// written so that a terminal shows them as they are.
func aligned(_ rows: [[String]], rightAligned: Set<Int>) -> [String] {
  let rows = rows.map { $0.map(\.printableLine) }
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    var line = row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return rightAligned.contains(column) ? space + row[column] : row[column] + space
    }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// Text at the right end of a column.
func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(width - text.count, 1)) + text
}

/// A number with a fixed number of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  let unit = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
  let scaled = (abs(value) * unit).rounded()
  guard scaled.isFinite, scaled < 1e15 else { return "\(value)" }
  let digits = String(Int(scaled))
  let filled = String(repeating: "0", count: max(decimals + 1 - digits.count, 0)) + digits
  let whole = filled.dropLast(decimals)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return sign + whole + (decimals > 0 ? "." + filled.suffix(decimals) : "")
}

/// A number with five digits that count.
func figure(_ value: Double) -> String {
  let size = abs(value)
  if value == 0 { return "0" }
  if size >= 1e-3, size < 1e5 {
    let decimals =
      size < 0.01 ? 7 : size < 0.1 ? 6 : size < 1 ? 5 : size < 10 ? 4 : size < 100 ? 3 : 2
    return fixed(value, decimals)
  }
  guard value.isFinite else { return "\(value)" }
  var (mantissa, exponent) = (value, 0)
  while abs(mantissa) >= 9.99995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  while abs(mantissa) < 0.999995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
  return "\(fixed(mantissa, 4))e\(exponent)"
}

/// A count with commas between thousands.
func grouped(_ count: Int) -> String {
  var digits = Array(String(abs(count)))
  for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
  return (count < 0 ? "-" : "") + String(digits)
}
