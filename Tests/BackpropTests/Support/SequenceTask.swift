import BackpropExecution

@testable import Backprop

/// Sequences of tokens, and at each time a class that this token and the one before decide.
enum SequenceTask {
  static let tokens = 4
  static let time = 6

  /// The class is (token + the token before) mod 4.
  static func data(_ count: Int, seed: UInt64 = 3) throws -> Dataset {
    let x = RandomKey(seed).uniforms(count * time).map { Int32($0 * Double(tokens)) }
    let y = x.indices.map { place in
      (x[place] + (place % time == 0 ? 0 : x[place - 1])) % Int32(tokens)
    }
    return try Dataset(
      name: "sequences", inputs: Tensor(x, shape: [count, time]),
      targets: Tensor(y, shape: [count, time]), classCount: tokens)
  }

  /// A causal transformer.
  static let transformer = Sequential([
    ("tokens", Embedding(tokens, features: 16)), ("positions", LearnedPositions(time)),
    (
      "block",
      TransformerEncoderBlock(heads: 2, hidden: 32, isCausal: true, normalization: .before)
    ), ("norm", LayerNorm()), ("output", Dense(tokens)),
  ])

  /// An LSTM.
  static let lstm = Sequential([
    ("tokens", Embedding(tokens, features: 8)), ("memory", Recurrent(.lstm, 16)),
    ("output", Dense(tokens)),
  ])

  static func network(_ name: String) -> Sequential { name == "lstm" ? lstm : transformer }

  static func step(
    _ network: some Layer, precision: ScalarType = .float32, threads: Int = 1
  ) throws -> TrainingStep {
    var options = PlanOptions()
    options.serialThreshold = 0
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: Adam(learningRate: 0.01),
      input: .index([time], below: tokens), target: .classes(tokens, positions: [time]),
      precision: precision, threads: threads, options: options)
  }
}
