import BackpropCore

@testable import Backprop

/// Steps whose explanations the tests look at.
enum ExplanationCase {
  /// The worked example: 2-2-2 sigmoid, biases shared by a layer and frozen unless told.
  static func worked(
    _ loss: any Loss = HalfSquaredError(), bias: Dense.Bias = .layer, freezesBias: Bool = true,
    order: UpdateOrder = .simultaneous
  ) throws -> Explanation {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: WorkedExample.network), bias: bias, freezesBias: freezesBias)
    let step = try TrainingStep(
      network, loss: loss, optimizer: SGD(learningRate: WorkedExample.learningRate),
      input: .float([2]), target: .values([2]), precision: .float64, order: order)
    var explanation = try step.explain(WorkedExample.state(step), WorkedExample.batch())
    explanation.aliases = WorkedExample.aliases(bias: bias)
    explanation.remarks = [WorkedExample.remark(order)]
    return explanation
  }

  /// A network on random numbers.
  static func random(
    _ network: some Layer, _ loss: some Loss, inputs: Int, outputs: Int, samples: Int = 1,
    isClass: Bool = false, optimizer: some Optimizer = SGD(learningRate: 0.1),
    regularization: Regularization = Regularization(), seed: UInt64 = 3
  ) throws -> Explanation {
    let step = try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: .float([inputs]),
      target: isClass ? .classes(outputs) : .values([outputs]), regularization: regularization,
      trainingSamples: 100, precision: .float64)
    let data = try Dataset.random(
      samples, inputs: inputs, outputs: outputs, isClass: isClass, seed: seed)
    return try step.explain(step.initialState(seed: seed), data.whole)
  }

  /// A network in text on random numbers.
  static func random(
    _ text: String, _ loss: some Loss, samples: Int = 1, isClass: Bool = false,
    bias: Dense.Bias = .unit, seed: UInt64 = 3
  ) throws -> Explanation {
    let specification = try NetworkSpecification(parsing: text)
    let sizes = specification.sizes.compactMap { $0 }
    let network = try MultilayerPerceptron(
      specification, bias: bias, biasInitializer: .normal(deviation: 0.3))
    return try random(
      network, loss, inputs: sizes[0], outputs: sizes.last!, samples: samples, isClass: isClass,
      seed: seed)
  }
}

extension Explanation {
  /// The value of a figure by name; NaN if there is none.
  func value(_ id: String) -> Double { figures().first { $0.id == id }?.value ?? .nan }
}
