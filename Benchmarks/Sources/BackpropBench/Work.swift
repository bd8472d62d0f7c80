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
  /// The layers of a perceptron, whose arrays are stored by number; a model's are stored by path.
  private let layers: [String]?

  init(
    _ name: String, _ benchmark: BenchmarkCase, folder: String, samples: Int?, threads: Int,
    precision: Precision
  ) throws {
    (self.name, self.benchmark) = (name, benchmark)
    let count = samples ?? benchmark.samples
    let outputs = benchmark.sizes.last ?? 0
    let own = benchmark.model.map { "\($0)-" } ?? ""
    data = try Dataset(
      name: name, inputs: NPY.read("\(folder)/x-\(own)\(count).npy"),
      targets: NPY.read("\(folder)/y-\(own)\(count).npy"), classCount: outputs)
    let sizes = benchmark.sizes.map(String.init).joined(separator: "-")
    weights = try NPZ.read("\(folder)/weights-\(benchmark.model ?? sizes).npz")
    heldMemory = Machine.startPeakMemory()
    let network: any Layer
    switch benchmark.model {
    case "lenet": (network, layers) = (LeNet(), nil)
    case "resnet-ish": (network, layers) = (SmallResNet(), nil)
    case "transformer":
      (network, layers) = (Transformer(vocabulary: outputs, context: benchmark.sizes[0]), nil)
    case nil:
      let perceptron = try MultilayerPerceptron(NetworkSpecification(parsing: benchmark.network))
      (network, layers) = (perceptron, perceptron.layerNames)
    case let name?: throw ConfigurationError("model", "there is no model '\(name)'")
    }
    let isText = data.inputs.scalarType == .int32
    // A model's sizes are those of a sample; the others are units of layers, inputs first.
    let sample = Shape(Array(benchmark.sizes.prefix(layers == nil ? benchmark.sizes.count - 1 : 1)))
    let input: InputSpecification = isText ? .index(sample, below: outputs) : .float(sample)
    step = try TrainingStep(
      network, loss: Losses.named(benchmark.loss), optimizer: Self.optimizer(benchmark),
      input: input, target: .classes(outputs, positions: isText ? sample : []),
      trainingSamples: count, precision: precision.scalarType, threads: threads,
      options: precision.options)
  }

  private static func optimizer(_ benchmark: BenchmarkCase) throws -> any Optimizer {
    switch benchmark.optimizer {
    case "sgd": SGD(learningRate: benchmark.rate)
    case "momentum": Momentum(learningRate: benchmark.rate, momentum: 0.9)
    case "adam": Adam(learningRate: benchmark.rate)
    case "adamw": AdamW(learningRate: benchmark.rate, weightDecay: 0.01)
    default: throw ConfigurationError("optimizer", "no case has \(benchmark.optimizer)")
    }
  }

  /// The stored weights, before the first step.
  func initialState() throws -> TrainingState {
    var state = try step.initialState(seed: 1)
    guard let layers else {
      for (path, array) in weights { try state.set(path, to: array) }
      return state
    }
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

  /// The mean loss of the first 1000 samples: of a model as of a batch in training, since peers keep no running numbers.
  func loss(_ state: TrainingState) throws -> Double {
    if benchmark.model != nil,
      let batch = data.batches(of: min(1000, data.count)).first(where: { _ in true })
    {
      return try step.costAndGradient(state, batch).cost
    }
    return try step.evaluate(state, on: data[0..<min(1000, data.count)], isDetailed: false).loss
  }
}
