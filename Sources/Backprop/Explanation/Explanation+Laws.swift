extension Explanation {
  /// The four equations in general, as they hold for this network: with δ or ∂C/∂z, with a slope or
  /// the Jacobian of softmax, with a bias for each unit or one for the layer.
  func laws(_ form: ExplanationView.Form) -> [Document.Block] {
    let isSample = coupling == nil
    func error(_ layer: String, _ indices: String...) -> Formula {
      let z = Formula.symbol(.init("z", layer: layer, indices))
      return isSample
        ? .symbol(.init("δ", layer: layer, indices)) : .derivative(of: .letter("C"), by: z)
    }
    func law(_ name: String, _ left: Formula, _ right: Formula) -> Document.Block {
      .law(name: name, left: left, right: right)
    }
    switch form {
    case .element: return elementLaws(error, law)
    case .matrix, .diagonal: return matrixLaws(form, error, law)
    case .jacobian: return jacobianLaws(law)
    }
  }

  /// Whether the output's derivative is a full Jacobian, as that of softmax.
  private var hasJacobianOutput: Bool {
    guard let output = outputLayer, let dense = parts.dense[output] else { return false }
    let maker = FigureMaker(explanation: self)
    let form = maker.usesProbability(output) ? maker.loss?.fused : dense.activation
    return form.map { !$0.isDiagonal } ?? false
  }

  private var sharesBias: Bool { parts.dense.values.contains(where: \.sharesBias) }
  private var hasBias: Bool { parts.dense.values.contains { $0.biasPath != nil } }

  private func elementLaws(
    _ error: (String, String...) -> Formula,
    _ law: (String, Formula, Formula) -> Document.Block
  ) -> [Document.Block] {
    let output = Formula.letter("a", layer: "L", "j")
    let first: Formula =
      hasJacobianOutput
      ? .series(
        index: "i",
        .derivative(of: sampleCost, by: .letter("a", layer: "L", "i"))
          * .derivative(of: .letter("a", layer: "L", "i"), by: .letter("z", layer: "L", "j")))
      : .derivative(of: sampleCost, by: output) * .call(.slope, .letter("z", layer: "L", "j"))
    let bias: Formula =
      sharesBias
      ? .derivative(of: sampleCost, by: .letter("b", layer: "l"))
      : .derivative(of: sampleCost, by: .letter("b", layer: "l", "j"))
    let third = sharesBias ? Formula.series(index: "j", error("l", "j")) : error("l", "j")
    return [
      law("BP1", error("L", "j"), first),
      law(
        "BP2", error("l", "j"),
        .call(.slope, .letter("z", layer: "l", "j"))
          * .series(index: "k", .letter("w", layer: "l+1", "k", "j") * error("l+1", "k"))),
    ] + (hasBias ? [law("BP3", bias, third)] : []) + [
      law(
        "BP4", .derivative(of: sampleCost, by: .letter("w", layer: "l", "j", "k")),
        .letter("a", layer: "l-1", "k") * error("l", "j"))
    ]
  }

  private func matrixLaws(
    _ form: ExplanationView.Form, _ error: (String, String...) -> Formula,
    _ law: (String, Formula, Formula) -> Document.Block
  ) -> [Document.Block] {
    func joined(_ slope: Formula, _ inner: Formula) -> Formula {
      form == .matrix ? .hadamard([inner, slope]) : .diagonal(slope) * inner
    }
    func slope(_ layer: String) -> Formula { .call(.slope, .letter("z", layer: layer)) }
    let nabla = Formula.letter("∇C")
    let jacobian = Formula.derivative(of: .letter("a", layer: "L"), by: .letter("z", layer: "L"))
    let back = Formula.transpose(.letter("W", layer: "l+1")) * error("l+1")
    let bias = Formula.derivative(of: sampleCost, by: .letter("b", layer: "l"))
    return [
      law(
        "BP1", error("L"),
        hasJacobianOutput ? .transpose(jacobian) * nabla : joined(slope("L"), nabla)),
      law(
        "BP2", error("l"),
        form == .matrix
          ? .hadamard([back, slope("l")]) : .product([.diagonal(slope("l"))] + factors(back))),
    ]
      + (hasBias
        ? [law("BP3", bias, sharesBias ? .series(index: "j", error("l", "j")) : error("l"))] : [])
      + [
        law(
          "BP4", .derivative(of: sampleCost, by: .letter("W", layer: "l")),
          error("l") * .transpose(.letter("a", layer: "l-1")))
      ]
  }

  private func jacobianLaws(
    _ law: (String, Formula, Formula) -> Document.Block
  ) -> [Document.Block] {
    let output = Formula.letter("o", "i")
    return [
      law(
        "", .derivative(of: output, by: .letter("z", layer: "l-1")),
        .diagonal(.call(.activationSlope, .letter("z", layer: "l-1")))
          * .letter("V", layer: "l") * .derivative(of: output, by: .letter("z", layer: "l"))),
      law(
        "", .derivative(of: sampleCost, by: .letter("θ")),
        .series(
          index: "i",
          .derivative(of: sampleCost, by: output) * .derivative(of: output, by: .letter("θ")))),
    ]
  }

  func factors(_ formula: Formula) -> [Formula] {
    if case .product(let factors) = formula { factors } else { [formula] }
  }
}
