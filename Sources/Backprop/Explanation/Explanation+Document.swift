import BackpropCore

extension Explanation {
  /// What is said, for a view.
  ///
  /// - Throws: ``ConfigurationError`` if the view names a weight that is not there.
  func document(_ view: ExplanationView) throws -> Document {
    var document = Document()
    if let weight = view.weight { return try chainRule(weight.path, weight.index, view) }
    if view.isPseudocode {
      document.heading(1, "The algorithm for \(network)")
      document.blocks.append(.code(pseudocode))
      return document
    }
    document.heading(1, "Backpropagation, step by step: \(network)")
    for paragraph in introduction { document.paragraph(paragraph) }
    document.paragraph(
      "Numbers inside formulas are rounded to six digits; results have all digits, in float64.")
    if let name = view.layer, let layer = layers.first(where: { $0.name == name }) {
      describe(layer, view, &document)
      return document
    }
    document.heading(2, "Layers")
    document.blocks.append(.table(overview, rightAligned: Set(2...8)))
    if let remark = gradientRemark { document.paragraph(remark) }
    if let form = view.form, form != .element {
      laws(form).forEach { document.blocks.append($0) }
      if form == .jacobian {
        document.paragraph("V is the array of weights as it is stored, [inputs, outputs].")
      }
      // The error goes from the last layer to the first.
      for layer in layers.reversed() { describe(layer, view, &document) }
    } else if isSmall || view.form == .element {
      walk(view, &document)
    } else {
      let weight = denseLayers.first.map { parts.dense[$0.name]!.weightPath + "[0,0]" }
      document.paragraph(
        "More: --layer \(layers[0].name)" + (weight.map { ", --weight \"\($0)\"" } ?? "")
          + ", --form element or matrix, --pseudocode.")
    }
    checked(&document)
    costHistory(&document)
    for remark in remarks { document.paragraph(remark) }
    return document
  }

  /// Checks that a view shows what is there.
  ///
  /// - Throws: ``ConfigurationError`` if not.
  func check(_ view: ExplanationView) throws {
    if let name = view.layer {
      guard let layer = layers.first(where: { $0.name == name }) else {
        throw ConfigurationError.unknown("layer", name, known: layers.map(\.name))
      }
      let units = layer.activation.shape.last
      if let unit = view.unit, !(0..<units).contains(unit) {
        throw ConfigurationError(
          "unit", "unit is \(unit); the layer '\(name)' has units 0 to \(units - 1)")
      }
    } else if view.unit != nil {
      throw ConfigurationError("unit", "--unit needs --layer: which layer's unit?")
    }
    if let (path, _) = view.weight,
      !layers.contains(where: { $0.parameters.contains { $0.path == path } })
    {
      throw ConfigurationError.unknown(
        "parameter", path, known: layers.flatMap { $0.parameters.map(\.path) })
    }
    if view.form == .jacobian, !arrays.keys.contains(where: { $0.contains(":jacobian.") }) {
      throw ConfigurationError(
        "form", "the form jacobian needs an explanation made with includesJacobian: true")
    }
    if view.weight != nil,
      view.layer != nil || view.unit != nil || view.form != nil || view.isPseudocode
    {
      throw ConfigurationError(
        "weight", "one weight stands alone: leave --layer, --unit, --form and --pseudocode out")
    }
    if let top = view.top, top < 1 {
      throw ConfigurationError("top", "top is \(top); expected a whole number of at least 1")
    }
  }

  // MARK: parts

  /// What was computed: the first line says it in short.
  var introduction: [String] {
    let samples =
      sampleCount == 1 ? "one sample" : "\(sampleCount) samples, numbers of sample \(sample)"
    let extras = parts.regularization.words
    var lines = [
      "\(([loss, optimizer] + extras).joined(separator: ", ")), \(samples). Cost "
        + "\(Digits.full(cost)), after the update \(Digits.full(costAfter))."
    ]
    lines += subject
    lines.append(
      "w with the indices j, k leads from unit k to unit j: it is [k, j] of the stored array. Units, "
        + "inputs and samples count from 0.")
    if let coupling {
      lines.append(
        "There is no error of a single sample: \(coupling). So ∂C/∂z of the batch (adjoint) stands "
          + "in place of δ.")
    } else if sampleCount > 1 {
      lines.append(
        "δ is the error of the sample, ∂Cₓ/∂z; gradients are means over the \(sampleCount) samples."
      )
    }
    let frozen = layers.flatMap(\.parameters).filter { !$0.isTrained }.map(\.path)
    if !frozen.isEmpty { lines.append("Not trained: \(frozen.joined(separator: ", ")).") }
    for (term, value) in [("L1", parts.regularization.l1), ("L2", parts.regularization.l2)]
    where value != nil {
      lines.append(
        "The cost is shown without the \(term) term; gradients too, the update has it.")
    }
    if order == .sequential {
      lines.append(
        "Order sequential: each layer is updated before the error goes on, so the gradients below "
          + "it are not those of the cost.")
    }
    if !cost.isFinite {
      lines.append("The cost is not a finite number: inputs, weights or targets are too large.")
    }
    return lines
  }

