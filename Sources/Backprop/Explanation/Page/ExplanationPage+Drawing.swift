/// The drawing of the network: a column a layer, units coloured by activation, edges by weight.
extension ExplanationPage {
  /// One column.
  private struct Column {
    let name: String
    let kind: String
    /// The units drawn; nil stands for those left out.
    let units: [Int?]
    let count: Int
    let x: Double
    var isLayer = true
    var isDense = true
  }

  /// How large things are: with room for numbers where every layer is small.
  private struct Scale {
    let isFull: Bool
    var pitch: Double { isFull ? 144 : 46 }
    var radius: Double { isFull ? 32 : 20 }
    let spacing: Double
    let top = 98.0
  }

  /// Whether some weights of the drawing or the tables have no chain rule on the page.
  var hasOtherWeights: Bool {
    explanation.denseLayers.contains { layer in
      let dense = explanation.parts.dense[layer.name]!
      let own = chains.count { $0.id.hasPrefix("\(dense.weightPath)[") }
      return own < dense.inputs * dense.units
    }
  }

  /// The drawing as SVG.
  var drawing: String {
    let (columns, scale) = columns()
    let rows = columns.map(\.units.count).max() ?? 1
    let height = scale.top + Double(rows - 1) * scale.pitch + 110
    let costX = (columns.last?.x ?? 0) + scale.spacing * 0.95
    let width = costX + 70
    var (wires, edges, labels, units) = ([String](), [String](), [String](), [String]())
    for (index, column) in columns.enumerated() {
      units.append(text(column.x, 18, "\(column.name)\(column.kind)", "head"))
      units += nodes(column, scale, rows)
      guard index > 0 else { continue }
      let before = columns[index - 1]
      if column.isDense, before.isDense, isFed(column.name, by: before) {
        let own = self.edges(before, column, scale, rows)
        edges += own.edges
        labels += own.labels
      } else {
        let y = middle(rows, scale)
        wires.append(wire(before.x + scale.radius, y, column.x - scale.radius, y))
      }
    }
    let cost = self.cost(costX, columns.last, scale, rows)
    wires += cost.wires
    labels += cost.labels
    units.append(cost.node)
    let y = height - 12
    units.append(flow(y, 60, costX))
    let size = "0 0 \(Svg.number(width)) \(Svg.number(height))"
    return """
      <svg viewBox="\(size)" style="min-width:\(Int(min(width, 700)))px;max-width:\(Int(width))px" role="group" \
      aria-label="\(Markup.escaped("The network \(explanation.network)"))">
      \(wires.joined(separator: "\n"))
      \(edges.joined(separator: "\n"))
      <g class="labels">\(labels.joined(separator: "\n"))</g>
      \(units.joined(separator: "\n"))
      </svg>
      """
  }

  // MARK: columns

  private func columns() -> ([Column], Scale) {
    let layers = explanation.layers
    let firstDense = explanation.denseLayers.first.map { explanation.parts.dense[$0.name]! }
    let inputCount = firstDense?.inputs ?? 1
    let widest = layers.map { explanation.parts.dense[$0.name]?.units ?? 1 }.max() ?? 1
    let isFull = max(widest, inputCount) <= 4 && layers.count <= 6
    let scale = Scale(isFull: isFull, spacing: isFull ? 280 : 230)
    let first = explanation.denseLayers.first
    let shownInputs =
      first.map { layer in
        explanation.units(layer.name, view).flatMap { explanation.inputs(layer.name, $0, view) }
          + shown(layer.name).inputs
      } ?? []
    let isWhole = firstDense?.inputArray == "input"
    var columns = [
      Column(
        name: isWhole ? "input" : "into \(first?.name ?? "")", kind: "",
        units: Self.places(inputCount, preferring: shownInputs),
        count: inputCount, x: 60, isLayer: false)
    ]
    for (index, layer) in layers.enumerated() {
      let dense = explanation.parts.dense[layer.name]
      let units =
        dense.map {
          Self.places(
            $0.units, preferring: explanation.units(layer.name, view) + shown(layer.name).units)
        } ?? [nil]
      let kind = dense == nil ? "" : ", \(dense?.activation?.name ?? "identity")"
      columns.append(
        Column(
          name: layer.name, kind: kind, units: units, count: dense?.units ?? 1,
          x: 60 + scale.spacing * Double(index + 1), isDense: dense != nil))
    }
    return (columns, scale)
  }

