import Backprop

/// The layers of a step's network with their parameters, one a line.
func networkTable(_ step: TrainingStep) -> [String] {
  aligned(networkRows(step), rightAligned: [2])
}

/// The cells of that table: the heads, a row a layer, and the total.
func networkRows(_ step: TrainingStep) -> [[String]] {
  var layers: [(name: String, text: String)] = []
  var heads = ["layer", "shape", "parameters", "kind"]
  if let network = step.network as? MultilayerPerceptron {
    heads[3] = "activation"
    let specification = network.specification
    layers = network.layerNames.map { name in
      let isOutput = name == "output"
      let activation =
        isOutput ? specification.outputActivation : specification.hiddenActivation
      return (name, activation?.description ?? "")
    }
  } else if case .layers(let list) = NetworkForm(step.network) {
    layers = list.map { ($0.name ?? "", $0.description) }
  }
  var rows = [heads]
  for (name, text) in layers {
    let own = step.declarations.filter { $0.path.hasPrefix("\(name).") && $0.role != nil }
    let frozen = own.contains { !$0.isTrained } ? " (biases frozen)" : ""
    // That of the layer's own weight, or else its first array; not of layers within it.
    let direct = own.filter { !$0.path.dropFirst(name.count + 1).contains(".") }
    let shape = (direct.first { $0.role == .weight } ?? direct.first)?.shape.description ?? ""
    rows.append([name, shape, grouped(count(own)), text + frozen])
  }
  rows.append(["total", "", grouped(count(step.declarations.filter { $0.role != nil })), ""])
  return rows
}

private func count(_ parameters: [ParameterSummary]) -> Int {
  parameters.reduce(0) { $0 + $1.shape.count }
}
