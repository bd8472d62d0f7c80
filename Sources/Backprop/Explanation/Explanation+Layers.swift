import BackpropCore

extension Explanation {
  /// One layer: the equations with its matrices, or what its ops do.
  func describe(
    _ layer: LayerExplanation, _ view: ExplanationView, _ document: inout Document
  ) {
    guard let dense = parts.dense[layer.name] else { return operations(layer, &document) }
    document.heading(2, "\(layer.name): \(layer.kind), \(dense.inputs) → \(dense.units)")
    if view.unit == nil, view.layer != nil || view.form != nil { matrices(layer, &document) }
    if view.layer != nil { laws(view.form ?? .element).forEach { document.blocks.append($0) } }
    switch view.form ?? .element {
    case .element:
      let own = ExplanationView(
        form: .element, layer: layer.name, unit: view.unit, top: view.top)
      for figure in figures(own) {
        document.blocks.append(.figure(figure, alias: aliases[figure.id]))
      }
    case .matrix, .diagonal: matrixForm(layer, view.form ?? .matrix, &document)
    case .jacobian: jacobianForm(layer, &document)
    }
  }

  /// The matrices and vectors of a layer, abridged.
  private func matrices(_ layer: LayerExplanation, _ document: inout Document) {
    func add(_ title: String, _ tensor: Tensor?) {
      guard let tensor, tensor.shape.count > 0 else { return }
      let columns = max(tensor.shape.last, 1)
      document.blocks.append(
        .matrix(
          MatrixBlock(
            title, tensor.array(of: Double.self), rows: tensor.shape.count / columns,
            columns: columns)))
    }
    add("in", layer.input)
    add("\(layer.name).z", layer.weightedInput)
    if layer.weightedInput == nil || parts.dense[layer.name]?.activation != nil {
      add("\(layer.name).a", layer.activation)
    }
    add("\(layer.name).delta", layer.delta)
    if layer.delta == nil || sampleCount > 1 { add("\(layer.name).adjoint", layer.adjoint) }
    for parameter in layer.parameters {
      add(parameter.path + (parameter.isTrained ? "" : " (not trained)"), parameter.value)
      add("∂C/∂\(parameter.path)", parameter.gradient)
    }
  }

  /// A layer of another form: its ops, each with its documented derivative.
  func operations(_ layer: LayerExplanation, _ document: inout Document) {
    document.heading(2, "\(layer.name): \(layer.kind)")
    matrices(layer, &document)
    document.paragraph(
      "No classical equations: each op gives its derivative. g is ∂C/∂(its output); #n is the op in "
        + "line n.")
    var rows = [["#", "op", "of", "output", "‖output‖", "‖g‖"]]
    var derivatives = [["op", "derivative"]]
    for (index, op) in layer.operations.enumerated() {
      rows.append([
        "\(index + 1)", op.name, op.inputs.joined(separator: ", "), "\(op.output.shape)",
        Digits.short(MatrixBlock.norm(op.output.array(of: Double.self)), 4),
        op.adjoint.map { Digits.short(MatrixBlock.norm($0.array(of: Double.self)), 4) } ?? "-",
      ])
      if !derivatives.contains(where: { $0[0] == op.name }) {
        derivatives.append([op.name, op.derivative])
      }
    }
    document.blocks.append(.table(rows, rightAligned: [0, 4, 5]))
    document.blocks.append(.table(derivatives, rightAligned: []))
  }

  /// BP1 to BP4 in general.
  func laws(_ form: ExplanationView.Form) -> [Document.Block] {
    let cost = sampleCost
    func law(_ name: String, _ left: Formula, _ right: Formula) -> Document.Block {
      .law(name: name, left: left, right: right)
    }
    let delta: (String) -> Formula = { .letter("δ", layer: $0) }
    let z: (String) -> Formula = { .letter("z", layer: $0) }
    let slope: (Formula) -> Formula = { .call(.slope, $0) }
    let nabla = Formula.letter("∇C")
    switch form {
    case .element:
      let deltaJ = Formula.letter("δ", layer: "l", "j")
      let zJ = Formula.letter("z", layer: "l", "j")
      let aK = Formula.letter("a", layer: "l-1", "k")
      return [
        law(
          "BP1", .letter("δ", layer: "L", "j"),
          .derivative(of: cost, by: .letter("a", layer: "L", "j"))
            * slope(.letter("z", layer: "L", "j"))),
        law(
          "BP2", deltaJ,
          slope(zJ)
            * .series(
              index: "k", .letter("w", layer: "l+1", "k", "j") * .letter("δ", layer: "l+1", "k"))),
        law("BP3", .derivative(of: cost, by: .letter("b", layer: "l", "j")), deltaJ),
        law(
          "BP4", .derivative(of: cost, by: .letter("w", layer: "l", "j", "k")),
          aK * deltaJ),
      ]
    case .matrix:
      return [
        law("BP1", delta("L"), .hadamard([nabla, slope(z("L"))])),
        law(
          "BP2", delta("l"),
          .hadamard([.transpose(.letter("W", layer: "l+1")) * delta("l+1"), slope(z("l"))])),
        law("BP3", .derivative(of: cost, by: .letter("b", layer: "l")), delta("l")),
        law(
          "BP4", .derivative(of: cost, by: .letter("W", layer: "l")),
          delta("l") * .transpose(.letter("a", layer: "l-1"))),
      ]
    case .diagonal:
      return [
        law("BP1", delta("L"), .diagonal(slope(z("L"))) * nabla),
        law(
          "BP2", delta("l"),
          .diagonal(slope(z("l"))) * .transpose(.letter("W", layer: "l+1")) * delta("l+1")),
      ]
    case .jacobian:
      let output = Formula.letter("o", "i")
      return [
        law(
          "", .derivative(of: output, by: z("l-1")),
          .diagonal(.call(.activationSlope, z("l-1"))) * .letter("V", layer: "l")
            * .derivative(of: output, by: z("l"))),
        law(
          "", .derivative(of: cost, by: .letter("θ")),
          .series(
            index: "i",
            .derivative(of: cost, by: output) * .derivative(of: output, by: .letter("θ")))),
      ]
    }
  }

