import BackpropCore

/// How a layer fares while it is trained, from one step: what shows vanishing and exploding
/// gradients, and units that have died.
public struct LayerStatistics: Sendable, Hashable {
  /// The path, as in `hidden`.
  public let name: String
  /// √ of the mean of a², over samples and units.
  public let activationNorm: Double
  /// ‖∂C/∂θ‖ over all trained parameters of the layer; 0 if it has none.
  public let gradientNorm: Double
  /// ‖Δθ‖/‖θ‖: how much of the parameters the update changed; 0 if they are all 0.
  public let updateRatio: Double
  /// The units through which no error passes for any sample of the batch; 0 for a layer that has no
  /// weighted inputs.
  public let deadUnits: Int

  /// How many numbers a layer has.
  static let count = 4

  init(_ name: String, _ numbers: ArraySlice<Double>) {
    let numbers = Array(numbers)
    self.name = name
    (activationNorm, gradientNorm, updateRatio) = (numbers[0], numbers[1], numbers[2])
    deadUnits = numbers[3].isFinite ? Int(numbers[3]) : 0
  }
}

/// The statistics of all layers at one step: see ``Trainer/fit(_:epochs:batchSize:seed:patience:explainEvery:onNonfinite:checkpoints:resuming:stop:onEvent:onProgress:)``.
public struct LayerReport: Sendable, Hashable {
  /// The epoch, from 1.
  public let epoch: Int
  /// The step of the whole run, from 1.
  public let step: Int
  /// The layers, from the input on.
  public let layers: [LayerStatistics]

  /// The event `layers`.
  package var json: JSONValue {
    let list = layers.map { layer -> JSONValue in
      [
        "name": .string(layer.name), "activation_norm": .number(layer.activationNorm),
        "gradient_norm": .number(layer.gradientNorm), "update_ratio": .number(layer.updateRatio),
        "dead_units": .integer(layer.deadUnits),
      ]
    }
    return [
      "event": "layers", "epoch": .integer(epoch), "step": .integer(step), "layers": .array(list),
    ]
  }
}

extension StepTrace {
  /// Adds to the graph the numbers of ``LayerStatistics`` for every layer.
  func layerStatistics() throws -> (names: [String], values: [Value]) {
    let next = Dictionary(updates.map { ($0.path, $0.value) }, uniquingKeysWith: { $1 })
    let own = Dictionary(uniqueKeysWithValues: gradients.map { ($0.path, $0.value) })
    var (names, values): ([String], [Value]) = ([], [])
    for section in NetworkSections(self, batch: inputValue.shape[0]).sections {
      let zero = prediction.constant(0)
      let a = Value(builder: builder, id: section.output)
      guard a.scalarType.isReal else { continue }
      var (gradient, change, size) = (zero, zero, zero)
      for declaration in declarations where section.parameters.contains(declaration.path) {
        guard let slope = own[declaration.path], let after = next[declaration.path] else {
          continue
        }
        gradient = try gradient + slope.squareSum()
        change = try change + (after - declaration.value).squareSum()
        size = try size + declaration.value.squareSum()
      }
      var dead = zero
      if let z = section.dense?.z, let adjoint = adjoints[z], adjoint.shape.rank == 2 {
        dead = try adjoint.abs().max(axes: [0]).equal(to: 0).cast(to: a.scalarType).sum()
      }
      let isZero = try size.equal(to: 0)
      names.append(section.name)
      values += [
        try (a * a).mean().sqrt(), try gradient.sqrt(),
        try isZero.select(0, (change / isZero.select(1, size)).sqrt()), dead,
      ]
    }
    return (names, values)
  }
}

extension Value {
  fileprivate func squareSum() throws -> Value { try (self * self).sum() }
}

/// Collects statistics while steps run: the memory for an epoch is taken once.
package struct LayerRecorder {
  private let names: [String]
  private let every: Int
  private var numbers: [Double]
  private var steps: [Int] = []

  /// Prepares for the measured steps of an epoch.
  package init(
    _ step: TrainingStep, _ dataset: Dataset, batchSize: Int, every: Int
  ) throws {
    try self.init(
      step, batch: min(batchSize, dataset.count), weighted: dataset.weights != nil,
      steps: (dataset.count - 1) / batchSize + 1, every: every)
  }

  /// Prepares for so many steps.
  package init(
    _ step: TrainingStep, batch: Int, weighted: Bool, steps count: Int, every: Int
  ) throws {
    names = try step.layerNames(batch: batch, weighted: weighted)
    self.every = every
    numbers = []
    let most = count / every + 1
    numbers.reserveCapacity(most * names.count * LayerStatistics.count)
    steps.reserveCapacity(most)
  }

  /// Whether the step with this number, from 0, is measured.
  func measures(_ step: Int) -> Bool { (step + 1) % every == 0 }

  /// Takes a step, measured.
  package mutating func run(
    _ step: TrainingStep, _ state: inout TrainingState, _ batch: Batch, learningRate: Double? = nil
  ) throws -> Double {
    let cost = try step.run(&state, batch, learningRate: learningRate, kind: .measured) {
      workspace, plan in
      for index in 0..<names.count * LayerStatistics.count {
        numbers.append(workspace.scalarOutput(index + 1, of: plan))
      }
    }
    steps.append(state.step)
    return cost
  }

  /// What was measured since the last time.
  mutating func takeReports(epoch: Int) -> [LayerReport] {
    defer {
      numbers.removeAll(keepingCapacity: true)
      steps.removeAll(keepingCapacity: true)
    }
    let width = names.count * LayerStatistics.count
    return steps.indices.map { index in
      let layers = names.indices.map { layer in
        let start = index * width + layer * LayerStatistics.count
        return LayerStatistics(names[layer], numbers[start..<start + LayerStatistics.count])
      }
      return LayerReport(epoch: epoch, step: steps[index], layers: layers)
    }
  }
}
