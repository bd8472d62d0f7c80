import BackpropCore

/// Makes the figures of an explanation.
struct FigureMaker {
  let explanation: Explanation
  /// How many terms of a sum are written out.
  var termLimit = 5
  /// The cost; nil if it is a user's own.
  let loss: LossForm?

  init(explanation: Explanation) {
    self.explanation = explanation
    loss = LossForm(
      explanation.parts.loss, outputs: explanation.arrays["prediction"]?.shape.last ?? 1,
      samples: explanation.sampleCount,
      cost: .quantity(.init(id: "cost", symbol: .letter("C"), value: explanation.cost)))
  }

  /// What a derivative of one sample's cost is divided by to be one of the batch's: m where samples
  /// are coupled by a layer, 1 else.
  private var batchDivisor: Double {
    explanation.coupling != nil && explanation.parts.loss is any SampleLoss
      ? Double(explanation.sampleCount) : 1
  }

  private func divided(_ formula: Formula, by divisor: Double) -> Formula {
    divisor == 1 ? formula : formula / .number(divisor)
  }

  /// The name of errors: of a sample where they exist, else of the batch.
  var error: String { explanation.coupling == nil ? "delta" : "adjoint" }
  private var outward: String { explanation.coupling == nil ? "a.gradient" : "a.adjoint" }
  func dense(_ layer: String) -> DenseParts { explanation.parts.dense[layer]! }

  // MARK: numbers

  /// An element of an array that has a row for each sample.
  func number(_ array: String, _ index: Int, sample: Int? = nil) -> Double {
    guard let numbers = explanation.arrays[array] else { return .nan }
    let width = numbers.shape.count / max(explanation.sampleCount, 1)
    return numbers.values[(sample ?? explanation.sample) * width + index]
  }

  private func parameter(_ array: String, _ index: Int) -> Double {
    explanation.arrays[array]?.values[index] ?? .nan
  }

  private func quantity(_ id: String, _ symbol: Formula, _ value: Double) -> Formula {
    .quantity(.init(id: id, symbol: symbol, value: value))
  }

  private func quantity(_ id: String, _ symbol: Formula) -> Formula {
    quantity(id, symbol, parameter(id, 0))
  }

  private func at(_ sample: Int?) -> String {
    sample.flatMap { $0 == explanation.sample ? nil : "@\($0)" } ?? ""
  }

  // MARK: what formulas are made of

  /// What enters a layer.
  ///
  /// - Parameter sample: which one; nil for the sample shown, and no mark of it.
  func entering(_ layer: String, _ index: Int, sample: Int? = nil) -> Formula {
    let parts = dense(layer)
    let value = number("\(layer):in", index, sample: sample)
    let symbol = enteringSymbol(layer, [index], sample: sample)
    return quantity("\(parts.inputArray)[\(index)]\(at(sample))", symbol, value)
  }

  /// x for the network's input, a of the layer before, or u for what another kind of layer gives.
  func enteringSymbol(_ layer: String, _ indices: [Int] = [], sample: Int? = nil) -> Formula {
    let parts = dense(layer)
    if parts.inputArray == "input" { return .symbol("x", indices, sample: sample) }
    guard let number = parts.inputNumber else {
      return .symbol("u", layer: parts.number, indices, sample: sample)
    }
    return .symbol("a", layer: number, indices, sample: sample)
  }

  func z(_ layer: String, _ unit: Int) -> Formula {
    quantity(
      "\(layer).z[\(unit)]", .symbol("z", layer: dense(layer).number, [unit]),
      number("\(layer):z", unit))
  }

  /// The activation; where the cost applies softmax or sigmoid itself, the probability.
  func a(_ layer: String, _ unit: Int) -> Formula {
    let number = dense(layer).number
    if usesProbability(layer) {
      return quantity(
        "\(layer).p[\(unit)]", .symbol("p", layer: number, [unit]),
        self.number("probability", unit))
    }
    if dense(layer).activation == nil { return z(layer, unit) }
    return quantity(
      "\(layer).a[\(unit)]", .symbol("a", layer: number, [unit]), self.number("\(layer):a", unit))
  }

  func usesProbability(_ layer: String) -> Bool {
    dense(layer).isOutput && dense(layer).activation == nil && loss?.fused != nil
  }

  func target(_ unit: Int) -> Formula {
    quantity("target[\(unit)]", .symbol("t", [unit]), number("target", unit))
  }

