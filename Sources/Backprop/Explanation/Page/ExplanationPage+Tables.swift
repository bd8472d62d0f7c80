extension ExplanationPage {
  /// The units of a layer, and the inputs of its weights, that any step shows or takes.
  func shown(_ layer: String) -> (units: [Int], inputs: [Int]) {
    let dense = explanation.parts.dense[layer]!
    var (units, inputs) = (Set<Int>(), Set<Int>())
    for id in numbers.keys {
      if id.hasPrefix("\(dense.weightPath)["), let (_, index) = weight(id) {
        inputs.insert(index[0])
        units.insert(index[1])
      } else if Figure.isUnit(id, of: layer), let index = Self.index(id) {
        units.insert(index)
      }
    }
    return (units.sorted(), inputs.sorted())
  }

  private func weight(_ id: String) -> (String, [Int])? {
    guard let end = id.firstIndex(of: "]") else { return nil }
    guard let found = try? ExplanationView.weight(named: String(id[...end])), found.index.count == 2
    else { return nil }
    return (found.path, found.index)
  }

  private static func index(_ id: String) -> Int? {
    guard let start = id.firstIndex(of: "["), let end = id.firstIndex(of: "]") else { return nil }
    return Int(id[id.index(after: start)..<end])
  }

  /// Every number that a step takes or makes, layer by layer.
  var tables: String {
    var parts: [String] = []
    var done: Set<String> = []
    func cell(_ id: String, _ value: Double?) -> String {
      done.insert(id)
      guard let value else { return "" }
      return self.cell(id, value)
    }
    parts.append("<h3>Sample</h3><div class=\"tables\">")
    let inputs = numbers.keys.filter { $0.hasPrefix("input[") && !$0.contains("@") }
      .sorted { Self.index($0)! < Self.index($1)! }
    parts.append(
      table(
        "Input", inputs.map { "x \(Self.index($0)!)" },
        [("x", inputs.map { cell($0, numbers[$0]) })]))
    let targets = numbers.keys.filter { $0.hasPrefix("target[") }
      .sorted { Self.index($0)! < Self.index($1)! }
    parts.append(
      table(
        "Target", targets.map { "t \(Self.index($0)!)" },
        [("t", targets.map { cell($0, numbers[$0]) })]))
    parts.append("</div>")
    for layer in explanation.layers {
      guard let dense = explanation.parts.dense[layer.name] else {
        var document = Document()
        explanation.operations(layer, &document)
        parts.append(DocumentHTML(top: 2).text(document))
        continue
      }
      let shown = shown(layer.name)
      let name = layer.name
      parts.append(
        "<h3>\(Markup.escaped("\(name): \(layer.kind), \(dense.inputs) → \(dense.units)"))</h3>")
      parts.append("<div class=\"tables\">")
      let columns: [(head: String, id: (Int) -> String, value: (Int) -> Double?)] =
        unitColumns(name).filter { column in shown.units.contains { column.value($0) != nil } }
      parts.append(
        table(
          "Units" + Self.part(shown.units.count, dense.units), columns.map(\.head),
          shown.units.map { unit in
            ("\(name) \(unit)", columns.map { cell($0.id(unit), $0.value(unit)) })
          }))
      parts.append("</div><div class=\"tables\">")
      for (caption, suffix, array) in [
        ("Weights W", "", dense.weightPath),
        ("Gradient ∂C/∂W", ".gradient", "\(dense.weightPath).gradient"),
        ("W after the update", ".next", "\(dense.weightPath).next"),
      ] {
        guard let values = explanation.arrays[array]?.values else { continue }
        let size = Self.part(shown.units.count * shown.inputs.count, dense.units * dense.inputs)
        parts.append(
          table(
            caption + size, shown.inputs.map { "from \($0)" },
            shown.units.map { unit in
              (
                "\(name) \(unit)",
                shown.inputs.map { input in
                  cell(
                    "\(dense.weightPath)[\(input),\(unit)]\(suffix)",
                    values[input * dense.units + unit])
                }
              )
            }))
      }
      parts.append("</div>")
    }
    let rest = numbers.keys.filter { !done.contains($0) }.sorted()
    if !rest.isEmpty {
      parts.append("<h3>Cost and other numbers</h3>")
      parts.append(
        table(
          "", ["value"],
          rest.map { id in
            (explanation.aliases[id].map { "\(id) (\($0))" } ?? id, [cell(id, numbers[id])])
          }))
    }
    return parts.joined(separator: "\n")
  }

  /// Of many, how many are shown.
  private static func part(_ shown: Int, _ all: Int) -> String {
    shown < all ? ", \(shown) of \(all)" : ""
  }

  private func unitColumns(
    _ layer: String
  ) -> [(head: String, id: (Int) -> String, value: (Int) -> Double?)] {
    let dense = explanation.parts.dense[layer]!
    let error = maker.error
    func known(_ array: String, _ unit: Int) -> Double? {
      explanation.arrays[array] == nil ? nil : maker.number(array, unit)
    }
    var columns: [(String, (Int) -> String, (Int) -> Double?)] = []
    if let path = dense.biasPath, let values = explanation.arrays[path]?.values {
      let place = { (unit: Int) in dense.sharesBias ? 0 : unit }
      columns.append(("b", { "\(path)[\(place($0))]" }, { values[place($0)] }))
      if let gradients = explanation.arrays["\(path).gradient"]?.values {
        columns.append(
          ("∂C/∂b", { "\(path)[\(place($0))].gradient" }, { gradients[place($0)] }))
      }
      if let next = explanation.arrays["\(path).next"]?.values {
        columns.append(("b after", { "\(path)[\(place($0))].next" }, { next[place($0)] }))
      }
    }
    columns.append(("z", { "\(layer).z[\($0)]" }, { known("\(layer):z", $0) }))
    if dense.activation != nil {
      columns.append(("a", { "\(layer).a[\($0)]" }, { known("\(layer):a", $0) }))
    }
    if maker.usesProbability(layer) {
      columns.append(("p", { "\(layer).p[\($0)]" }, { known("probability", $0) }))
    }
    columns.append(
      (
        maker.usesProbability(layer) ? "∂C/∂p" : dense.activation == nil ? "∂C/∂z" : "∂C/∂a",
        { unit in if case .quantity(let own) = maker.outward(layer, unit) { own.id } else { "" } },
        { maker.outward(layer, $0).evaluated() }
      ))
    columns.append(("σ′(z)", { "\(layer).slope[\($0)]" }, { maker.slope(layer, $0)?.evaluated() }))
    columns.append(
      (
        error == "delta" ? "δ" : "∂C/∂z, batch", { "\(layer).\(error)[\($0)]" },
        { known("\(layer):\(error)", $0) }
      ))
    return columns.map { ($0.0, $0.1, $0.2) }
  }

  private func table(_ caption: String, _ heads: [String], _ rows: [(String, [String])]) -> String {
    guard !heads.isEmpty, !rows.isEmpty else { return "" }
    let head =
      "<th scope=\"col\"></th>"
      + heads.map { Markup.element("th", ["scope": "col"], Markup.escaped($0)) }.joined()
    let body = rows.map { name, cells in
      "<tr>" + Markup.element("th", ["scope": "row"], Markup.escaped(name))
        + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }.joined(separator: "\n")
    let title = caption.isEmpty ? "" : Markup.element("caption", [:], Markup.escaped(caption))
    let kind = body.contains("<a ") ? " class=\"rove\"" : ""
    return
      "<div class=\"scroll\"><table\(kind)>\(title)<thead><tr>\(head)</tr></thead><tbody>\n\(body)\n</tbody></table></div>"
  }
}
