import BackpropCore

/// Charts as SVG, drawn with the page's own colours, so that they follow light, dark and print.
enum Chart {
  /// A named curve.
  struct Curve {
    let name: String
    /// The class that gives its colour: `c1`, `c2`.
    let style: String
    let points: [(x: Double, y: Double)]
  }

  private static let width = 640.0, height = 300.0
  private static let left = 64.0, right = 16.0, top = 16.0, bottom = 44.0

  /// Curves over a common axis.
  ///
  /// - Parameters:
  ///   - mark: an x to mark with a line, such as the best epoch.
  ///   - logarithmic: whether y may be logarithmic where the numbers span a lot.
  static func curves(
    _ curves: [Curve], x xName: String, y yName: String, title: String, mark: Double? = nil,
    logarithmic: Bool = false
  ) -> String {
    let all = curves.flatMap(\.points)
    let x = Axis(covering: all.map(\.x)), y = Axis(covering: all.map(\.y), logarithmic: logarithmic)
    var parts = [frame(x, y, xName, yName + (y.isLogarithmic ? " (logarithmic)" : ""))]
    if let mark {
      let at = Markup.fixed(horizontal(x, mark), 1)
      parts.append(
        "<line class=\"mark\" x1=\"\(at)\" x2=\"\(at)\" y1=\"\(top)\" y2=\"\(height - bottom)\"/>")
    }
    for (index, curve) in curves.enumerated() {
      let points = curve.points.filter { $0.x.isFinite && $0.y.isFinite }
      let path = points.map { point in
        "\(Markup.fixed(horizontal(x, point.x), 1)),\(Markup.fixed(vertical(y, point.y), 1))"
      }.joined(separator: " ")
      parts.append("<polyline class=\"\(curve.style)\" points=\"\(path)\"/>")
      let line = top + 12 + Double(index) * 18
      parts.append(
        "<line class=\"\(curve.style)\" x1=\"\(width - 170)\" x2=\"\(width - 146)\" y1=\"\(line)\" y2=\"\(line)\"/>"
          + "<text x=\"\(width - 140)\" y=\"\(line + 4)\">\(Markup.escaped(curve.name))</text>")
    }
    return figure(parts, title)
  }

  /// Predicted against actual numbers, with the line where both are equal.
  static func scatter(
    _ points: [(x: Double, y: Double)], x xName: String, y yName: String, title: String
  ) -> String {
    let both = Axis(covering: points.flatMap { [$0.x, $0.y] })
    var parts = [frame(both, both, xName, yName)]
    let (x0, x1) = (horizontal(both, both.low), horizontal(both, both.high))
    let (y0, y1) = (vertical(both, both.low), vertical(both, both.high))
    parts.append("<line class=\"mark\" x1=\"\(x0)\" y1=\"\(y0)\" x2=\"\(x1)\" y2=\"\(y1)\"/>")
    for point in points where point.x.isFinite && point.y.isFinite {
      parts.append(
        "<circle class=\"dot\" r=\"3\" cx=\"\(Markup.fixed(horizontal(both, point.x), 1))\" "
          + "cy=\"\(Markup.fixed(vertical(both, point.y), 1))\"/>")
    }
    return figure(parts, title)
  }

  /// A confusion matrix: rows are actual classes, columns predicted ones; darker is more of the row.
  static func confusion(_ matrix: ConfusionMatrix, names: [String]) -> String {
    let classes = matrix.classes
    let cell = max(18, min(44, 560 / Double(max(classes, 1))))
    let margin = 110.0
    let side = cell * Double(classes)
    var parts: [String] = []
    for row in 0..<classes {
      let total = matrix.counts[row].reduce(0, +)
      let y = 40 + cell * Double(row)
      parts.append(
        "<text class=\"end\" x=\"\(margin - 8)\" y=\"\(y + cell / 2 + 4)\">\(Markup.escaped(short(names[row])))</text>"
      )
      for column in 0..<classes {
        let count = matrix.counts[row][column]
        let share = total == 0 ? 0 : Double(count) / Double(total)
        let x = margin + cell * Double(column)
        let kind = row == column ? "hit" : "miss"
        parts.append(
          "<rect class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\" width=\"\(cell - 1)\" height=\"\(cell - 1)\" "
            + "fill-opacity=\"\(Markup.fixed(count == 0 ? 0.04 : 0.15 + 0.75 * share, 2))\"><title>"
            + "\(Markup.escaped(names[row])) taken for \(Markup.escaped(names[column])): \(count)</title></rect>"
        )
        if count > 0, cell >= 24 {
          parts.append(
            "<text class=\"mid\(share > 0.6 ? " on" : "")\" x=\"\(x + cell / 2)\" y=\"\(y + cell / 2 + 4)\">\(count)</text>"
          )
        }
      }
    }
    for column in 0..<classes {
      let x = margin + cell * (Double(column) + 0.5)
      parts.append(
        "<text class=\"mid\" x=\"\(x)\" y=\"32\">\(Markup.escaped(short(names[column], 6)))</text>")
    }
    parts.append("<text x=\"8\" y=\"14\">rows: actual, columns: predicted</text>")
    return figure(parts, "Confusion matrix", width: max(margin + side + 8, 240), height: side + 48)
  }

  // MARK: parts

  private static func horizontal(_ axis: Axis, _ value: Double) -> Double {
    left + axis.place(value) * (width - left - right)
  }

  private static func vertical(_ axis: Axis, _ value: Double) -> Double {
    height - bottom - axis.place(value) * (height - top - bottom)
  }

  private static func frame(_ x: Axis, _ y: Axis, _ xName: String, _ yName: String) -> String {
    var parts: [String] = []
    for mark in y.marks {
      let at = Markup.fixed(vertical(y, mark), 1)
      parts.append(
        "<line class=\"grid\" x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(at)\" y2=\"\(at)\"/>")
      parts.append(
        "<text class=\"end\" x=\"\(left - 6)\" y=\"\(at)\" dy=\"4\">\(Markup.number(mark, digits: 3))</text>"
      )
    }
    for mark in x.marks {
      let at = Markup.fixed(horizontal(x, mark), 1)
      parts.append(
        "<line class=\"grid\" x1=\"\(at)\" x2=\"\(at)\" y1=\"\(top)\" y2=\"\(height - bottom)\"/>")
      parts.append(
        "<text class=\"mid\" x=\"\(at)\" y=\"\(height - bottom + 16)\">\(Markup.number(mark, digits: 3))</text>"
      )
    }
    parts.append(
      "<text class=\"mid\" x=\"\((left + width - right) / 2)\" y=\"\(height - 6)\">\(Markup.escaped(xName))</text>"
    )
    parts.append(
      "<text class=\"mid\" transform=\"translate(12 \((top + height - bottom) / 2)) rotate(-90)\">\(Markup.escaped(yName))</text>"
    )
    return parts.joined(separator: "\n")
  }

  private static func figure(
    _ parts: [String], _ title: String, width: Double = Chart.width, height: Double = Chart.height
  ) -> String {
    """
    <figure><svg role="img" aria-label="\(Markup.escaped(title))" viewBox="0 0 \(Markup.fixed(width, 0)) \(Markup.fixed(height, 0))" \
    style="max-width:\(Markup.fixed(width, 0))px">
    \(parts.joined(separator: "\n"))
    </svg><figcaption>\(Markup.escaped(title))</figcaption></figure>
    """
  }

  private static func short(_ text: String, _ limit: Int = 14) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }
}
