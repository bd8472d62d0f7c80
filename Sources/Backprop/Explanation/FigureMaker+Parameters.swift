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
    let rate = self.quantity("learning-rate", .letter("η"), explanation.learningRate)
    let parts = explanation.parts
    var form: Formula?
    let hasDecay =
      parts.regularization.decay(with: parts.optimizer) != nil
      || parts.regularization.clipNorm != nil
    if parts.optimizer is SGD, !hasDecay {
      var shrunk = quantity
      if let lambda = parts.regularization.l2, path.hasSuffix("weight") {
        let n = Double(parts.trainingSamples)
        shrunk = (1 - rate * .number(lambda) / .number(n)) * quantity
      }
      form = shrunk - rate * gradient
    }
    let rule = parts.optimizer is SGD && !hasDecay ? "" : " by \(parts.optimizer.name)"
    return figure(own, "\(old.id) after the update\(rule)", .update, [form])
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
