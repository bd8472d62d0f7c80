/// Checks as text: a table, and below it a paragraph for each that failed.
func describe(_ checks: [DerivativeCheck], title: String) -> String {
  let header = [
    title, "checked", "kinks", "worst error", "at", "backpropagation", "differences", "±",
    "suspicion",
  ]
  let rows = [header] + checks.map(\.cells)
  let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  let isText: Set = [0, 4, 8]
  let lines = rows.map { row in
    let cells = row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return isText.contains(column) ? row[column] + space : space + row[column]
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
  let failures = checks.filter { !$0.passed }.flatMap { ["", $0.failure] }
  return (lines + failures).joined(separator: "\n")
}

extension DerivativeCheck {
  fileprivate var cells: [String] {
    let count = kind == .elements ? "\(compared)" : "\(compared) directions"
    guard compared > 0 else {
      return [path, count, "\(kinks)", "not compared", "", "", "", "", suspicion.rawValue]
    }
    return [
      path, count, "\(kinks)", scientific(error), placeText, "\(analytic)", "\(numeric)",
      scientific(uncertainty), suspicion.rawValue,
    ]
  }

  private var placeText: String {
    kind == .elements
      ? "[\(place.map(String.init).joined(separator: ", "))]"
      : "direction \(place.map(String.init).joined())"
  }

  /// What failed, where, by how much, and what to do.
  var failure: String {
    guard compared > 0 else {
      return
        "\(path): nothing compared, \(kinks) places at a kink\n  suspicion: \(suspicion.advice)"
    }
    let ratio = analytic / numeric
    let factor = ratio.isFinite && ratio != 0 ? "; their ratio is \(ratio)" : ""
    return "\(path) at \(placeText): backpropagation \(analytic), differences \(numeric) ± "
      + "\(scientific(uncertainty))\(factor)\n"
      + "  error \(scientific(error)), tolerance \(scientific(tolerance))\n"
      + "  suspicion: \(suspicion.advice)"
  }
}

/// A number with two digits, as in `3.1e-10`.
private func scientific(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
  var exponent = 0
  var digits = value
  while digits >= 9.95 { (digits, exponent) = (digits / 10, exponent + 1) }
  while digits < 0.995 { (digits, exponent) = (digits * 10, exponent - 1) }
  return "\((digits * 10).rounded() / 10)e\(exponent)"
}
