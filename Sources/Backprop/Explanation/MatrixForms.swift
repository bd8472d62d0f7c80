/// One layer's equations with its matrices: as matrices, with diagonals, or by each output's
/// derivative.
///
/// Only what the graph's numbers bear out is written.
struct MatrixForms {
  let explanation: Explanation
  let maker: FigureMaker

  init(_ explanation: Explanation) {
    self.explanation = explanation
    maker = FigureMaker(explanation: explanation)
  }

  /// z = W·a + b and the four equations of a layer.
  func equations(_ layer: String, _ form: ExplanationView.Form) -> [Document.Block] {
    let dense = maker.dense(layer)
    let errors = row("\(layer):\(maker.error)")
    guard !errors.isEmpty else { return [] }
    var blocks = [forward(layer)]
    let delta = column(errorSymbol(layer), errors)
    if let (right, values) = inner(layer, form), holds(values, errors) {
      blocks.append(.equation(left: errorSymbol(layer), right: right, result: delta))
    }
    let cost = explanation.sampleCost
    if dense.biasPath != nil {
      let left = Formula.derivative(of: cost, by: marked(.symbol("b", layer: dense.number)))
      blocks.append(
        dense.sharesBias
          ? .equation(
            left: left, right: maker.sum((0..<dense.units).map { maker.delta(layer, $0) }),
            result: .number(errors.reduce(0, +)))
          : .equation(left: left, right: delta, result: delta))
    }
    let entering = row("\(layer):in")
    let products = errors.flatMap { error in entering.map { error * $0 } }
    let left = Formula.derivative(of: cost, by: marked(.symbol("W", layer: dense.number)))
    blocks.append(
      .equation(
        left: left, right: delta * .transpose(column(maker.enteringSymbol(layer), entering)),
        result: matrix(left, products, rows: dense.units, columns: dense.inputs)))
    return blocks
  }

  /// Where samples are coupled, what one of them contributes is marked as its own.
  private func marked(_ symbol: Formula) -> Formula {
    guard explanation.coupling != nil, explanation.sampleCount > 1,
      case .symbol(var letter) = symbol
    else { return symbol }
    letter.sample = explanation.sample
    return .symbol(letter)
  }

  private func forward(_ layer: String) -> Document.Block {
    let dense = maker.dense(layer)
    let z = Formula.symbol("z", layer: dense.number)
    var right = weights(layer) * column(maker.enteringSymbol(layer), row("\(layer):in"))
    if let path = dense.biasPath, let values = explanation.arrays[path]?.values {
      let biases = dense.sharesBias ? [Double](repeating: values[0], count: dense.units) : values
      right = right + column(.symbol("b", layer: dense.number), biases)
    }
    return .equation(left: z, right: right, result: column(z, row("\(layer):z")))
  }

  /// The right side of BP1 or BP2, and what it gives.
  private func inner(
    _ layer: String, _ form: ExplanationView.Form
  ) -> (Formula, [Double])? {
    let dense = maker.dense(layer)
    if maker.usesProbability(layer) {
      let (p, t) = (row("probability"), row("target"))
      let right = column(.symbol("p", layer: dense.number), p) - column(.symbol("t"), t)
      return (right, zip(p, t).map { $0 - $1 })
    }
    guard let (right, values) = outward(layer) else { return nil }
    guard dense.activation != nil else { return (right, values) }
    guard let slopes = slopes(layer) else { return nil }
    let vector = column(.call(.slope, .symbol("z", layer: dense.number)), slopes)
    let joined: Formula =
      form == .matrix
      ? .hadamard([right, vector]) : .product([.diagonal(vector)] + explanation.factors(right))
    return (joined, zip(values, slopes).map { $0 * $1 })
  }

  /// ∇C of the output layer, or (W)ᵀ·δ of the next.
  private func outward(_ layer: String) -> (Formula, [Double])? {
    let dense = maker.dense(layer)
    let values = (0..<dense.units).compactMap { maker.outward(layer, $0).evaluated() }
    if dense.isOutput { return (column(.letter("∇C"), values), values) }
    guard let next = dense.next else { return nil }
    let right =
      Formula.transpose(weights(next, isBackward: true))
      * column(errorSymbol(next), row("\(next):\(maker.error)"))
    return (right, values)
  }

  // MARK: each output's derivative

  /// Article 3's form: the derivative of each output, layer by layer, and the cost only at the end.
  func jacobian(_ layer: String) -> [Document.Block] {
    let dense = maker.dense(layer)
    let outputs = explanation.arrays.keys.compactMap { key -> Int? in
      key.hasPrefix("\(layer):jacobian.") ? Int(key.split(separator: ".").last ?? "") : nil
    }.sorted()
    let entering = column(maker.enteringSymbol(layer), row("\(layer):in"))
    var blocks: [Document.Block] = []
    for output in outputs {
      guard let values = explanation.arrays["\(layer):jacobian.\(output)"]?.values else { continue }
      let o = Formula.symbol("o", [output])
      let left = Formula.derivative(of: o, by: .symbol("z", layer: dense.number))
      let result = column(left, values)
      if let right = derivative(layer, output) {
        blocks.append(.equation(left: left, right: right, result: result))
      }
      let byWeights = Formula.derivative(of: o, by: .symbol("V", layer: dense.number))
      let products = row("\(layer):in").flatMap { entry in values.map { entry * $0 } }
      blocks.append(
        .equation(
          left: byWeights, right: entering * .transpose(result),
          result: matrix(byWeights, products, rows: dense.inputs, columns: dense.units)))
    }
    return blocks + [costByWeights(layer, outputs)].compactMap { $0 }
  }