  /// All of up to twelve; of more, six: those that steps are about first.
  private static func places(_ count: Int, preferring: [Int]) -> [Int?] {
    guard count > 12 else { return Array(0..<count) }
    var chosen: Set<Int> = []
    for place in preferring where chosen.count < 6 { chosen.insert(place) }
    for place in Array(0..<4) + [count - 2, count - 1] where chosen.count < 6 {
      chosen.insert(place)
    }
    var result: [Int?] = []
    var next = 0
    for place in chosen.sorted() {
      if place != next { result.append(nil) }
      result.append(place)
      next = place + 1
    }
    return next < count ? result + [nil] : result
  }

  private func isFed(_ layer: String, by before: Column) -> Bool {
    guard let array = explanation.parts.dense[layer]?.inputArray else { return false }
    return before.isLayer
      ? array == "\(before.name).a" : layer == explanation.denseLayers.first?.name
  }

  private func y(_ row: Int, _ column: Column, _ scale: Scale, _ rows: Int) -> Double {
    let lead = Double(rows - column.units.count) / 2
    return scale.top + (lead + Double(row)) * scale.pitch
  }

  private func middle(_ rows: Int, _ scale: Scale) -> Double {
    scale.top + Double(rows - 1) / 2 * scale.pitch
  }

  // MARK: nodes

  private func nodes(_ column: Column, _ scale: Scale, _ rows: Int) -> [String] {
    guard column.isDense else {
      let (y, x) = (middle(rows, scale), column.x)
      return [
        Markup.element(
          "rect",
          [
            "x": Svg.number(x - 40), "y": Svg.number(y - 26), "width": "80", "height": "52",
            "rx": "8", "fill-opacity": "0.1",
          ]), text(x, y + 5, String(column.name.prefix(10)), "name"),
      ]
    }
    var parts: [String] = []
    for (row, unit) in column.units.enumerated() {
      let y = y(row, column, scale, rows)
      guard let unit else {
        let last = row > 0 ? column.units[row - 1] ?? -1 : -1
        let next = row + 1 < column.units.count ? column.units[row + 1] ?? 0 : column.count
        parts.append(text(column.x, y + 5, "⋮ \(next - last - 1) more", "more"))
        continue
      }
      parts.append(column.isLayer ? node(column, unit, y, scale) : input(unit, column.x, y, scale))
    }
    let group = column.isLayer ? "units rove" : "units"
    let small = scale.isFull ? "" : " small"
    let role =
      column.isLayer ? " role=\"group\" aria-label=\"\(Markup.escaped(column.name)) units\"" : ""
    return ["<g class=\"\(group)\(small)\"\(role)>\(parts.joined(separator: "\n"))</g>"]
  }

  private func input(_ unit: Int, _ x: Double, _ y: Double, _ scale: Scale) -> String {
    let first = explanation.denseLayers.first
    let value = first.map { maker.number("\($0.name):in", unit) } ?? .nan
    let array = first.map { explanation.parts.dense[$0.name]!.inputArray } ?? "input"
    let alias = explanation.aliases["input[\(unit)]"] ?? "\(array == "input" ? "x" : "u")\(unit)"
    return "<g class=\"unit\"><g class=\"plain\" data-figure=\"\(Self.name("\(array)[\(unit)]"))\">"
      + circle(x, y, scale.radius, value)
      + text(x, y - scale.radius * 0.19, alias, "name")
      + text(x, y + scale.radius * 0.44, Digits.narrow(value, isFull: scale.isFull), "value")
      + "</g></g>"
  }

  private func node(_ column: Column, _ unit: Int, _ y: Double, _ scale: Scale) -> String {
    let (name, x) = (column.name, column.x)
    guard case .quantity(let own) = maker.a(name, unit) else { return "" }
    let dense = explanation.parts.dense[name]!
    let outward =
      if case .quantity(let quantity) = maker.outward(name, unit) { quantity.id } else { "" }
    let error = "\(name).\(maker.error)[\(unit)]"
    var also = [
      "\(name).z[\(unit)]", outward, error, "\(name).slope[\(unit)]", "\(name).a[\(unit)]",
    ]
    also.removeAll { $0 == own.id || $0.isEmpty }
    let link = steps[own.id] ?? steps["\(name).z[\(unit)]"]
    let label = Self.unitName(explanation, name, unit)
    let inner =
      circle(x, y, scale.radius + 6, nil, "ring") + circle(x, y, scale.radius, own.value)
      + text(x, y - scale.radius * 0.19, label, "name")
      + text(x, y + scale.radius * 0.44, Digits.narrow(own.value, isFull: scale.isFull), "value")
    let marks =
      "data-figure=\"\(Self.name(own.id))\" data-also=\"\(also.map(Self.name).joined(separator: " "))\""
    let title = "\(name) \(unit), activation \(Digits.short(own.value, 4))"
    var parts = [
      link.map {
        "<a href=\"#step-\($0)\" \(marks) aria-label=\"\(Markup.escaped(title + ", go to its step"))\">\(inner)</a>"
      } ?? "<g class=\"plain\" \(marks)>\(inner)</g>"
    ]
    if scale.isFull {
      if case .quantity(let bias)? = maker.bias(name, unit) {
        parts.append(
          text(x, y - scale.radius - 12, "b \(Digits.short(bias.value, 4))", "", bias.id))
      }
      if dense.activation != nil || maker.usesProbability(name) {
        parts.append(
          text(
            x, y + scale.radius + 22, "z \(Digits.short(maker.number("\(name):z", unit), 4))", "",
            "\(name).z[\(unit)]"))
      }
      let delta = maker.number("\(name):\(maker.error)", unit)
      let letter = maker.error == "delta" ? "δ" : "∂C/∂z"
      parts.append(
        text(x, y + scale.radius + 41, "\(letter) \(Digits.short(delta, 3))", "", error))
    }
    return "<g class=\"unit\">\(parts.joined())</g>"
  }