  // MARK: matrices

  /// A column or matrix of numbers with its symbol, abridged.
  private func matrix(
    _ symbol: Formula, _ values: [Double], rows: Int, columns: Int
  ) -> Formula {
    let (shownRows, shownColumns) = (MatrixBlock.places(rows, 4), MatrixBlock.places(columns, 4))
    func gaps(_ places: [Int]) -> [Int?] {
      var result: [Int?] = []
      for (index, place) in places.enumerated() {
        if index > 0, places[index - 1] + 1 != place { result.append(nil) }
        result.append(place)
      }
      return result
    }
    let numbers = gaps(shownRows).map { row in
      gaps(shownColumns).map { column -> Double? in
        row.flatMap { row in column.map { values[row * columns + $0] } }
      }
    }
    return .matrix(.init(symbol: symbol, rows: numbers))
  }

  private func column(_ symbol: Formula, _ values: [Double]) -> Formula {
    matrix(symbol, values, rows: values.count, columns: 1)
  }

  /// The numbers of the sample shown.
  func row(_ array: String) -> [Double] {
    guard let numbers = arrays[array] else { return [] }
    let width = numbers.shape.count / max(sampleCount, 1)
    return Array(numbers.values[sample * width..<(sample + 1) * width])
  }

  /// The weights of a layer with a row for each unit: the stored array transposed.
  private func textbookWeights(_ layer: String) -> Formula {
    let dense = parts.dense[layer]!
    let stored =
      arrays[order == .sequential ? "\(dense.weightPath).next" : dense.weightPath]?.values
      ?? arrays[dense.weightPath]?.values ?? []
    let rows = (0..<dense.units).flatMap { unit in
      (0..<dense.inputs).map { stored[$0 * dense.units + unit] }
    }
    return matrix(
      .symbol("W", layer: dense.number), rows, rows: dense.units, columns: dense.inputs)
  }

  private func slopes(_ layer: String) -> [Double]? {
    let maker = FigureMaker(explanation: self)
    let dense = parts.dense[layer]!
    let found = (0..<dense.units).map { maker.slope(layer, $0)?.evaluated() }
    return found.contains(nil) ? nil : found.compactMap { $0 }
  }

  private func matrixForm(
    _ layer: LayerExplanation, _ form: ExplanationView.Form, _ document: inout Document
  ) {
    let (name, dense) = (layer.name, parts.dense[layer.name]!)
    let maker = FigureMaker(explanation: self)
    let number = dense.number
    let errors = row("\(name).\(maker.error)")
    let symbol: Formula =
      maker.error == "delta"
      ? .symbol("δ", layer: number)
      : .derivative(of: .letter("C"), by: .symbol("z", layer: number))
    let delta = column(symbol, errors)
    var inner: Formula?
    if maker.usesProbability(name) || dense.isOutput {
      let values = (0..<dense.units).compactMap { maker.outward(name, $0).evaluated() }
      inner = column(.letter("∇C"), values)
    } else if let next = dense.next {
      let nextDense = parts.dense[next]!
      let nextSymbol: Formula =
        maker.error == "delta"
        ? .symbol("δ", layer: nextDense.number)
        : .derivative(of: .letter("C"), by: .symbol("z", layer: nextDense.number))
      inner =
        .transpose(textbookWeights(next)) * column(nextSymbol, row("\(next).\(maker.error)"))
    }
    if let inner {
      if maker.usesProbability(name) {
        let p = column(.symbol("p", layer: number), row("probability"))
        document.blocks.append(
          .equation(left: symbol, right: p - column(.symbol("t"), row("target")), result: delta))
      } else if dense.activation == nil {
        document.blocks.append(.equation(left: symbol, right: inner, result: delta))
      } else if let slopes = slopes(name) {
        let vector = column(.call(.slope, .symbol("z", layer: number)), slopes)
        let right: Formula =
          form == .matrix
          ? .hadamard([inner, vector]) : .product([.diagonal(vector)] + Self.factors(inner))
        document.blocks.append(.equation(left: symbol, right: right, result: delta))
      }
    }
    gradients(layer, symbol, delta, &document)
  }

