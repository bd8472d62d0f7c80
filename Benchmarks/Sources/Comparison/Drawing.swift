/// An SVG drawing that suits light and dark pages: colours are classes, defined once for both.
public struct Drawing: Sendable {
  /// The size in pixels.
  public let width, height: Double
  private var elements: [String] = []

  /// Where a text stands relative to its point.
  public enum Anchor: String, Sendable { case start, middle, end }

  /// An empty drawing.
  public init(width: Double, height: Double) { (self.width, self.height) = (width, height) }

  /// A straight line.
  public mutating func line(
    _ a: (x: Double, y: Double), _ b: (x: Double, y: Double), _ kind: String
  ) {
    elements.append(
      "<line class=\"\(kind)\" x1=\"\(a.x.place)\" y1=\"\(a.y.place)\" x2=\"\(b.x.place)\" "
        + "y2=\"\(b.y.place)\"/>")
  }

  /// A line through points.
  public mutating func path(_ points: [(x: Double, y: Double)], _ kind: String) {
    let places = points.map { "\($0.x.place),\($0.y.place)" }.joined(separator: " ")
    elements.append("<polyline class=\"\(kind)\" points=\"\(places)\"/>")
  }

  /// A filled rectangle.
  public mutating func bar(x: Double, y: Double, width: Double, height: Double, _ kind: String) {
    elements.append(
      "<rect class=\"\(kind)\" x=\"\(x.place)\" y=\"\(y.place)\" width=\"\(width.place)\" "
        + "height=\"\(height.place)\"/>")
  }

  /// A dot.
  public mutating func dot(_ centre: (x: Double, y: Double), _ kind: String) {
    elements.append(
      "<circle class=\"\(kind)\" cx=\"\(centre.x.place)\" cy=\"\(centre.y.place)\" r=\"3\"/>")
  }

  /// A line of text; `y` is its baseline.
  public mutating func text(
    _ text: String, x: Double, y: Double, _ anchor: Anchor = .start, kind: String = ""
  ) {
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    elements.append(
      "<text class=\"\(kind)\" x=\"\(x.place)\" y=\"\(y.place)\" "
        + "text-anchor=\"\(anchor.rawValue)\">\(escaped)</text>")
  }

  /// The file.
  public var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width.place) \(height.place)" \
    width="\(width.place)" height="\(height.place)">
    <style>\(Self.style)</style>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  /// Series are `s0` (the project), `s1`, …; `f` before the class fills.
  private static let style = """

    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 14px; font-weight: 600; }
    .small { font-size: 11px; fill: #57606a; }
    line, polyline { fill: none; stroke-width: 2; }
    .axis { stroke: #8c959f; stroke-width: 1; }
    .grid { stroke: #d0d7de; stroke-width: 0.5; }
    .floor { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 4; }
    .s0 { stroke: #0969da; } .s1 { stroke: #bc4c00; } .s2 { stroke: #1a7f37; }
    .s3 { stroke: #8250df; } .s4 { stroke: #bf3989; } .s5 { stroke: #9a6700; }
    .f0 { fill: #0969da; } .f1 { fill: #bc4c00; } .f2 { fill: #1a7f37; }
    .f3 { fill: #8250df; } .f4 { fill: #bf3989; } .f5 { fill: #9a6700; }
    .peer { fill: #afb8c1; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .small { fill: #8d96a0; } .grid { stroke: #30363d; }
      .axis, .floor { stroke: #7d8590; } .peer { fill: #57606a; }
      .s0 { stroke: #58a6ff; } .s1 { stroke: #f0883e; } .s2 { stroke: #3fb950; }
      .s3 { stroke: #bc8cff; } .s4 { stroke: #f778ba; } .s5 { stroke: #d29922; }
      .f0 { fill: #58a6ff; } .f1 { fill: #f0883e; } .f2 { fill: #3fb950; }
      .f3 { fill: #bc8cff; } .f4 { fill: #f778ba; } .f5 { fill: #d29922; }
    }

    """
}

extension Double {
  /// A coordinate with one digit behind the point at most.
  fileprivate var place: String {
    let rounded = rounded(1)
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
