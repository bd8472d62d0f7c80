import BackpropExecution
import BackpropTesting
import Testing

@testable import Backprop

/// Whole steps: the compiled plan against the interpreter, which shares none of its code.
@Suite struct PlanAgainstInterpreterTests {
  /// Network, cost and optimiser of a case, by name.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let layers: [(name: String, layer: any Layer)]
    let loss: any Loss
    let optimizer: any Optimizer
    var regularization = Regularization()
    var testDescription: String { name }
  }

  // No bias before a normalisation, which cancels it: its gradient would be rounding alone.
  static let cases = [
    Case(
      name: "batch normalisation, dropout, softmax, Adam",
      layers: [
        ("hidden", Dense(11, bias: .none)), ("norm", BatchNorm()), ("relu", Activation.relu),
        ("dropout", Dropout(0.4)), ("output", Dense(5)),
      ], loss: .softmaxCrossEntropy, optimizer: Adam(),
      regularization: Regularization(weightDecay: 0.01, clipNorm: 0.3)),
    Case(
      name: "dropout first, gelu, Huber, Nesterov",
      layers: [
        ("dropout", Dropout(0.1)), ("hidden", Dense(17, bias: .none)), ("gelu", Activation.gelu),
        ("norm", BatchNorm()), ("output", Dense(5)),
      ], loss: .huber(delta: 0.7), optimizer: Nesterov(),
      regularization: Regularization(l2: 0.2, clipValue: 0.05)),
    Case(
      name: "shared bias, softmax inside, Nielsen's cross-entropy, momentum",
      layers: [
        ("hidden", Dense(9, bias: .layer)), ("tanh", Activation.tanh),
        ("middle", Dense(6)), ("softmax", Activation.softmax),
        ("output", Dense(5, bias: .none)), ("sigmoid", Activation.sigmoid),
      ], loss: .crossEntropy, optimizer: Momentum()),
    Case(
      name: "two norms, elu and softplus, root mean squared error, AdamW",
      layers: [
        ("hidden1", Dense(16, bias: .none)), ("norm1", BatchNorm()), ("elu", Activation.elu()),
        ("hidden2", Dense(7, bias: .none)), ("norm2", BatchNorm()),
        ("softplus", Activation.softplus),
        ("dropout", Dropout(0.5)), ("output", Dense(5)),
      ], loss: .rootMeanSquaredError, optimizer: AdamW()),
  ]

  private func step(_ sample: Case, _ precision: ScalarType, _ options: PlanOptions) throws
    -> TrainingStep
  {
    try TrainingStep(
      Sequential(sample.layers), loss: sample.loss, optimizer: sample.optimizer,
      input: .float([13]), target: .classes(5), regularization: sample.regularization,
      schedule: .warmup(4), trainingSamples: 50, precision: precision, threads: 2,
      options: options)
  }

  /// Products in regions and tiles, with few rows and with narrow tiles at the edge; the plan that fuses nothing does
  /// the product first and the code after it.
  @Test(arguments: [1, 2, 40, 300])
  func `wide and ragged layers, finished in regions or afterwards`(_ samples: Int) throws {
    let batch = try Dataset.random(samples, inputs: 31, outputs: 257).whole
    let layers: [(name: String, layer: any Layer)] = [
      ("one", Dense(600)), ("tanh", Activation.tanh), ("two", Dense(530, bias: .none)),
      ("relu", Activation.relu), ("output", Dense(257)),
    ]
    for path in KernelPath.supported {
      let states = try [true, false].map { fuses in
        var options = PlanOptions()
        (options.path, options.fuses) = (path, fuses)
        let step = try TrainingStep(
          Sequential(layers), loss: .softmaxCrossEntropy, optimizer: Momentum(learningRate: 0.1),
          input: .float([31]), target: .classes(257), precision: .float64, threads: 3,
          options: options)
        var state = try step.initialState(seed: 6)
        for _ in 0..<2 { try step.run(&state, batch) }
        return state
      }
      for entry in states[0].layout.entries {
        let (fused, plain) = (states[0][entry.path]!, states[1][entry.path]!)
        let worst =
          zip(fused.array(of: Double.self), plain.array(of: Double.self))
          .map { abs($0 - $1) }.max() ?? 0
        #expect(worst < 1e-13, "\(path), \(entry.path): \(worst)")
      }
    }
  }

  @Test(arguments: cases, [ScalarType.float64, .float32])
  func `cost, gradients, state and prediction`(_ sample: Case, _ precision: ScalarType) throws {
    let batch = try Dataset.random(19, inputs: 13, outputs: 5).whole
    // Adam divides by roots of small numbers, so in float32 the rounding of gradients shows.
    let (tolerance, floor) = precision == .float64 ? (1e-12, 1e-3) : (2e-4, 1e-1)
    for path in KernelPath.supported {
      for fuses in [true, false] {
        var options = PlanOptions()
        (options.path, options.fuses, options.serialThreshold) = (path, fuses, 0)
        let step = try step(sample, precision, options)
        var state = try step.initialState(seed: 6)
        for _ in 0..<2 {
          func compare(_ what: String, _ found: Numbers<Double>, _ expected: Numbers<Double>)
            throws
          {
            let worst = try Discrepancy(
              "\(path), fused \(fuses), \(what)", found: found, expected: expected,
              tolerance: tolerance, floor: floor)
            #expect(worst.passed, "\(worst)")
          }
          let trace = try step.trace(.training, batch: batch.count)
          let expected = try Interpreter<Double>(trace.builder.graph).values(
            of: [trace.cost] + trace.gradients.map(\.value) + trace.updates.map(\.value),
            bindings: step.bindings(trace, state, batch, Double.self))
          let (cost, gradients) = try step.costAndGradient(state, batch)
          try compare("cost", Numbers([], [cost]), expected[0].reshaped([]))
          for (gradient, expected) in zip(trace.gradients, expected.dropFirst()) {
            try compare("∂C/∂\(gradient.path)", Numbers(gradients[gradient.path]!), expected)
          }
          let evaluation = try step.trace(.evaluation, batch: batch.count)
          let prediction = try Interpreter<Double>(evaluation.builder.graph).values(
            of: [evaluation.prediction],
            bindings: step.bindings(evaluation, state, batch, Double.self))[0]
          try compare("prediction", Numbers(step.predict(state, batch).prediction), prediction)
          try step.run(&state, batch)
          for (update, expected) in zip(
            trace.updates, expected.dropFirst(1 + trace.gradients.count))
          {
            try compare(update.path, Numbers(state[update.path]!), expected)
          }
        }
      }
    }
  }
}

extension Numbers where R == Double {
  /// The same numbers under another shape.
  fileprivate func reshaped(_ shape: Shape) -> Numbers { Numbers(shape, values) }
}