  private static func factors(_ formula: Formula) -> [Formula] {
    if case .product(let factors) = formula { factors } else { [formula] }
  }

  /// BP3 and BP4 with the numbers of the sample shown.
  private func gradients(
    _ layer: LayerExplanation, _ symbol: Formula, _ delta: Formula, _ document: inout Document
  ) {
    let dense = parts.dense[layer.name]!
    let cost = sampleCost
    let entering = row("\(layer.name).in")
    let a = column(
      dense.inputArray == "input" ? .letter("x") : .symbol("a", layer: dense.number - 1), entering)
    let errors = row("\(layer.name).\(coupling == nil ? "delta" : "adjoint")")
    if dense.biasPath != nil, !dense.sharesBias {
      document.blocks.append(
        .equation(
          left: .derivative(of: cost, by: .symbol("b", layer: dense.number)), right: delta,
          result: delta))
    }
    let products = errors.flatMap { error in entering.map { error * $0 } }
    let left = Formula.derivative(of: cost, by: .symbol("W", layer: dense.number))
    document.blocks.append(
      .equation(
        left: left, right: delta * .transpose(a),
        result: matrix(left, products, rows: dense.units, columns: dense.inputs)))
    if sampleCount > 1, let weight = layer.parameters.first(where: { $0.path == dense.weightPath })
    {
      document.blocks.append(
        .matrix(
          MatrixBlock(
            coupling == nil
              ? "∂C/∂W, the mean over the \(sampleCount) samples, as stored [inputs, outputs]"
              : "∂C/∂W, the sum over the \(sampleCount) samples, as stored [inputs, outputs]",
            weight.gradient.array(of: Double.self), rows: dense.inputs, columns: dense.units)))
    }
  }

  /// Article 3's form: the derivative of each output, layer by layer, and the cost only at the end.
  private func jacobianForm(_ layer: LayerExplanation, _ document: inout Document) {
    let (name, dense) = (layer.name, parts.dense[layer.name]!)
    let outputs = arrays.keys.compactMap { key -> Int? in
      key.hasPrefix("\(name).jacobian.") ? Int(key.split(separator: ".").last ?? "") : nil
    }.sorted()
    for output in outputs {
      guard let values = arrays["\(name).jacobian.\(output)"]?.values else { continue }
      let o = Formula.symbol("o", [output])
      let left = Formula.derivative(of: o, by: .symbol("z", layer: dense.number))
      let result = column(left, values)
      let phi = slopes(name).map {
        column(.call(.activationSlope, .symbol("z", layer: dense.number)), $0)
      }
      if let next = dense.next, let phi, let nextDense = parts.dense[next],
        let further = arrays["\(next).jacobian.\(output)"]?.values,
        let stored = arrays[nextDense.weightPath]?.values
      {
        let weights = matrix(
          .symbol("V", layer: nextDense.number), stored, rows: nextDense.inputs,
          columns: nextDense.units)
        let right = Formula.product([
          .diagonal(phi), weights,
          column(.derivative(of: o, by: .symbol("z", layer: nextDense.number)), further),
        ])
        document.blocks.append(.equation(left: left, right: right, result: result))
      } else if let phi, dense.isOutput {
        let unit = (0..<dense.units).map { $0 == output ? 1.0 : 0 }
        document.blocks.append(
          .equation(
            left: left, right: .diagonal(phi) * column(.symbol("e", [output]), unit), result: result
          ))
      } else {
        document.blocks.append(.equation(left: left, right: result, result: result))
      }
      let entering = row("\(name).in")
      let x = column(
        dense.inputArray == "input" ? .letter("x") : .symbol("a", layer: dense.number - 1), entering
      )
      let byWeights = Formula.derivative(of: o, by: .symbol("V", layer: dense.number))
      document.blocks.append(
        .equation(
          left: byWeights, right: x * .transpose(result),
          result: matrix(
            byWeights, entering.flatMap { entry in values.map { entry * $0 } },
            rows: dense.inputs, columns: dense.units)))
    }
    guard let weight = layer.parameters.first(where: { $0.path == dense.weightPath }) else {
      return
    }
    let maker = FigureMaker(explanation: self)
    let last = outputLayer ?? name
    let terms = outputs.map { output -> Formula in
      maker.outward(last, output)
        * Formula.derivative(of: .symbol("o", [output]), by: .symbol("V", layer: dense.number))
    }
    let left = Formula.derivative(of: .letter("C"), by: .symbol("V", layer: dense.number))
    document.blocks.append(
      .equation(
        left: left, right: terms.count == 1 ? terms[0] : .sum(terms),
        result: matrix(
          left, weight.gradient.array(of: Double.self), rows: dense.inputs, columns: dense.units)))
  }
}