  /// What a unit is called in the drawing: h1 in the worked example, else its number.
  private static func unitName(_ explanation: Explanation, _ layer: String, _ unit: Int) -> String {
    guard let alias = explanation.aliases["\(layer).a[\(unit)]"], alias.hasPrefix("out_") else {
      return "\(unit)"
    }
    return String(alias.dropFirst(4))
  }

  // MARK: edges

  private func edges(
    _ before: Column, _ column: Column, _ scale: Scale, _ rows: Int
  ) -> (edges: [String], labels: [String]) {
    let dense = explanation.parts.dense[column.name]!
    let values = explanation.arrays[dense.weightPath]?.values ?? []
    let widest = max(values.reduce(0) { max($0, $1.magnitude) }, 1e-300)
    var (edges, labels) = ([String](), [String]())
    let drawn = before.units.compactMap { $0 }.count * column.units.compactMap { $0 }.count
    for (row, input) in before.units.enumerated() {
      guard let input else { continue }
      for (place, unit) in column.units.enumerated() {
        guard let unit else { continue }
        let id = "\(dense.weightPath)[\(input),\(unit)]"
        let value = values[input * dense.units + unit]
        let (x1, y1) = (before.x + scale.radius, y(row, before, scale, rows))
        let (x2, y2) = (column.x - scale.radius, y(place, column, scale, rows))
        edges.append(edge(id, value, (x1, y1), (x2, y2), widest))
        guard scale.isFull, drawn <= 4 else { continue }
        let at = y1 == y2 ? 0.26 : 0.31
        let (x, y) = (x1 + at * (x2 - x1), y1 + at * (y2 - y1))
        let next = explanation.arrays["\(dense.weightPath).next"]?.values[
          input * dense.units + unit]
        let after =
          next.map {
            "<tspan data-figure=\"\(Self.name(id)).next\"> → \(Digits.short($0, 4))</tspan>"
          } ?? ""
        labels.append(
          "<text x=\"\(Svg.number(x))\" y=\"\(Svg.number(y - 6))\" data-figure=\"\(Self.name(id))\" data-also=\"\(Self.name(id)).next\">"
            + "\(Digits.short(value, 4))\(after)</text>")
        let gradient = explanation.arrays["\(dense.weightPath).gradient"]?
          .values[input * dense.units + unit]
        if let gradient {
          labels.append(text(x, y + 18, "∂ \(Digits.short(gradient, 3))", "", "\(id).gradient"))
        }
      }
    }
    let kind = drawn > 16 ? "edges dense rove" : "edges rove"
    let label = Markup.escaped("weights into \(column.name)")
    let group =
      "<g class=\"\(kind)\" role=\"group\" aria-label=\"\(label)\">\(edges.joined(separator: "\n"))</g>"
    return ([group], labels)
  }

  private func edge(
    _ id: String, _ value: Double, _ from: (x: Double, y: Double), _ to: (x: Double, y: Double),
    _ widest: Double
  ) -> String {
    let at =
      "x1=\"\(Svg.number(from.x))\" y1=\"\(Svg.number(from.y))\" x2=\"\(Svg.number(to.x))\" y2=\"\(Svg.number(to.y))\""
    let size = value.isFinite ? 1 + 4 * value.magnitude / widest : 1
    let label = Markup.escaped("\(id) = \(Digits.short(value)), open its chain rule")
    return "<a class=\"edge\" href=\"\(chainLink(id))\" data-figure=\"\(Self.name(id))\" "
      + "data-also=\"\(Self.name(id)).gradient \(Self.name(id)).next\" data-chain=\"\(Self.name(id))\" aria-label=\"\(label)\">"
      + "<line class=\"hit\" \(at)/>"
      + "<line class=\"w\(value < 0 ? " neg" : "")\" \(at) stroke-width=\"\(Svg.number(size))\"/></a>"
  }

