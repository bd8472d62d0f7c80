import BackpropCore

extension Explanation {
  /// The layers that the four equations describe, from the input on.
  var denseLayers: [LayerExplanation] { layers.filter { parts.dense[$0.name] != nil } }

  /// What errors are derivatives of: the cost of a sample, or of the batch where samples are coupled.
  var sampleCost: Formula { coupling == nil && sampleCount > 1 ? .letter("C", "x") : .letter("C") }

  /// The layer that gives the network's output, if the equations describe it.
  var outputLayer: String? { parts.dense.first { $0.value.isOutput }?.key }

  /// Whether every number of the network can be written out.
  var isSmall: Bool {
    let weights = denseLayers.reduce(0) { $0 + dense($1).inputs * dense($1).units }
    return weights <= 100
  }

  func dense(_ layer: LayerExplanation) -> DenseParts { parts.dense[layer.name]! }

  /// The units of a layer that are gone through: all of a few, else those with the greatest error.
  func units(_ layer: String, _ view: ExplanationView) -> [Int] {
    let count = parts.dense[layer]?.units ?? 0
    if let unit = view.unit, view.layer == layer { return (0..<count).contains(unit) ? [unit] : [] }
    let limit = view.top ?? (isSmall ? count : 3)
    guard count > limit else { return Array(0..<count) }
    let maker = FigureMaker(explanation: self)
    let sizes = (0..<count).map { maker.number("\(layer):\(maker.error)", $0).magnitude }
    return Array((0..<count).sorted { (sizes[$0], $1) > (sizes[$1], $0) }.prefix(limit)).sorted()
  }

  /// The inputs of a unit whose weights are gone through: all of a few, else those with the greatest
  /// gradients.
  func inputs(_ layer: String, _ unit: Int, _ view: ExplanationView) -> [Int] {
    let dense = parts.dense[layer]!
    let limit = view.top ?? (isSmall ? dense.inputs : 3)
    guard dense.inputs > limit else { return Array(0..<dense.inputs) }
    let gradients = arrays["\(dense.weightPath).gradient"]?.values ?? []
    let sizes = (0..<dense.inputs).map { gradients[$0 * dense.units + unit].magnitude }
    return Array(
      (0..<dense.inputs).sorted { (sizes[$0], $1) > (sizes[$1], $0) }.prefix(limit)
    ).sorted()
  }

  /// Every figure in the order in which it is computed; those of the layers that the equations
  /// describe.
  package func figures(_ view: ExplanationView = ExplanationView()) -> [Figure] {
    var maker = FigureMaker(explanation: self)
    if let top = view.top { maker.termLimit = max(top, 2) }
    let chosen = denseLayers.filter { view.layer == nil || view.layer == $0.name }
    var figures: [Figure] = []
    for layer in chosen {
      for unit in units(layer.name, view) {
        figures.append(maker.zFigure(layer.name, unit))
        if let a = maker.aFigure(layer.name, unit) { figures.append(a) }
      }
    }
    if let output = outputLayer, view.layer == nil || view.layer == output {
      figures += units(output, view).compactMap { maker.shareFigure(output, $0) }
    }
    if view.layer == nil { figures.append(maker.costFigure(outputLayer)) }
    // The order `sequential` updates a layer before the error goes on to the one before.
    for layer in chosen.reversed() {
      figures += backward(layer, view, maker)
      if order == .sequential { figures += updates(layer, view, maker) }
    }
    if order == .simultaneous { for layer in chosen { figures += updates(layer, view, maker) } }
    if view.layer == nil { figures.append(maker.costAfterFigure()) }
    return figures
  }

  private func backward(
    _ layer: LayerExplanation, _ view: ExplanationView, _ maker: FigureMaker
  ) -> [Figure] {
    let name = layer.name
    var figures: [Figure] = []
    for unit in units(name, view) {
      if dense(layer).activation != nil || maker.usesProbability(name) {
        figures.append(maker.outwardFigure(name, unit))
      }
      if let slope = maker.slopeFigure(name, unit) { figures.append(slope) }
      figures.append(maker.deltaFigure(name, unit))
    }
    var seen: Set<String> = []
    for unit in units(name, view) {
      for input in inputs(name, unit, view) {
        figures.append(maker.weightGradientFigure(name, input, unit))
      }
      if let bias = maker.biasGradientFigure(name, unit), seen.insert(bias.id).inserted {
        figures.append(bias)
      }
    }
    return figures
  }

  private func updates(
    _ layer: LayerExplanation, _ view: ExplanationView, _ maker: FigureMaker
  ) -> [Figure] {
    let (name, dense) = (layer.name, dense(layer))
    var figures: [Figure] = []
    for unit in units(name, view) {
      for input in inputs(name, unit, view) {
        let weight = maker.weight(name, input, unit)
        if let next = maker.nextFigure(dense.weightPath, input * dense.units + unit, weight) {
          figures.append(next)
        }
      }
      guard let path = dense.biasPath, let bias = maker.bias(name, unit) else { continue }
      if let next = maker.nextFigure(path, dense.sharesBias ? 0 : unit, bias),
        !figures.contains(where: { $0.id == next.id })
      {
        figures.append(next)
      }
    }
    return figures
  }
}
