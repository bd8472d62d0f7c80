#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How much faster the project is than each peer, a bar for each, a group for each case.
public func ratioChart(_ summaries: [Summary]) -> Drawing {
  let (labelWidth, barSpace, step, head) = (190.0, 420.0, 20.0, 34.0)
  let groups = summaries.map { summary in
    (summary, summary.rows.filter { ($0.medianRatio ?? .nan).isFinite })
  }.filter { !$0.1.isEmpty }
  let rows = groups.map { Double($0.1.count) }.reduce(0, +)
  var drawing = Drawing(
    width: labelWidth + barSpace + 80, height: 40 + rows * step + head * Double(groups.count))
  drawing.text(
    "Times faster than each peer (ratio of medians, logarithmic)", x: 12, y: 22, kind: "title")
  // One scale for all: logarithmic, from the slowest comparison (or 1) to the fastest.
  let ratios = groups.flatMap { $0.1.compactMap(\.medianRatio) }
  let (low, high) = (min(0.5, ratios.min() ?? 1), max(2, ratios.max() ?? 1))
  let place = { (ratio: Double) in
    labelWidth + barSpace * (log(ratio) - log(low)) / (log(high) - log(low))
  }
  var y = 34.0
  for (summary, rows) in groups {
    let plural = summary.threads == 1 ? "thread" : "threads"
    drawing.text("\(summary.title), \(summary.threads) \(plural)", x: 12, y: y + 20)
    y += head - 4
    let bottom = y + Double(rows.count) * step
    for row in rows {
      let ratio = row.medianRatio ?? 1
      let (start, end) = (min(place(1), place(ratio)), max(place(1), place(ratio)))
      drawing.text(row.label, x: labelWidth - 8, y: y + 13, .end, kind: "small")
      drawing.bar(
        x: start, y: y + 3, width: max(end - start, 1), height: step - 6,
        ratio >= 1 ? "f0" : "f1")
      drawing.text(ratio.brief + "×", x: end + 6, y: y + 13, kind: "small")
      y += step
    }
    drawing.line((place(1), bottom - Double(rows.count) * step), (place(1), bottom), "axis")
    y += 4
  }
  return drawing
}

/// Samples a second against the width of the hidden layers, both logarithmic, with the rate at which
/// the machine's multiply-add units would be always busy.
///
/// - Parameters:
///   - points: width, weights and summary of each case.
///   - peak: floating-point operations a second.
public func scalingChart(
  _ points: [(width: Int, weights: Int, summary: Summary)], peak: Double
) -> Drawing {
  let (left, top, width, height) = (78.0, 46.0, 520.0, 330.0)
  var drawing = Drawing(width: left + width + 140, height: top + height + 52)
  // Six operations a weight and sample: two each for the value, the error and the gradient.
  let floor = points.map { peak / (6 * Double($0.weights)) }
  let rates = points.flatMap { $0.summary.rows.map(\.best) }.filter(\.isFinite) + floor
  guard let least = rates.min(), let most = rates.max(), let first = points.first?.width,
    let last = points.last?.width
  else { return drawing }
  let (low, high) = (log(least) - 0.2, log(most) + 0.2)
  let span = max(log(Double(last)) - log(Double(first)), 1e-9)
  let x = { (value: Int) in left + width * (log(Double(value)) - log(Double(first))) / span }
  let y = { (rate: Double) in top + height * (high - log(rate)) / (high - low) }
  drawing.text(
    "784-W-W-10, batch 128: samples a second by width W", x: 12, y: 24, kind: "title")
  for exponent in 0..<9 {
    for digit in [1.0, 2, 5] {
      let rate = digit * pow(10, Double(exponent))
      guard log(rate) > low, log(rate) < high else { continue }
      drawing.line((left, y(rate)), (left + width, y(rate)), "grid")
      drawing.text(rate.text(digits: 0), x: left - 8, y: y(rate) + 4, .end, kind: "small")
    }
  }
  for point in points {
    drawing.line((x(point.width), top), (x(point.width), top + height), "grid")
    drawing.text("\(point.width)", x: x(point.width), y: top + height + 18, .middle, kind: "small")
  }
  drawing.text("width W", x: left + width / 2, y: top + height + 40, .middle, kind: "small")
  drawing.line((left, top + height), (left + width, top + height), "axis")
  drawing.line((left, top), (left, top + height), "axis")
  drawing.path(zip(points, floor).map { (x($0.width), y($1)) }, "floor")
  let limit = "multiply-add limit, \((peak / 1e9).text(digits: 0)) GFLOP/s"
  drawing.text(limit, x: left + 48, y: top + height - 12, kind: "small")
  drawing.line((left + 10, top + height - 16), (left + 42, top + height - 16), "floor")
  var labels: [String] = []
  for row in points.flatMap(\.summary.rows) where !labels.contains(row.label) {
    labels.append(row.label)
  }
  for (index, label) in labels.enumerated() {
    let places = points.compactMap { point in
      point.summary.rows.first { $0.label == label && $0.best.isFinite }
        .map { (x: x(point.width), y: y($0.best)) }
    }
    drawing.path(places, "s\(index % 6)")
    for place in places { drawing.dot(place, "f\(index % 6)") }
    let line = top + 14 + Double(index) * 20
    drawing.line((left + width + 14, line - 4), (left + width + 34, line - 4), "s\(index % 6)")
    drawing.text(label, x: left + width + 40, y: line, kind: "small")
  }
  return drawing
}
