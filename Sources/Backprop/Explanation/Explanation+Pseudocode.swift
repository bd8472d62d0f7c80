extension Explanation {
  /// The algorithm for this network, layer by layer, on a batch of m samples.
  var pseudocode: [String] {
    let isChain =
      denseLayers.count == layers.count
      && denseLayers.allSatisfy { layer in
        parts.dense[layer.name]!.next != nil || parts.dense[layer.name]!.isOutput
      }
    var lines = [
      "given   X [m, …], T [m, …], the learning rate η = \(Digits.short(learningRate))", "",
      "forward, from the first layer on",
    ]
    lines += layers.enumerated().flatMap { forward($1, $0 + 1) }
    let last = layers.count
    let isMean = parts.loss is any SampleLoss
    lines.append(
      Self.row("C ← \(loss)(A\(last), T)", isMean ? "a mean over samples" : "of the whole batch"))
    lines.append("")
    lines +=
      isChain
      ? ["backward, from the last layer on; δ has a row for each sample"]
        + denseLayers.reversed().flatMap(backward)
      : generalBackward
    lines += [
      "",
      order == .sequential
        ? "update; each layer right after its δ, before the error goes on"
        : "update; all gradients are those of the parameters before it",
    ]
    return lines + layers.reversed().flatMap { updates($0, isChain: isChain) }
  }

  private func number(_ layer: LayerExplanation) -> Int {
    (layers.firstIndex { $0.name == layer.name } ?? 0) + 1
  }

  /// What the layer with number `l` reads.
  private func before(_ l: Int) -> String { l == 1 ? "X" : "A\(l - 1)" }

  private func forward(_ layer: LayerExplanation, _ l: Int) -> [String] {
    guard let dense = parts.dense[layer.name] else {
      return [Self.row("A\(l) ← \(layer.name)(\(before(l)))", layer.kind)]
    }
    let bias = dense.biasPath == nil ? "" : " + b\(l)"
    let value = dense.activation.map { "\($0.name)(Z\(l))" } ?? "Z\(l)"
    return [
      Self.row("Z\(l) ← \(before(l))·W\(l)\(bias)", "\(layer.name), [m, \(dense.units)]"),
      Self.row("A\(l) ← \(value)", ""),
    ]
  }

  private func backward(_ layer: LayerExplanation) -> [String] {
    let (l, dense) = (number(layer), parts.dense[layer.name]!)
    let maker = FigureMaker(explanation: self)
    if maker.usesProbability(layer.name), let fused = maker.loss?.fused {
      let divisor = maker.loss?.fusedDivisor ?? 1
      let scale = divisor == 1 ? "" : " / \(Digits.short(divisor))"
      return [Self.row("δ\(l) ← (\(fused.name)(Z\(l)) − T)\(scale)", "(BP1)")]
    }
    let inner = dense.isOutput ? "∂Cₓ/∂A\(l)" : "(δ\(l + 1)·W\(l + 1)ᵀ)"
    let slope =
      switch dense.activation {
      case nil: ""
      case let form? where form.isDiagonal: " ⊙ \(form.name)′(Z\(l))"
      case _?: " · ∂A\(l)/∂Z\(l)"
      }
    return [Self.row("δ\(l) ← \(inner)\(slope)", dense.isOutput ? "(BP1)" : "(BP2)")]
  }

  /// For networks with other layers: G is ∂C/∂A of a layer's output, over the whole batch.
  private var generalBackward: [String] {
    var lines = ["backward, from the last layer on; G is ∂C/∂A of the batch's cost"]
    lines.append(Self.row("G\(layers.count) ← ∂C/∂A\(layers.count)", ""))
    for layer in layers.reversed() {
      let l = number(layer)
      guard let dense = parts.dense[layer.name] else {
        lines.append(
          Self.row("G\(l - 1) ← G\(l) through \(layer.name)", "each op by its own derivative"))
        continue
      }
      let slope = dense.activation.map { " ⊙ \($0.name)′(Z\(l))" } ?? ""
      lines.append(Self.row("D\(l) ← G\(l)\(slope)", "∂C/∂Z\(l)"))
      if l > 1 { lines.append(Self.row("G\(l - 1) ← D\(l)·W\(l)ᵀ", "")) }
    }
    return lines
  }

  private func updates(_ layer: LayerExplanation, isChain: Bool) -> [String] {
    let l = number(layer)
    guard let dense = parts.dense[layer.name] else {
      return layer.parameters.filter(\.isTrained).map { parameter in
        Self.row(
          "\(parameter.path) ← \(rule(parameter.path, "∂C/∂\(parameter.name)", parameter))", "")
      }
    }
    return layer.parameters.map { parameter in
      let isWeight = parameter.path == dense.weightPath
      let letter = isWeight ? "W\(l)" : "b\(l)"
      guard parameter.isTrained else { return Self.row("\(letter) stays as it is", "") }
      let error = isChain ? "δ\(l)" : "D\(l)"
      let mean = isChain && coupling == nil ? "1/m · " : ""
      let sum =
        isWeight
        ? "\(before(l))ᵀ·\(error)"
        : dense.sharesBias ? "Σ over samples and units of \(error)" : "Σ over samples of \(error)"
      return Self.row(
        "\(letter) ← \(rule(letter, mean + sum, parameter))", isWeight ? "(BP4)" : "(BP3)")
    }
  }

  /// The update rule with a gradient, with what regularisation adds.
  private func rule(
    _ letter: String, _ gradient: String, _ parameter: ParameterExplanation
  ) -> String {
    let regularization = parts.regularization
    var gradient = gradient
    let isWeight = parameter.role == .weight
    if isWeight, let lambda = regularization.l1 {
      gradient += " + \(Digits.short(lambda))/\(parts.trainingSamples) · sign(\(letter))"
    }
    if isWeight, let lambda = regularization.l2 {
      gradient += " + \(Digits.short(lambda))/\(parts.trainingSamples) · \(letter)"
    }
    if regularization.clipNorm != nil || regularization.clipValue != nil {
      gradient = "clipped(\(gradient))"
    }
    let group = regularization.group(of: parameter.path)
    let factor = regularization.groups[group].rateFactor
    let rate = factor == 1 ? "η" : "\(Digits.short(factor))·η"
    let decay = isWeight ? regularization.decay(of: group, with: parts.optimizer) : nil
    let start = decay.map { "(1 − \(rate)·\(Digits.short($0)))·\(letter)" } ?? letter
    guard parts.optimizer is SGD else { return "\(start) − \(parts.optimizer.name)(\(gradient))" }
    return "\(start) − \(rate)·(\(gradient))"
  }

  private static func row(_ text: String, _ remark: String) -> String {
    let space = String(repeating: " ", count: max(2, 44 - text.count))
    return remark.isEmpty ? "  \(text)" : "  \(text)\(space)\(remark)"
  }
}
