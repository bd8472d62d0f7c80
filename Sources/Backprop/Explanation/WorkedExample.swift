import BackpropCore

/// The worked example that many learn backpropagation from: 2-2-2, sigmoid, one step by hand.
///
/// Inputs .05 and .10, targets .01 and .99, w1 … w8 = .15 .20 .25 .30 .40 .45 .50 .55, one bias a
/// layer, .35 and .60, which stay as they are, half the squared error, η = .5.
///
/// - Source: M. Mazur, "A Step by Step Backpropagation Example" (2015), for the numbers.
package enum WorkedExample {
  package static let network = "2-2-2 sigmoid sigmoid"
  package static let learningRate = 0.5
  package static let inputs = [0.05, 0.10]
  package static let targets = [0.01, 0.99]
  package static let loss = HalfSquaredError()

  /// The parameters, for a network of the example's sizes with any bias rule.
  package static func state(_ step: TrainingStep) throws -> TrainingState {
    var state = try step.initialState(seed: 0)
    let numbers = [
      "hidden.weight": [0.15, 0.25, 0.20, 0.30], "output.weight": [0.40, 0.50, 0.45, 0.55],
      "hidden.bias": [0.35], "output.bias": [0.60],
    ]
    for declaration in step.declarations {
      guard let own = numbers[declaration.path] else { continue }
      let values = own.count == 1 ? Array(repeating: own[0], count: declaration.shape.count) : own
      try state.set(declaration.path, to: Tensor(values, shape: declaration.shape))
    }
    return state
  }

  /// The one sample.
  package static func batch() throws -> Batch {
    try Dataset(
      name: "the worked example", inputs: Tensor(inputs, shape: [1, 2]),
      targets: Tensor(targets, shape: [1, 2])
    ).batches(of: 1)[0]
  }

  /// What the page calls the numbers, by the names of figures.
  package static func aliases(bias: Dense.Bias) -> [String: String] {
    var names: [String: String] = ["cost": "E_total", "cost.after": "E_total after the update"]
    for index in 0..<2 {
      let own = index + 1
      names["input[\(index)]"] = "i\(own)"
      names["target[\(index)]"] = "target_o\(own)"
      names["cost.output[\(index)]"] = "E_o\(own)"
      for (layer, letter) in [("hidden", "h"), ("output", "o")] {
        names["\(layer).z[\(index)]"] = "net_\(letter)\(own)"
        names["\(layer).a[\(index)]"] = "out_\(letter)\(own)"
        names["\(layer).delta[\(index)]"] = "δ_\(letter)\(own)"
        names["\(layer).a[\(index)].gradient"] = "∂E/∂out_\(letter)\(own)"
        names["\(layer).slope[\(index)]"] = "∂out_\(letter)\(own)/∂net_\(letter)\(own)"
      }
    }
    for (layer, first) in [("hidden", 1), ("output", 5)] {
      for unit in 0..<2 {
        for input in 0..<2 {
          let (id, name) = ("\(layer).weight[\(input),\(unit)]", "w\(first + 2 * unit + input)")
          names[id] = name
          names["\(id).gradient"] = "∂E/∂\(name)"
          names["\(id).next"] = "\(name)⁺"
        }
      }
    }
    for (layer, name) in [("hidden", "b1"), ("output", "b2")] where bias == .layer {
      names["\(layer).bias[0]"] = name
      names["\(layer).bias[0].gradient"] = "∂E/∂\(name)"
      names["\(layer).bias[0].next"] = "\(name)⁺"
    }
    return names
  }

  /// Why the published page has another cost after the step.
  package static func remark(_ order: UpdateOrder) -> String {
    switch order {
    case .simultaneous:
      "The published page prints 0.291027924 after this step. Its rule, all gradients from the "
        + "weights as they stood before the step, gives 0.29102777369359933, as above; its numbers "
        + "come from a program that used the output weights it had just updated for the hidden "
        + "gradients. --order sequential does the same and gives 0.29102792390544197. (The page also "
        + "speaks of two samples; there is one.)"
    case .sequential:
      "This is the order of the program behind the published page, which prints 0.291027924. The "
        + "page's own rule takes all gradients from the weights before the step (--order "
        + "simultaneous) and gives 0.29102777369359933."
    }
  }
}
