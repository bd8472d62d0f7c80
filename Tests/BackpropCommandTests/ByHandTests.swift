import Backprop
import BackpropTesting
import Testing

@testable import ByHand

/// The library beside the four equations written out: `Examples/ByHand` is the oracle.
@Suite("The four equations by hand")
struct ByHandTests {
  static let x = [[0.05, 0.10]]
  static let y = [[0.01, 0.99]]

  @Test func theExampleHasThePublishedNumbers() throws {
    var byHand = FourEquations.worked
    let activations = byHand.forward(Self.x[0])
    expectClose(activations[2], [0.7513650695523157, 0.7729284653214625])
    expectClose([byHand.cost(Self.x[0], Self.y[0])], [0.2983711087600027])
    let deltas = byHand.errors(activations, Self.y[0])
    expectClose(deltas[0], [0.00877135468948693, 0.009954254705217196])
    expectClose(deltas[1], [0.13849856162855695, -0.038098236516556236])
    byHand.step(Self.x[0], Self.y[0], rate: 0.5, trainsBiases: false)
    expectClose(byHand.weights[1][0], [0.35891647971788465, 0.4086661860762334])
    expectClose([byHand.cost(Self.x[0], Self.y[0])], [0.29102777369359933])
  }

  @Test func theLibraryTakesTheSameStep() throws {
    var byHand = FourEquations.worked
    let library = try Library(byHand, x: Self.x, y: Self.y, freezesBias: true)
    var state = try library.state(of: byHand)
    let cost = try library.step.run(&state, library.batch)
    expectClose([cost], [byHand.cost(Self.x[0], Self.y[0])])
    byHand.step(Self.x[0], Self.y[0], rate: 0.5, trainsBiases: false)
    try library.expectSame(state, byHand, relative: 1e-12)
  }

  @Test(arguments: [true, false])
  func theLibraryReachesTheSameWeights(trainsBiases: Bool) throws {
    var byHand = FourEquations.worked
    let library = try Library(byHand, x: Self.x, y: Self.y, freezesBias: !trainsBiases)
    var state = try library.state(of: byHand)
    for _ in 1...10_000 {
      try library.step.run(&state, library.batch)
      byHand.step(Self.x[0], Self.y[0], rate: 0.5, trainsBiases: trainsBiases)
    }
    try library.expectSame(state, byHand, relative: 1e-10)
    let error = byHand.cost(Self.x[0], Self.y[0])
    expectClose(
      [error], [trainsBiases ? 2.4475622359322466e-06 : 3.510187782978859e-05], relative: 1e-10)
  }

  /// Sizes without a hidden layer, of one unit, and of four layers, with batches of several samples.
  @Test(arguments: [[3, 2], [2, 1, 1], [2, 3, 3, 3, 3], [5, 4, 7, 2]])
  func gradientsOfABatchAreTheMeanByHand(sizes: [Int]) throws {
    let byHand = FourEquations(sizes: sizes)
    let x = (0..<3).map { sample in (0..<sizes[0]).map { 0.3 * Double(sample) - 0.2 * Double($0) } }
    let y = (0..<3).map { sample in
      (0..<sizes[sizes.count - 1]).map { Double((sample + $0) % 2) }
    }
    let library = try Library(byHand, x: x, y: y, freezesBias: false)
    let (cost, found) = try library.step.costAndGradient(
      library.state(of: byHand), library.batch)
    let costs = zip(x, y).map { byHand.cost($0, $1) }
    expectClose([cost], [costs.reduce(0, +) / 3])
    let gradients = zip(x, y).map { byHand.gradient($0, $1) }
    for (layer, name) in library.names.enumerated() {
      let means = (0..<sizes[layer] * sizes[layer + 1]).map { index in
        let (k, j) = index.quotientAndRemainder(dividingBy: sizes[layer + 1])
        return gradients.reduce(0) { $0 + $1.weights[layer][j][k] } / 3
      }
      expectClose(try #require(found["\(name).weight"]).array(), means)
      let biases = (0..<sizes[layer + 1]).map { j in
        gradients.reduce(0) { $0 + $1.biases[layer][j] } / 3
      }
      expectClose(try #require(found["\(name).bias"]).array(), biases)
    }
  }
}

/// The library's Float64 step for a network by hand, with one batch of all samples and η = 0.5.
private struct Library {
  let step: TrainingStep
  let batch: Batch
  let names: [String]

  init(_ byHand: FourEquations, x: [[Double]], y: [[Double]], freezesBias: Bool) throws {
    let sizes = [x[0].count] + byHand.biases.map(\.count)
    let text = sizes.map(String.init).joined(separator: "-")
    let activations = sizes.count > 2 ? "sigmoid sigmoid" : "sigmoid"
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "\(text) \(activations)"), freezesBias: freezesBias)
    names = network.layerNames
    step = try TrainingStep(
      network, loss: .halfSquaredError, optimizer: SGD(learningRate: 0.5),
      input: .float([sizes[0]]), target: .values([sizes[sizes.count - 1]]), precision: .float64)
    let data = try Dataset(
      name: "by hand", inputs: Tensor(x.flatMap { $0 }, shape: [x.count, x[0].count]),
      targets: Tensor(y.flatMap { $0 }, shape: [y.count, y[0].count]))
    batch = data.batches(of: x.count)[0]
  }

  /// The library's state with the weights by hand, which it keeps as [inputs, outputs].
  func state(of byHand: FourEquations) throws -> TrainingState {
    var state = try step.initialState(seed: 0)
    for (layer, name) in names.enumerated() {
      let (weight, bias) = (byHand.weights[layer], byHand.biases[layer])
      try state.set(
        "\(name).weight",
        to: Tensor(transposed(weight), shape: [weight[0].count, weight.count]))
      try state.set("\(name).bias", to: Tensor(bias))
    }
    return state
  }

  func expectSame(_ state: TrainingState, _ byHand: FourEquations, relative: Double) throws {
    for (layer, name) in names.enumerated() {
      let weight = try #require(state["\(name).weight"]).array(of: Double.self)
      expectClose(weight, transposed(byHand.weights[layer]), relative: relative)
      let bias = try #require(state["\(name).bias"]).array(of: Double.self)
      expectClose(bias, byHand.biases[layer], relative: relative)
    }
  }

  private func transposed(_ weight: [[Double]]) -> [Double] {
    weight[0].indices.flatMap { k in weight.map { $0[k] } }
  }
}

extension FourEquations {
  /// A network of given sizes with weights that are all different.
  fileprivate init(sizes: [Int]) {
    self.init(weights: [], biases: [])
    for (layer, (inputs, units)) in zip(sizes, sizes.dropFirst()).enumerated() {
      let start = 0.1 * Double(layer + 1)
      weights.append(
        (0..<units).map { j in (0..<inputs).map { start + 0.2 * Double(j) - 0.3 * Double($0) } })
      biases.append((0..<units).map { 0.5 * start - 0.1 * Double($0) })
    }
  }
}

private func expectClose(
  _ found: [Double], _ expected: [Double], relative: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(throws: Never.self, sourceLocation: sourceLocation) {
    let tolerance = try checkedTolerance(relative)
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (a, b) in zip(found, expected) {
      #expect(
        abs(a - b) <= tolerance * max(abs(a), abs(b)), "found \(a), expected \(b)",
        sourceLocation: sourceLocation)
    }
  }
}