  /// A row for each layer.
  var overview: [[String]] {
    var rows = [
      [
        "layer", "kind", "units", "a from", "a to", "‖\(coupling == nil ? "δ" : "∂C/∂z")‖",
        "‖∂C/∂θ‖", "‖θ‖",
        "‖Δθ‖/‖θ‖",
      ] + (trainedArrays.isEmpty ? [] : ["\(precision.rawValue): Δz", "Δ∂C/∂θ"])
    ]
    for layer in layers {
      let a = layer.activation.array(of: Double.self)
      let error = (layer.delta ?? layer.adjoint).array(of: Double.self)
      let parameters = layer.parameters
      let gradient = parameters.flatMap { $0.gradient.array(of: Double.self) }
      let value = parameters.flatMap { $0.value.array(of: Double.self) }
      let next = parameters.flatMap { $0.next.array(of: Double.self) }
      let norm = MatrixBlock.norm(value)
      let change = MatrixBlock.norm(zip(next, value).map { $0 - $1 })
      let has = !parameters.isEmpty
      rows.append(
        [
          layer.name, layer.kind, "\(layer.activation.shape.last)",
          Digits.short(a.min() ?? 0, 4), Digits.short(a.max() ?? 0, 4),
          Digits.short(MatrixBlock.norm(error), 4),
          has ? Digits.short(MatrixBlock.norm(gradient), 4) : "",
          has ? Digits.short(norm, 4) : "",
          has && norm > 0 ? Digits.short(change / norm, 3) : "",
        ]
          + (trainedArrays.isEmpty
            ? []
            : [
              Digits.short(
                difference(layer.weightedInput == nil ? "\(layer.name):a" : "\(layer.name):z"), 2),
              Digits.short(parameters.map { difference("\($0.path).gradient") }.max() ?? 0, 2),
            ]))
    }
    return rows
  }

  /// The greatest difference of an array between float64 and the precision of training.
  private func difference(_ name: String) -> Double {
    guard let exact = arrays[name], let trained = trainedArrays[name] else { return 0 }
    return zip(exact.values, trained.values).map { ($0 - $1).magnitude }.max() ?? 0
  }

  /// Whether errors die out or blow up on their way back.
  var gradientRemark: String? {
    func size(_ layer: LayerExplanation) -> Double {
      let error = (layer.delta ?? layer.adjoint).array(of: Double.self)
      return MatrixBlock.norm(error) / Double(max(error.count, 1)).squareRoot()
    }
    guard let first = denseLayers.first, let last = denseLayers.last, first.name != last.name,
      size(last) > 0
    else { return nil }
    let ratio = size(first) / size(last)
    let text =
      "The error of a unit in \(first.name) is \(Digits.short(ratio, 3)) of that in \(last.name)"
    if ratio < 1e-3 { return "\(text): the gradient vanishes on its way back." }
    if ratio > 1e3 { return "\(text): the gradient explodes on its way back." }
    return nil
  }

  /// Every number with its formula, pass by pass.
  private func walk(_ view: ExplanationView, _ document: inout Document) {
    let titles: [Figure.Pass: String] = [
      .forward: "Forward pass", .cost: "Cost", .backward: "Backward pass", .update: "Update",
    ]
    var pass = Figure.Pass.given
    for figure in figures(view) {
      if figure.pass != pass {
        pass = figure.pass
        document.heading(2, titles[pass] ?? "")
        if pass == .backward { laws(view.form ?? .element).forEach { document.blocks.append($0) } }
      }
      document.blocks.append(.figure(figure, alias: aliases[figure.id]))
    }
    let isBare = figures(view).contains {
      $0.forms.isEmpty && $0.pass != .update && !$0.id.contains("cost")
    }
    if isBare {
      document.paragraph(
        "A number without a formula was read off the graph: its layer or cost has no classical "
          + "formula, or an output is so saturated that the formula fails in floating point.")
    }
    for layer in layers where parts.dense[layer.name] == nil { operations(layer, &document) }
  }

  func checked(_ document: inout Document) {
    guard !checks.isEmpty else { return }
    // Single weights of a large array are checked beside their formulas.
    let large = layers.flatMap(\.parameters).filter {
      $0.value.shape.count > ExplanationChecker.elementLimit
    }
    let checks = checks.filter { check in !large.contains { check.name.hasPrefix("\($0.path)[") } }
    document.heading(2, "Checked against finite differences")
    var rows = [["derivative", "backpropagation", "differences", "error"]]
    rows += checks.map { check in
      [
        check.name, Digits.short(check.analytic, 10),
        check.numeric.map { Digits.short($0, 10) } ?? "kink", Digits.short(check.error, 2),
      ]
    }
    document.blocks.append(.table(rows, rightAligned: [1, 2, 3]))
  }

  func costHistory(_ document: inout Document) {
    guard !costs.isEmpty else { return }
    document.heading(2, "Cost after each update")
    let whose = sampleCount == 1 ? "outputs" : "outputs of sample \(sample)"
    var rows = [["updates", "cost", whose]]
    // Of many: the first ten, 20, 50, 100, 200, … and the last.
    let shown = costs.filter { cost in
      let step = cost.step
      let digits = "\(step)"
      let isRound = "125".contains(digits.first!) && digits.dropFirst().allSatisfy { $0 == "0" }
      return costs.count <= 20 || step <= 10 || isRound || step == costs.count
    }
    rows += shown.map { cost in
      [
        "\(cost.step)", Digits.full(cost.cost),
        cost.outputs.prefix(4).map { Digits.full($0) }.joined(separator: ", ")
          + (cost.outputs.count > 4 ? ", …" : ""),
      ]
    }
    document.blocks.append(.table(rows, rightAligned: [0]))
  }
}
