import Backprop
import Comparison

/// A case with its stored arrays and the library's step for it.
struct Work {
  let name: String
  let benchmark: BenchmarkCase
  let data: Dataset
  let step: TrainingStep
  /// MiB that the process held before the network was made; nil where the system does not tell.
  let heldMemory: Double?
  private let weights: [String: Tensor]
  private let layers: [String]

  init(
    _ name: String, _ benchmark: BenchmarkCase, folder: String, samples: Int?, threads: Int,
    precision: Precision
  ) throws {
    (self.name, self.benchmark) = (name, benchmark)
    let count = samples ?? benchmark.samples
    let sizes = benchmark.sizes.map(String.init).joined(separator: "-")
    let classes = benchmark.sizes.last ?? 0
    data = try Dataset(
      name: name, inputs: NPY.read("\(folder)/x-\(count).npy"),
      targets: NPY.read("\(folder)/y-\(count).npy"), classCount: classes)
    weights = try NPZ.read("\(folder)/weights-\(sizes).npz")
    heldMemory = Machine.startPeakMemory()
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: benchmark.network))
    layers = network.layerNames
    step = try TrainingStep(
      network, loss: Losses.named(benchmark.loss), optimizer: Self.optimizer(benchmark),
      input: .float([benchmark.sizes[0]]), target: .classes(classes), trainingSamples: count,
      precision: precision.scalarType, threads: threads, options: precision.options)
  }

  private static func optimizer(_ benchmark: BenchmarkCase) throws -> any Optimizer {
    switch benchmark.optimizer {
    case "sgd": SGD(learningRate: benchmark.rate)
    case "momentum": Momentum(learningRate: benchmark.rate, momentum: 0.9)
    case "adam": Adam(learningRate: benchmark.rate)
    default: throw ConfigurationError("optimizer", "no case has \(benchmark.optimizer)")
    }
  }

  /// The stored weights, before the first step.
  func initialState() throws -> TrainingState {
    var state = try step.initialState(seed: 1)
    for (index, layer) in layers.enumerated() {
      guard let weight = weights["w\(index)"], let bias = weights["b\(index)"] else {
        throw ConfigurationError("weights", "the stored weights have no layer \(index)")
      }
      try state.set("\(layer).weight", to: weight)
      try state.set("\(layer).bias", to: bias)
    }
    return state
  }

  /// One pass in the stored order, as anybody would write it.
  func epoch(_ state: inout TrainingState) throws {
    for batch in data.batches(of: benchmark.batch) { try step.run(&state, batch) }
  }

  /// The mean loss of the first 1000 samples.
  func loss(_ state: TrainingState) throws -> Double {
    try step.evaluate(state, on: data[0..<min(1000, data.count)], isDetailed: false).loss
  }
}
