import BackpropCore

/// Charts as SVG, drawn with the page's own colours, so that they follow light, dark and print.
struct Chart {
  /// A named curve.
  struct Curve {
    let name: String
    /// The class that gives its colour: `c1`, `c2`.
    let style: String
    let points: [(x: Double, y: Double)]
  }

  private let width, height: Double
  private let x, y: Axis
  private let left = 70.0, right = 20.0, top = 30.0, bottom = 46.0

  /// Curves over a common axis; the y axis is logarithmic where it may be and numbers span a lot.
  ///
  /// - Parameter mark: an x to mark with a line, such as the best epoch.
  static func curves(
    _ curves: [Curve], x xName: String, y yName: String, title: String, mark: Double? = nil,
    logarithmic: Bool = false
  ) -> String {
    let all = curves.flatMap(\.points)
    let chart = Chart(
      width: 680, height: 300, x: Axis(covering: all.map(\.x), tight: true, whole: true),
      y: Axis(covering: all.map(\.y), logarithmic: logarithmic))
    var parts = chart.frame(xName, yName + (chart.y.isLogarithmic ? " (logarithmic)" : ""))
    if let mark { parts.append(chart.line("mark", (mark, chart.y.low), (mark, chart.y.high))) }
    var place = chart.left
    for curve in curves {
      let points = curve.points.filter { $0.x.isFinite && $0.y.isFinite }
      let path = points.map { Svg.at(chart.place($0)) }.joined(separator: " ")
      parts.append(Markup.element("polyline", ["class": curve.style, "points": path]))
      if points.count == 1 { parts.append(chart.dot(points[0], curve.style + " dot", radius: 4)) }
      parts.append(Svg.line(curve.style, (place, 14), (place + 24, 14)))
      parts.append(Svg.text(curve.name, (place + 30, 18)))
      place += 60 + 8 * Double(curve.name.count)
    }
    return Svg.figure(parts, title, width: chart.width, height: chart.height)
  }

  /// Predicted against actual numbers, with the line where both are equal.
  static func scatter(
    _ points: [(x: Double, y: Double)], x xName: String, y yName: String, title: String
  ) -> String {
    let both = Axis(covering: points.flatMap { [$0.x, $0.y] })
    let chart = Chart(width: 470, height: 456, x: both, y: both)
    var parts = chart.frame(xName, yName)
    parts.append(chart.line("mark", (both.low, both.low), (both.high, both.high)))
    parts.append(Svg.line("mark", (chart.left, 14), (chart.left + 24, 14)))
    parts.append(Svg.text("predicted = actual", (chart.left + 30, 18)))
    parts += points.filter { $0.x.isFinite && $0.y.isFinite }.map { chart.dot($0, "dot") }
    return Svg.figure(parts, title, width: chart.width, height: chart.height)
  }

  // MARK: parts

  private init(width: Double, height: Double, x: Axis, y: Axis) {
    (self.width, self.height, self.x, self.y) = (width, height, x, y)
  }

  private func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (
      left + x.place(point.x) * (width - left - right),
      height - bottom - y.place(point.y) * (height - top - bottom)
    )
  }

  private func line(
    _ style: String, _ from: (x: Double, y: Double), _ to: (x: Double, y: Double)
  ) -> String {
    Svg.line(style, place(from), place(to))
  }

  private func dot(_ point: (x: Double, y: Double), _ style: String, radius: Int = 3) -> String {
    let at = place(point)
    return Markup.element(
      "circle",
      ["class": style, "r": "\(radius)", "cx": Svg.number(at.x), "cy": Svg.number(at.y)])
  }

  /// The grid with its numbers, and the names of both axes.
  private func frame(_ xName: String, _ yName: String) -> [String] {
    var parts: [String] = []
    for mark in y.marks {
      parts.append(line("grid", (x.low, mark), (x.high, mark)))
      let at = place((x.low, mark))
      parts.append(Svg.text(y.label(mark), (left - 8, at.y + 4), "end"))
    }
    for mark in x.marks {
      parts.append(line("grid", (mark, y.low), (mark, y.high)))
      let at = place((mark, y.low))
      parts.append(Svg.text(x.label(mark), (at.x, height - bottom + 18), "mid"))
    }
    parts.append(Svg.text(xName, ((left + width - right) / 2, height - 8), "mid soft"))
    let middle = Svg.number((top + height - bottom) / 2)
    parts.append(
      Markup.element(
        "text", ["class": "mid soft", "transform": "translate(14 \(middle)) rotate(-90)"],
        Markup.escaped(yName)))
    return parts
  }
}

/// Elements of SVG.
enum Svg {
  static func number(_ value: Double) -> String {
    let text = Markup.fixed(value, 1)
    return text.hasPrefix("−") ? "-" + text.dropFirst() : text
  }

  static func at(_ point: (x: Double, y: Double)) -> String {
    "\(number(point.x)),\(number(point.y))"
  }

  static func line(
    _ style: String, _ from: (x: Double, y: Double), _ to: (x: Double, y: Double)
  ) -> String {
    Markup.element(
      "line",
      [
        "class": style, "x1": number(from.x), "y1": number(from.y), "x2": number(to.x),
        "y2": number(to.y),
      ])
  }

  static func text(
    _ text: String, _ at: (x: Double, y: Double), _ style: String = "start"
  ) -> String {
    Markup.element(
      "text", ["class": style, "x": number(at.x), "y": number(at.y)], Markup.escaped(text))
  }

  static func figure(
    _ parts: [String], _ title: String, width: Double, height: Double
  ) -> String {
    let size = (Markup.fixed(width, 0), Markup.fixed(height, 0))
    let svg = Markup.element(
      "svg",
      [
        "role": "img", "aria-label": title, "viewBox": "0 0 \(size.0) \(size.1)",
        "style": "max-width:\(size.0)px",
      ], "\n" + parts.joined(separator: "\n") + "\n")
    return Markup.element(
      "figure", [:], svg + Markup.element("figcaption", [:], Markup.escaped(title)))
  }
}