  /// diag(φ′) · V · ∂o/∂z of the next layer; diag(φ′) · e at the output.
  private func derivative(_ layer: String, _ output: Int) -> Formula? {
    let dense = maker.dense(layer)
    let slopes = slopes(layer).map {
      column(.call(.activationSlope, .symbol("z", layer: dense.number)), $0)
    }
    if dense.isOutput {
      let unit = (0..<dense.units).map { $0 == output ? 1.0 : 0 }
      let e = column(.symbol("e", [output]), unit)
      if dense.activation == nil { return e }
      return slopes.map { .diagonal($0) * e }
    }
    guard let next = dense.next,
      let further = explanation.arrays["\(next):jacobian.\(output)"]?.values,
      let stored = explanation.arrays[maker.dense(next).weightPath]?.values
    else { return nil }
    let (number, nextDense) = (maker.dense(next).number, maker.dense(next))
    let back =
      matrix(
        .symbol("V", layer: number), stored, rows: nextDense.inputs, columns: nextDense.units)
      * column(
        .derivative(of: .symbol("o", [output]), by: .symbol("z", layer: number)), further)
    if dense.activation == nil { return back }
    return slopes.map { .product([.diagonal($0)] + explanation.factors(back)) }
  }

  /// Σ over outputs of ∂C/∂o · ∂o/∂V, for the sample shown: not where outputs are left out, or
  /// errors went through updated weights.
  private func costByWeights(_ layer: String, _ outputs: [Int]) -> Document.Block? {
    let dense = maker.dense(layer)
    guard let last = explanation.outputLayer, outputs.count == maker.dense(last).units,
      explanation.order == .simultaneous
    else { return nil }
    let byWeights = { (output: Int) -> Formula in
      .derivative(of: .symbol("o", [output]), by: .symbol("V", layer: dense.number))
    }
    let terms = outputs.map { output -> Formula in
      // Where the cost applies softmax itself, the outputs are the logits, and ∂C/∂o is δ.
      (maker.usesProbability(last) ? maker.delta(last, output) : maker.outward(last, output))
        * byWeights(output)
    }
    let left = Formula.derivative(
      of: explanation.sampleCost, by: marked(.symbol("V", layer: dense.number)))
    let errors = row("\(layer):\(maker.error)")
    let products = row("\(layer):in").flatMap { entry in errors.map { entry * $0 } }
    return .equation(
      left: left, right: terms.count == 1 ? terms[0] : .sum(terms),
      result: matrix(left, products, rows: dense.inputs, columns: dense.units))
  }

  // MARK: numbers

  /// The numbers of the sample shown.
  private func row(_ array: String) -> [Double] {
    guard let numbers = explanation.arrays[array] else { return [] }
    let width = numbers.shape.count / max(explanation.sampleCount, 1)
    return Array(numbers.values[explanation.sample * width..<(explanation.sample + 1) * width])
  }

  private func slopes(_ layer: String) -> [Double]? {
    let found = (0..<maker.dense(layer).units).map { maker.slope(layer, $0)?.evaluated() }
    return found.contains(nil) ? nil : found.compactMap { $0 }
  }

  private func holds(_ values: [Double], _ errors: [Double]) -> Bool {
    let scale = errors.reduce(1e-300) { max($0, $1.magnitude) }
    return values.count == errors.count
      && zip(values, errors).allSatisfy { ($0 - $1).magnitude <= 1e-9 * scale }
  }

  private func errorSymbol(_ layer: String) -> Formula {
    let number = maker.dense(layer).number
    return maker.error == "delta"
      ? .symbol("δ", layer: number)
      : .derivative(of: .letter("C"), by: .symbol("z", layer: number))
  }

  /// The weights with a row for each unit: the stored array transposed.
  private func weights(_ layer: String, isBackward: Bool = false) -> Formula {
    let dense = maker.dense(layer)
    let isNext = isBackward && explanation.order == .sequential
    let stored =
      explanation.arrays[isNext ? "\(dense.weightPath).next" : dense.weightPath]?.values ?? []
    let rows = (0..<dense.units).flatMap { unit in
      (0..<dense.inputs).map { stored[$0 * dense.units + unit] }
    }
    return matrix(
      .symbol(isNext ? "W⁺" : "W", layer: dense.number), rows, rows: dense.units,
      columns: dense.inputs)
  }

  /// A matrix of numbers with its symbol, abridged.
  private func matrix(
    _ symbol: Formula, _ values: [Double], rows: Int, columns: Int
  ) -> Formula {
    let shown = MatrixBlock("", values, rows: rows, columns: columns, limit: 4)
    return .matrix(.init(symbol: symbol, rows: shown.gapped(shown.values)))
  }

  private func column(_ symbol: Formula, _ values: [Double]) -> Formula {
    matrix(symbol, values, rows: values.count, columns: 1)
  }
}
