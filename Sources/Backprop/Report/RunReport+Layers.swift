/// How layers fared in training, for runs that measured them.
extension RunReport {
  /// So many layers have a curve: the first ones and the last.
  private static let curveLimit = 6

  /// Curves of each layer's norms, update ratios and dead units.
  var layerCharts: String {
    let reports = events("layers")
    let names = reports.first?["layers"]?.elements?.compactMap { $0["name"]?.string } ?? []
    guard !names.isEmpty else { return "" }
    let shown = names.indices.filter {
      $0 < Self.curveLimit / 2 || $0 >= names.count - Self.curveLimit / 2
    }
    let left = names.count - shown.count
    let note = left > 0 ? "; \(left) layers between are in metrics.jsonl" : ""
    let charts: [(member: String, axis: String, title: String, isLogarithmic: Bool)] = [
      ("gradient_norm", "‖∂C/∂θ‖", "Gradient norm of each layer", true),
      ("activation_norm", "√mean a²", "Size of each layer's activations", true),
      ("update_ratio", "‖Δθ‖/‖θ‖", "Update of each layer, relative to its parameters", true),
      ("dead_units", "units", "Units that no error passes through", false),
    ]
    return charts.compactMap { chart -> String? in
      let curves = shown.enumerated().map { place, layer in
        Chart.Curve(
          name: names[layer], style: "c\(place + 1)",
          points: reports.compactMap { report in
            guard let x = report["step"]?.double, let layers = report["layers"]?.elements,
              layers.indices.contains(layer), let y = layers[layer][chart.member]?.double
            else { return nil }
            return (x, y)
          })
      }
      // No dead units are said in a line, not drawn.
      if chart.member == "dead_units", curves.allSatisfy({ $0.points.allSatisfy { $0.y == 0 } }) {
        return Markup.element("p", ["class": "baseline"], "No unit was dead at any measured step.")
      }
      return Chart.curves(
        curves, x: "step", y: chart.axis, title: chart.title + note,
        logarithmic: chart.isLogarithmic)
    }.joined(separator: "\n")
  }
}