  private func wire(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    Svg.line("wire", (x1, y1), (x2, y2))
  }

  // MARK: the cost

  private func cost(
    _ x: Double, _ column: Column?, _ scale: Scale, _ rows: Int
  ) -> (wires: [String], labels: [String], node: String) {
    let y = middle(rows, scale)
    var (wires, labels) = ([String](), [String]())
    if let column, column.isDense {
      for (row, unit) in column.units.enumerated() {
        guard let unit else { continue }
        let from = (x: column.x + scale.radius, y: self.y(row, column, scale, rows))
        wires.append(wire(from.x, from.y, x - 36, y))
        guard scale.isFull else { continue }
        let at = (x: from.x + 0.42 * (x - 36 - from.x), y: from.y + 0.42 * (y - from.y))
        if case .quantity(let target) = maker.target(unit), target.value.isFinite {
          labels.append(
            text(at.x, at.y - 6, "target \(Digits.short(target.value, 4))", "", target.id))
        }
        if let share = maker.shareFigure(column.name, unit) {
          labels.append(text(at.x, at.y + 18, "C \(Digits.short(share.value, 4))", "", share.id))
        }
      }
    }
    let after = explanation.costAfter
    let link = steps["cost"] ?? 1
    func box(_ kind: String, _ margin: Double) -> String {
      Markup.element(
        "rect",
        [
          "class": kind, "x": Svg.number(x - 36 - margin), "y": Svg.number(y - 30 - margin),
          "width": Svg.number(72 + 2 * margin), "height": Svg.number(60 + 2 * margin), "rx": "10",
          "fill-opacity": "0.1",
        ])
    }
    let node =
      "<g class=\"units rove\" role=\"group\" aria-label=\"cost\"><g class=\"unit\">"
      + "<a href=\"#step-\(link)\" data-figure=\"cost\" data-also=\"cost.after\" aria-label=\"cost, go to its step\">"
      + box("ring", 6) + box("box", 0) + text(x, y - 6, "C", "name")
      + text(x, y + 14, Digits.short(explanation.cost, 4), "value") + "</a>"
      + text(x, y + 58, "→ \(Digits.short(after, 4))", "", "cost.after") + "</g></g>"
      + text(x, 18, "cost", "head")
    return (wires, labels, node)
  }

  // MARK: elements

  /// The name of a figure as an attribute has it.
  private static func name(_ id: String) -> String { Markup.escaped(token(id)) }

  private func circle(
    _ x: Double, _ y: Double, _ radius: Double, _ value: Double?, _ kind: String = ""
  ) -> String {
    let size = value.map { $0.isFinite ? min(0.4 * $0.magnitude, 0.4) : 0 }
    var style = kind
    if let value, value < 0 { style = "neg" }
    let fill = size.map { " fill-opacity=\"\(Markup.fixed($0, 3))\"" } ?? ""
    return
      "<circle\(style.isEmpty ? "" : " class=\"\(style)\"") cx=\"\(Svg.number(x))\" cy=\"\(Svg.number(y))\" r=\"\(Svg.number(radius))\"\(fill)/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ content: String, _ kind: String, _ figure: String? = nil
  ) -> String {
    let style = kind.isEmpty ? "" : " class=\"\(kind)\""
    let mark = figure.map { " data-figure=\"\(Self.name($0))\"" } ?? ""
    return
      "<text x=\"\(Svg.number(x))\" y=\"\(Svg.number(y))\"\(style)\(mark)>\(Markup.escaped(content))</text>"
  }

  private func flow(_ y: Double, _ left: Double, _ right: Double) -> String {
    let middle = (left + right) / 2
    let (a, b) = (middle - 40, middle + 40)
    func arrow(_ kind: String, _ path: String, _ x: Double, _ name: String) -> String {
      "<g class=\"flow \(kind)\"><path d=\"\(path)\"/>" + text(x, y - 8, name, "") + "</g>"
    }
    let (l, r, h) = (Svg.number(left), Svg.number(right), Svg.number(y))
    return arrow(
      "ahead", "M\(l) \(h) H\(Svg.number(a)) m-8 -5 l8 5 l-8 5", (left + a) / 2,
      "forward: activations")
      + arrow(
        "back", "M\(r) \(h) H\(Svg.number(b)) m8 -5 l-8 5 l8 5", (right + b) / 2,
        "backward: errors")
  }
}
