import BackpropCore

/// Gradients and updates of parameters.
extension FigureMaker {
  private func quantity(_ id: String, _ symbol: Formula, _ value: Double) -> Formula {
    .quantity(.init(id: id, symbol: symbol, value: value))
  }

  private func value(_ array: String, _ index: Int) -> Double {
    explanation.arrays[array]?.values[index] ?? .nan
  }

  /// ∂C/∂θ of an element of a parameter.
  func gradient(_ path: String, _ index: Int, _ id: String, of symbol: Formula) -> Formula {
    quantity(
      "\(id).gradient", .derivative(of: .symbol("C"), by: symbol),
      value("\(path).gradient", index))
  }

  func weightGradientFigure(_ layer: String, _ input: Int, _ unit: Int) -> Figure {
    let parts = dense(layer)
    guard case .quantity(let weight) = weight(layer, input, unit) else { preconditionFailure() }
    let own = gradient(
      parts.weightPath, input * parts.units + unit, weight.id, of: weight.symbol)
    let form = overSamples { entering(layer, input, sample: $0) * delta(layer, unit, sample: $0) }
    return figure(own, "gradient of \(weight.id)", .backward, [form])
  }

  func biasGradientFigure(_ layer: String, _ unit: Int) -> Figure? {
    let parts = dense(layer)
    guard let path = parts.biasPath, case .quantity(let bias)? = bias(layer, unit) else {
      return nil
    }
    let own = gradient(path, parts.sharesBias ? 0 : unit, bias.id, of: bias.symbol)
    let form = overSamples { sample in
      parts.sharesBias
        ? sum((0..<parts.units).map { delta(layer, $0, sample: sample) })
        : delta(layer, unit, sample: sample)
    }
    return figure(own, "gradient of \(bias.id)", .backward, [form])
  }

  /// The mean over samples of a term; the sum where samples are coupled, and the term itself for a
  /// single sample.
  private func overSamples(_ term: (Int?) -> Formula) -> Formula {
    let count = explanation.sampleCount
    guard count > 1 else { return term(nil) }
    let all = sum((0..<count).map { term($0) })
    return explanation.coupling == nil ? all / .number(Double(count)) : all
  }

  /// The value of an element after the update.
  func nextFigure(_ path: String, _ index: Int, _ quantity: Formula) -> Figure? {
    guard case .quantity(let old) = quantity, explanation.arrays["\(path).next"] != nil else {
      return nil
    }
    let own = self.quantity("\(old.id).next", next(old.symbol), value("\(path).next", index))
    let gradient = gradient(path, index, old.id, of: old.symbol)
    let parts = explanation.parts
    let rule = parts.optimizer is SGD ? "" : " by \(parts.optimizer.name)"
    return figure(
      own, "\(old.id) after the update\(rule)", .update,
      [updateForm(path, index, quantity, gradient)])
  }

  /// The update rule with its slots; nil for a rule without a formula, and where more is done to
  /// gradient or weight than L2 and decay.
  private func updateForm(
    _ path: String, _ index: Int, _ old: Formula, _ gradient: Formula
  ) -> Formula? {
    let parts = explanation.parts
    let (rule, regularization) = (parts.optimizer, parts.regularization)
    guard regularization.clipNorm == nil, regularization.clipValue == nil,
      regularization.l1 == nil, regularization.maxNorm == nil, regularization.rules.isEmpty
    else { return nil }
    let isWeight =
      explanation.layers.flatMap(\.parameters)
      .first { $0.path == path }.map { $0.role == .weight } ?? false
    let rate = quantity("learning-rate", .letter("η"), explanation.learningRate)
    var slope = gradient
    if isWeight, let lambda = regularization.l2 {
      let n = Formula.number(Double(parts.trainingSamples))
      slope = gradient + quantity("l2", .letter("λ"), lambda) / n * old
    }
    var start = old
    if isWeight, let decay = regularization.decay(with: rule) {
      start = (1 - rate * quantity("weight-decay", .letter("κ"), decay)) * old
    }
    func slot(_ name: String, _ letter: String) -> Formula {
      quantity("\(path)#\(name)[\(index)]", .letter(letter), value("\(path)#\(name)", index))
    }
    switch rule {
    case is SGD: return start - rate * slope
    case let momentum as Momentum:
      let velocity = Formula.number(momentum.momentum) * slot("velocity", "v") + slope
      return start - rate * velocity
    case let nesterov as Nesterov:
      let mu = Formula.number(nesterov.momentum)
      let velocity = mu * slot("velocity", "v") + slope
      return start - rate * (slope + mu * velocity)
    case is Adam, is AdamW:
      let (beta1, beta2, epsilon) = adamNumbers(rule)
      let mean = Formula.number(beta1) * slot("mean", "m") + .number(1 - beta1) * slope
      let square =
        Formula.number(beta2) * slot("mean-square", "v") + .number(1 - beta2) * .power(slope, 2)
      let step = explanation.step + 1
      let corrected = mean / .number(1 - power(beta1, step))
      let root = Formula.call(.sqrt, square / .number(1 - power(beta2, step)))
      return start - rate * (corrected / (root + .number(epsilon)))
    default: return nil
    }
  }

  private func adamNumbers(_ rule: any Optimizer) -> (Double, Double, Double) {
    if let adam = rule as? Adam { return (adam.beta1, adam.beta2, adam.epsilon) }
    let adam = rule as? AdamW
    return (adam?.beta1 ?? 0, adam?.beta2 ?? 0, adam?.epsilon ?? 0)
  }

  /// A weight as the backward pass uses it: already updated in the order `sequential`.
  func backwardWeight(_ layer: String, _ input: Int, _ unit: Int) -> Formula {
    let weight = weight(layer, input, unit)
    guard explanation.order == .sequential, case .quantity(let old) = weight else { return weight }
    let parts = dense(layer)
    return quantity(
      "\(old.id).next", next(old.symbol),
      value("\(parts.weightPath).next", input * parts.units + unit))
  }

  private func next(_ symbol: Formula) -> Formula {
    guard case .symbol(var letter) = symbol else { return symbol }
    letter.base += "⁺"
    return .symbol(letter)
  }

  func costAfterFigure() -> Figure {
    figure(
      quantity("cost.after", .symbol("C⁺"), explanation.costAfter),
      "cost of the same batch after the update", .update, [])
  }
}
