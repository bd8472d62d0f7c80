import BackpropCore

extension Explanation {
  /// The complete chain rule of one weight or bias: each factor, for a hidden layer the sum over all
  /// paths through the next layer, and the delta rule.
  ///
  /// - Throws: ``ConfigurationError`` if there is no such weight.
  func chainRule(_ path: String, _ index: [Int], _ view: ExplanationView) throws -> Document {
    let (layer, parameter) = try find(path)
    let sizes = parameter.value.shape.sizes
    let text = "\(path)[\(index.map(String.init).joined(separator: ","))]"
    guard index.count == sizes.count, zip(index, sizes).allSatisfy({ (0..<$1).contains($0) }) else {
      throw ConfigurationError(
        "weight", "there is no \(text): \(path) is \(parameter.value.shape), counted from 0")
    }
    var document = Document()
    let place = zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }
    guard let dense = parts.dense[layer.name], [dense.weightPath, dense.biasPath].contains(path)
    else {
      general(layer, parameter, text, place, &document)
      return document
    }
    var maker = FigureMaker(explanation: self)
    maker.termLimit = max(view.top ?? (isSmall ? 12 : 4), 2)
    if path == dense.biasPath {
      bias(layer, maker, text, index[0], &document)
    } else {
      weight(layer, maker, text, index[0], index[1], &document)
    }
    return document
  }

  private func find(_ path: String) throws -> (LayerExplanation, ParameterExplanation) {
    for layer in layers {
      if let parameter = layer.parameters.first(where: { $0.path == path }) {
        return (layer, parameter)
      }
    }
    throw ConfigurationError.unknown(
      "parameter", path, known: layers.flatMap { $0.parameters.map(\.path) })
  }

  private func weight(
    _ layer: LayerExplanation, _ maker: FigureMaker, _ text: String, _ input: Int, _ unit: Int,
    _ document: inout Document
  ) {
    let (name, dense) = (layer.name, parts.dense[layer.name]!)
    let own = maker.weight(name, input, unit)
    guard case .quantity(let quantity) = own else { return }
    let alias = aliases[text].map { ", called \($0)" } ?? ""
    document.heading(1, "\(text)\(alias): from input \(input) to unit \(unit) of \(name)")
    document.paragraph(
      "\(TextFormulas().text(quantity.symbol)) = \(Digits.full(quantity.value)). How the cost depends "
        + "on it, factor by factor:")
    let entering = maker.entering(name, input)
    let inward = Formula.derivative(
      of: .symbol("z", layer: dense.number, [unit]), by: quantity.symbol)
    let factors =
      outerFactors(layer, maker, unit) + [
        .quantity(.init(id: Self.id(entering), symbol: inward, value: entering.evaluated() ?? .nan))
      ]
    document.blocks.append(.figure(chain(layer, maker, quantity, input, unit, factors), alias: nil))
    document.heading(2, "Each factor")
    paths(layer, maker, unit, &document)
    if let slope = maker.slopeFigure(name, unit) {
      document.blocks.append(.figure(slope, alias: aliases[slope.id]))
    }
    document.blocks.append(
      .figure(
        Figure(
          id: Self.id(entering), title: "z depends on the weight by what enters through it",
          pass: .backward, value: entering.evaluated() ?? .nan, symbol: inward, forms: [entering]),
        alias: aliases[Self.id(entering)]))
    document.heading(2, "The delta rule")
    if factors.count > 2 {
      let delta = maker.deltaFigure(name, unit)
      document.blocks.append(.figure(delta, alias: aliases[delta.id]))
    }
    let result = maker.weightGradientFigure(name, input, unit)
    document.blocks.append(.figure(result, alias: aliases[result.id]))
    finish(dense.weightPath, input * dense.units + unit, own, maker, text, &document)
  }

  /// The product of all factors: the derivative of the sample's cost, or where samples are coupled its
  /// part of the batch's.
  private func chain(
    _ layer: LayerExplanation, _ maker: FigureMaker, _ weight: Formula.Quantity, _ input: Int,
    _ unit: Int, _ factors: [Formula]
  ) -> Figure {
    let isPart = coupling != nil && sampleCount > 1
    var symbol = weight.symbol
    if isPart, case .symbol(var letter) = symbol {
      letter.sample = sample
      symbol = .symbol(letter)
    }
    let value =
      (maker.entering(layer.name, input).evaluated() ?? .nan)
      * (maker.delta(layer.name, unit).evaluated() ?? .nan)
    let own = Formula.quantity(
      .init(
        id: "\(weight.id).chain", symbol: .derivative(of: sampleCost, by: symbol), value: value))
    let title = isPart ? "the chain rule, for the part of sample \(sample)" : "the chain rule"
    return maker.figure(own, title, .backward, [.product(factors)])
  }

  private func bias(
    _ layer: LayerExplanation, _ maker: FigureMaker, _ text: String, _ index: Int,
    _ document: inout Document
  ) {
    let (name, dense) = (layer.name, parts.dense[layer.name]!)
    let alias = aliases[text].map { ", called \($0)" } ?? ""
    let units = dense.sharesBias ? Array(0..<dense.units) : [index]
    document.heading(
      1,
      dense.sharesBias
        ? "\(text)\(alias): the bias of all units of \(name)"
        : "\(text)\(alias): the bias of unit \(index) of \(name)")
    document.paragraph("∂z/∂b = 1, so the error of a unit is the derivative by its bias (BP3).")
    for unit in units.prefix(maker.termLimit) {
      paths(layer, maker, unit, &document)
      if let slope = maker.slopeFigure(name, unit) {
        document.blocks.append(.figure(slope, alias: nil))
      }
      let delta = maker.deltaFigure(name, unit)
      document.blocks.append(.figure(delta, alias: aliases[delta.id]))
    }
    if let figure = maker.biasGradientFigure(name, index) {
      document.blocks.append(.figure(figure, alias: aliases[figure.id]))
    }
    if let own = maker.bias(name, index), let path = dense.biasPath {
      finish(path, index, own, maker, text, &document)
    }
  }

  /// ∂C/∂a · ∂a/∂z of a unit; where the activation is no function of its own z alone, δ.
  private func outerFactors(
    _ layer: LayerExplanation, _ maker: FigureMaker, _ unit: Int
  ) -> [Formula] {
    let name = layer.name
    if maker.usesProbability(name) { return [maker.delta(name, unit)] }
    guard let slope = maker.slope(name, unit) else {
      return [maker.delta(name, unit)]
    }
    return [maker.outward(name, unit), slope]
  }

  /// ∂C/∂a of a unit: from the cost, or over every path through the next layer.
  private func paths(
    _ layer: LayerExplanation, _ maker: FigureMaker, _ unit: Int, _ document: inout Document
  ) {
    let name = layer.name
    let factors = outerFactors(layer, maker, unit)
    guard let next = parts.dense[name]?.next, let nextDense = parts.dense[next],
      let nextLayer = layers.first(where: { $0.name == next })
    else {
      // δ itself is the factor where softmax or the cost joins the two derivatives.
      let figure =
        factors.count == 1
        ? maker.deltaFigure(name, unit) : maker.outwardFigure(name, unit)
      document.blocks.append(.figure(figure, alias: aliases[figure.id]))
      return
    }
    let outward = maker.outwardFigure(name, unit)
    let letter = parts.dense[name]?.activation == nil ? "z" : "a"
    let from = Formula.symbol(letter, layer: nextDense.number - 1, [unit])
    let products = (0..<nextDense.units).map { target -> [Formula] in
      let weight = maker.backwardWeight(next, unit, target)
      let symbol = Formula.derivative(
        of: .symbol("z", layer: nextDense.number, [target]), by: from)
      return outerFactors(nextLayer, maker, target) + [
        .quantity(.init(id: Self.id(weight), symbol: symbol, value: weight.evaluated() ?? .nan))
      ]
    }
    let values = products.map { $0.compactMap { $0.evaluated() }.reduce(1, *) }
    let shown = Set(
      values.indices.sorted { (values[$0].magnitude, $1) > (values[$1].magnitude, $0) }
        .prefix(maker.termLimit))
    for target in values.indices where shown.contains(target) {
      document.blocks.append(
        .figure(
          Figure(
            id: "\(name).a[\(unit)].path[\(target)]",
            title: "the path through unit \(target) of \(next)", pass: .backward,
            value: values[target],
            symbol: .symbol("path", [target]),
            forms: [.product(products[target])]), alias: nil))
    }
    let terms = values.indices.map { target in
      Formula.quantity(
        .init(
          id: "\(name).a[\(unit)].path[\(target)]",
          symbol: .symbol("path", [target]), value: values[target]))
    }
    document.blocks.append(
      .figure(
        Figure(
          id: outward.id,
          title: values.count == 1
            ? outward.title
            : values.count == 2
              ? "the sum over both paths" : "the sum over all \(values.count) paths",
          pass: .backward, value: outward.value, symbol: outward.symbol, forms: [maker.sum(terms)]),
        alias: aliases[outward.id]))
  }

  /// The update, and the check by differences.
  private func finish(
    _ path: String, _ place: Int, _ own: Formula, _ maker: FigureMaker, _ text: String,
    _ document: inout Document
  ) {
    if let next = maker.nextFigure(path, place, own) {
      document.heading(2, "The update")
      document.blocks.append(.figure(next, alias: aliases[next.id]))
    } else {
      document.paragraph("It is not trained: it stays \(Digits.full(own.evaluated() ?? .nan)).")
    }
    difference(text, &document)
  }

  private func difference(_ text: String, _ document: inout Document) {
    guard let check = checks.first(where: { $0.name == text }) else { return }
    let numeric = check.numeric.map { Digits.short($0, 12) } ?? "none, a kink is in the way"
    document.blocks.append(
      .check(
        "Checked: backpropagation \(Digits.short(check.analytic, 12)), finite differences \(numeric), "
          + "error \(Digits.short(check.error, 2))."))
  }

  /// A parameter of a layer without classical equations.
  private func general(
    _ layer: LayerExplanation, _ parameter: ParameterExplanation, _ text: String, _ place: Int,
    _ document: inout Document
  ) {
    func number(_ tensor: Tensor) -> String { Digits.full(tensor.array(of: Double.self)[place]) }
    document.heading(1, "\(text): a parameter of \(layer.name)")
    document.blocks.append(
      .table(
        [
          ["value", "∂C/∂θ", "after the update"],
          [number(parameter.value), number(parameter.gradient), number(parameter.next)],
        ], rightAligned: [0, 1, 2]))
    operations(layer, &document)
    difference(text, &document)
  }

  private static func id(_ formula: Formula) -> String {
    if case .quantity(let quantity) = formula { quantity.id } else { "" }
  }
}