  func weight(_ layer: String, _ input: Int, _ unit: Int) -> Formula {
    let parts = dense(layer)
    return quantity(
      "\(parts.weightPath)[\(input),\(unit)]",
      .symbol("w", layer: parts.number, [unit, input]),
      parameter(parts.weightPath, input * parts.units + unit))
  }

  func bias(_ layer: String, _ unit: Int) -> Formula? {
    let parts = dense(layer)
    guard let path = parts.biasPath else { return nil }
    let index = parts.sharesBias ? 0 : unit
    return quantity(
      "\(path)[\(index)]", .symbol("b", layer: parts.number, parts.sharesBias ? [] : [unit]),
      parameter(path, index))
  }

  func delta(_ layer: String, _ unit: Int, sample: Int? = nil) -> Formula {
    let symbol: Formula =
      error == "delta"
      ? .symbol("δ", layer: dense(layer).number, [unit], sample: sample)
      : .derivative(
        of: .symbol("C"), by: .symbol("z", layer: dense(layer).number, [unit], sample: sample))
    return quantity(
      "\(layer).\(error)[\(unit)]\(at(sample))", symbol,
      number("\(layer):\(error)", unit, sample: sample))
  }

  func outward(_ layer: String, _ unit: Int) -> Formula {
    let letter = usesProbability(layer) ? "p" : dense(layer).activation == nil ? "z" : "a"
    let symbol = Formula.derivative(
      of: explanation.sampleCost, by: .symbol(letter, layer: dense(layer).number, [unit]))
    let id = "\(layer).\(letter)[\(unit)].gradient"
    if usesProbability(layer) {
      let slope = loss.map { divided($0.slope(a(layer, unit), target(unit)), by: batchDivisor) }
      return quantity(id, symbol, slope?.evaluated() ?? .nan)
    }
    return quantity(id, symbol, number("\(layer):\(outward)", unit))
  }

  func slope(_ layer: String, _ unit: Int) -> Formula? {
    let parts = dense(layer)
    guard let form = parts.activation, form.isDiagonal,
      let value = form.slope(z(layer, unit), a(layer, unit))?.evaluated()
    else { return nil }
    let symbol = Formula.derivative(
      of: .symbol("a", layer: parts.number, [unit]), by: .symbol("z", layer: parts.number, [unit]))
    return quantity("\(layer).slope[\(unit)]", symbol, value)
  }

  /// A sum of which only the greatest terms are written out where there are many.
  func sum(_ terms: [Formula]) -> Formula {
    guard terms.count > termLimit else { return terms.count == 1 ? terms[0] : .sum(terms) }
    let sizes = terms.map { $0.evaluated()?.magnitude ?? 0 }
    let kept = Set(terms.indices.sorted { sizes[$0] > sizes[$1] }.prefix(termLimit))
    let rest = terms.indices.filter { !kept.contains($0) }.compactMap { terms[$0].evaluated() }
    let shown = terms.indices.filter { kept.contains($0) }.map { terms[$0] }
    return .sum(shown + [.rest(count: rest.count, value: rest.reduce(0, +))])
  }

  // MARK: figures

  /// A figure whose last form gives its value; without forms where it does not, as where a number
  /// was saturated.
  func figure(
    _ quantity: Formula, _ title: String, _ pass: Figure.Pass, _ forms: [Formula?]
  ) -> Figure {
    guard case .quantity(let own) = quantity else { preconditionFailure("a figure is a number") }
    let forms = forms.compactMap { $0 }
    let found = forms.last?.evaluated()
    let scale = max(own.value.magnitude, 1e-300)
    let agrees = found.map { ($0 - own.value).magnitude <= 1e-9 * scale + 1e-15 } ?? false
    return Figure(
      id: own.id, title: title, pass: pass, value: own.value, symbol: own.symbol,
      forms: agrees ? forms : [])
  }

  func zFigure(_ layer: String, _ unit: Int) -> Figure {
    let parts = dense(layer)
    let products = (0..<parts.inputs).map { weight(layer, $0, unit) * entering(layer, $0) }
    var form = sum(products)
    if let bias = bias(layer, unit) { form = form + bias }
    return figure(z(layer, unit), "weighted input of \(layer) \(unit)", .forward, [form])
  }

  func aFigure(_ layer: String, _ unit: Int) -> Figure? {
    let parts = dense(layer)
    let form = usesProbability(layer) ? loss?.fused : parts.activation
    guard let form else { return nil }
    let call = Formula.call(form.name == "sigmoid" ? .sigmoid : .activation, z(layer, unit))
    let title =
      usesProbability(layer)
      ? "\(form.name) of the weighted input, inside the cost" : "activation of \(layer) \(unit)"
    if form.name == "softmax" {
      let powers = (0..<parts.units).map { Formula.call(.exp, z(layer, $0)) }
      return figure(a(layer, unit), title, .forward, [powers[unit] / sum(powers)])
    }
    return figure(a(layer, unit), title, .forward, [call, form.value(z(layer, unit)) ?? call])
  }

