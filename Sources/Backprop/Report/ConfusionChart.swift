/// A confusion matrix as SVG: rows are actual classes, columns predicted ones. The more of its row
/// a cell has, the stronger its colour.
struct ConfusionChart {
  let counts: [[Int]]
  let names: [String]

  private var cell: Double { max(16, min(46, 560 / Double(max(counts.count, 1)))) }
  private var areHeadsUpright: Bool {
    names.contains { Double($0.count) * 7.5 > cell - 4 }
  }
  private var longest: Double { Double(min(names.map(\.count).max() ?? 1, 16)) }
  private var left: Double { 34 + 7.5 * longest }
  private var top: Double { areHeadsUpright ? 36 + 7.5 * longest : 44 }

  var html: String {
    var parts = [
      Svg.text("predicted", (left + cell * Double(counts.count) / 2, 14), "mid soft"),
      Markup.element(
        "text",
        [
          "class": "mid soft",
          "transform":
            "translate(12 \(Svg.number(top + cell * Double(counts.count) / 2))) rotate(-90)",
        ], "actual"),
    ]
    for (row, own) in counts.enumerated() {
      let middle = top + cell * (Double(row) + 0.5)
      parts.append(Svg.text(short(names[row]), (left - 8, middle + 4), "end"))
      parts.append(head(row))
      for column in own.indices { parts.append(square(row, column)) }
    }
    let side = cell * Double(counts.count)
    return Svg.figure(
      parts, "Confusion matrix: samples of each actual class by the class predicted for them",
      width: max(left + side + 12, 200), height: top + side + 8)
  }

  private func head(_ column: Int) -> String {
    let x = left + cell * (Double(column) + 0.5)
    guard areHeadsUpright else { return Svg.text(names[column], (x, top - 8), "mid") }
    let place = "translate(\(Svg.number(x + 4)) \(Svg.number(top - 8))) rotate(-90)"
    return Markup.element("text", ["transform": place], Markup.escaped(short(names[column])))
  }

  private func square(_ row: Int, _ column: Int) -> String {
    let count = counts[row][column]
    let total = counts[row].reduce(0, +)
    let share = total == 0 ? 0 : Double(count) / Double(total)
    let (x, y) = (left + cell * Double(column), top + cell * Double(row))
    let title = "\(names[row]) taken for \(names[column]): \(count)"
    var parts = Markup.element(
      "rect",
      [
        "class": row == column ? "hit" : "miss", "x": Svg.number(x), "y": Svg.number(y),
        "width": Svg.number(cell - 1), "height": Svg.number(cell - 1),
        "fill-opacity": Markup.fixed(count == 0 ? 0.05 : 0.2 + 0.7 * share, 2),
      ], Markup.element("title", [:], Markup.escaped(title)))
    if count > 0, Double("\(count)".count) * 7 < cell {
      let place = (x: x + (cell - 1) / 2, y: y + (cell - 1) / 2 + 4)
      parts += Svg.text("\(count)", place, share > 0.6 ? "mid on" : "mid")
    }
    return parts
  }

  /// A name that fits; what tells long ones apart is often at their end.
  private func short(_ text: String) -> String {
    text.count <= 16 ? text : "\(text.prefix(8))…\(text.suffix(7))"
  }
}
