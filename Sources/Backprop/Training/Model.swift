public import BackpropCore

/// A trained network with what it takes to use it: parameters, the scaling of inputs, the names of classes.
///
/// ```swift
/// let model = try Model(contentsOf: "runs/digits-1")
/// let classes = try model.predictedClasses(for: images)
/// ```
public struct Model: Sendable {
  /// The step that the network was trained with.
  public let step: TrainingStep
  /// The parameters and variables.
  public let state: TrainingState
  /// How inputs are scaled before the network sees them.
  public let scaling: Scaling?
  /// The names of the classes, if they have any.
  public let classNames: [String]?

  /// Puts a model together.
  public init(step: TrainingStep, state: TrainingState, scaling: Scaling? = nil, classNames: [String]? = nil) {
    (self.step, self.state, self.scaling, self.classNames) = (step, state, scaling, classNames)
  }

  /// The network's outputs for raw inputs [n, features…]: [n, outputs].
  ///
  /// - Throws: ``DataError`` if the inputs have another number of features or are not finite numbers.
  public func predict(_ inputs: Tensor) throws -> Tensor {
    let count = inputs.shape.rank > 0 ? inputs.shape[0] : 0
    guard count > 0 else { throw DataError("inputs", "\(inputs.shape) has no samples; expected [n, features]") }
    let targets: Tensor
    var classes: Int?
    switch step.target {
    case .classes(let number):
      targets = Tensor(zeros: [count], scalarType: .int32)
      classes = number
    case .values(let shape): targets = Tensor(zeros: [count, shape.count])
    }
    let dataset = try Dataset(
      name: "inputs", inputs: inputs, targets: targets, classCount: classes, scaling: scaling)
    var outputs: [Double] = []
    for batch in dataset.batches(of: min(count, 500)) {
      outputs += try step.predict(state, batch).prediction.array(of: Double.self)
    }
    return Tensor(outputs, shape: [count, outputs.count / count], as: step.precision)
  }

  /// The class with the highest output for each of the inputs; for a network that tells classes.
  public func predictedClasses(for inputs: Tensor) throws -> [Int] {
    try Metrics.classes(ofHighest: predict(inputs).array(of: Double.self), classes: step.target.outputs)
  }

  /// How well the model does on a data set.
  public func evaluate(on dataset: Dataset) throws -> Evaluation {
    try step.evaluate(state, on: scaling.map { try dataset.scaled(by: $0) } ?? dataset)
  }
}