  func shareFigure(_ layer: String, _ unit: Int) -> Figure? {
    guard let loss, sharesHold(layer) else { return nil }
    let form = loss.share(a(layer, unit), target(unit))
    guard let value = form.evaluated() else { return nil }
    let own = quantity("cost.output[\(unit)]", .symbol("C", [unit]), value)
    return figure(own, "share of output \(unit) in the cost", .cost, [form])
  }

  /// Whether the shares add up to the sample's cost: not where an output is saturated, or samples
  /// have weights.
  private func sharesHold(_ layer: String) -> Bool {
    guard let loss, !explanation.parts.isWeighted else { return false }
    let all = (0..<dense(layer).units).map {
      loss.share(a(layer, $0), target($0)).evaluated() ?? .nan
    }
    let sum = all.reduce(0, +)
    guard !loss.isRoot else { return sum.isFinite }
    guard let cost = explanation.arrays["cost.sample"]?.values[explanation.sample] else {
      return false
    }
    return (sum - cost).magnitude <= 1e-9 * cost.magnitude + 1e-15
  }

  func costFigure(_ layer: String?) -> Figure {
    let own = quantity("cost", .symbol("C"), explanation.cost)
    var form: Formula?
    if explanation.sampleCount == 1, let layer, sharesHold(layer) {
      let shares = (0..<dense(layer).units).compactMap { unit in
        shareFigure(layer, unit).map { quantity($0.id, $0.symbol, $0.value) }
      }
      form =
        loss?.isRoot == true
        ? .call(.sqrt, divided(sum(shares), by: Double(shares.count))) : sum(shares)
    } else if explanation.sampleCount > 1, explanation.arrays["cost.sample"] != nil {
      let parts = (0..<explanation.sampleCount).map { sample in
        quantity(
          "cost.sample[\(sample)]", .symbol("C", sample: sample), parameter("cost.sample", sample))
      }
      form = sum(parts) / .number(Double(explanation.sampleCount))
    }
    return figure(own, "cost of the batch, \(explanation.loss)", .cost, [form])
  }

  /// ∂C/∂a as the cost or the next layer gives it.
  private func outwardForm(_ layer: String, _ unit: Int) -> Formula? {
    let parts = dense(layer)
    if parts.isOutput {
      return loss.map { divided($0.slope(a(layer, unit), target(unit)), by: batchDivisor) }
    }
    guard let next = parts.next else { return nil }
    return sum((0..<dense(next).units).map { backwardWeight(next, unit, $0) * delta(next, $0) })
  }

  /// How the cost depends on an activation. Without one ∂C/∂z is the error itself.
  func outwardFigure(_ layer: String, _ unit: Int) -> Figure {
    let what = usesProbability(layer) ? "probability" : "activation"
    return figure(
      outward(layer, unit), "how the cost depends on the \(what) of \(layer) \(unit)", .backward,
      [outwardForm(layer, unit)])
  }

  func slopeFigure(_ layer: String, _ unit: Int) -> Figure? {
    guard let own = slope(layer, unit) else { return nil }
    return figure(
      own, "slope of the activation of \(layer) \(unit)", .backward,
      [dense(layer).activation?.slope(z(layer, unit), a(layer, unit))])
  }

  func deltaFigure(_ layer: String, _ unit: Int) -> Figure {
    let parts = dense(layer)
    let own = delta(layer, unit)
    let title = "error of \(layer) \(unit)"
    if usesProbability(layer) {
      let divisor = (loss?.fusedDivisor ?? 1) * batchDivisor
      return figure(
        own, title, .backward, [divided(a(layer, unit) - target(unit), by: divisor)])
    }
    guard let activation = parts.activation else {
      return figure(own, title, .backward, [outwardForm(layer, unit)])
    }
    if let slope = slope(layer, unit) {
      return figure(own, title, .backward, [outward(layer, unit) * slope])
    }
    guard activation.name == "softmax" else { return figure(own, title, .backward, []) }
    let mean = sum((0..<parts.units).map { outward(layer, $0) * a(layer, $0) })
    return figure(own, title, .backward, [a(layer, unit) * (outward(layer, unit) - mean)])
  }
}
