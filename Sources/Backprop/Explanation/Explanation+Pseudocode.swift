extension Explanation {
  /// The algorithm for this network, layer by layer, on a batch of m samples.
  var pseudocode: [String] {
    let dense = denseLayers.map { ($0, parts.dense[$0.name]!) }
    var lines = [
      "given   X [m×\(dense.first?.1.inputs ?? 0)], T [m×\(dense.last?.1.units ?? 0)], "
        + "the learning rate η = \(Digits.short(learningRate))"
    ]
    lines += ["", "forward, from the first layer on"]
    for layer in layers {
      guard let parts = parts.dense[layer.name] else {
        lines.append("  A ← \(layer.name)(A)    \(layer.kind)")
        continue
      }
      let (l, before) = (parts.number, parts.number == 1 ? "X" : "A\(parts.number - 1)")
      let bias = parts.biasPath == nil ? "" : " + b\(l)"
      lines.append(Self.row("Z\(l) ← \(before)·W\(l)\(bias)", "\(layer.name), [m×\(parts.units)]"))
      let name = parts.activation?.name ?? "identity"
      let value = parts.activation == nil ? "Z\(l)" : "\(name)(Z\(l))"
      lines.append(Self.row("A\(l) ← \(value)", ""))
    }
    let last = dense.last?.1.number ?? 1
    lines.append(Self.row("C ← \(loss)(A\(last), T)", coupling == nil ? "a mean over samples" : ""))
    lines += ["", "backward, from the last layer on; δ has a row for each sample"]
    for (layer, parts) in dense.reversed() {
      let l = parts.number
      let maker = FigureMaker(explanation: self)
      if maker.usesProbability(layer.name) {
        let k =
          self.parts.loss is any SampleLoss && loss.hasPrefix("sigmoid") ? " / \(parts.units)" : ""
        let name = loss.hasPrefix("sigmoid") ? "sigmoid" : "softmax"
        lines.append(Self.row("δ\(l) ← (\(name)(Z\(l)) − T)\(k)", "(BP1)"))
      } else {
        let inner = parts.isOutput ? "∂Cₓ/∂A\(l)" : "(δ\(l + 1)·W\(l + 1)ᵀ)"
        let name = parts.isOutput ? "(BP1)" : "(BP2)"
        let slope =
          switch parts.activation {
          case nil: ""
          case let form? where form.isDiagonal: " ⊙ \(form.name)′(Z\(l))"
          case _?: " · ∂A\(l)/∂Z\(l)"
          }
        lines.append(Self.row("δ\(l) ← \(inner)\(slope)", name))
      }
    }
    lines += ["", "update; all gradients are those of the parameters before it"]
    if order == .sequential {
      lines[lines.count - 1] = "update; here each layer right after its δ, before the error goes on"
    }
    for (layer, parts) in dense.reversed() {
      let (l, before) = (parts.number, parts.number == 1 ? "X" : "A\(parts.number - 1)")
      let isTrained = { (path: String) in
        layer.parameters.first { $0.path == path }?.isTrained ?? false
      }
      if isTrained(parts.weightPath) {
        lines.append(Self.row("W\(l) ← W\(l) − \(rate(l, "W", "\(before)ᵀ·δ\(l)"))", "(BP4)"))
      }
      guard let bias = parts.biasPath else { continue }
      let all = parts.sharesBias ? "Σ over samples and units of δ\(l)" : "Σ over samples of δ\(l)"
      lines.append(
        isTrained(bias)
          ? Self.row("b\(l) ← b\(l) − \(rate(l, "b", all))", "(BP3)")
          : Self.row("b\(l) stays as it is", ""))
    }
    return lines
  }

  private func rate(_ layer: Int, _ letter: String, _ sum: String) -> String {
    let isPlain = parts.optimizer is SGD
    let mean = "(η/m)·\(sum)"
    return isPlain ? mean : "\(parts.optimizer.name)(1/m · \(sum))"
  }

  private static func row(_ text: String, _ remark: String) -> String {
    let space = String(repeating: " ", count: max(2, 44 - text.count))
    return remark.isEmpty ? "  \(text)" : "  \(text)\(space)\(remark)"
  }
}
