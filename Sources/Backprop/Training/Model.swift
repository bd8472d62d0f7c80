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
  /// How values were scaled before the network learnt them; predictions are scaled back.
  public let targetScaling: Scaling?
  /// The names of the classes, if they have any.
  public let classNames: [String]?
  /// How rows of a table become inputs; nil for a model that learnt from no table.
  public let preprocessing: Preprocessing?

  /// Puts a model together.
  public init(
    step: TrainingStep, state: TrainingState, scaling: Scaling? = nil,
    targetScaling: Scaling? = nil, classNames: [String]? = nil,
    preprocessing: Preprocessing? = nil
  ) {
    (self.targetScaling, self.preprocessing) = (targetScaling, preprocessing)
    (self.step, self.state, self.scaling, self.classNames) = (step, state, scaling, classNames)
  }

  /// The network's outputs for raw inputs [n, features…]: [n, outputs].
  ///
  /// - Throws: ``DataError`` if the inputs have another number of features or are not finite numbers.
  public func predict(_ inputs: Tensor) throws -> Tensor {
    let count = inputs.shape.rank > 0 ? inputs.shape[0] : 0
    guard count > 0 else {
      throw DataError("inputs", "\(inputs.shape) has no samples; expected [n, features]")
    }
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
    for batch in Self.paddedBatches(dataset) {
      outputs += try step.predict(state, batch).prediction.array(of: Double.self)
    }
    outputs.removeLast(outputs.count - count * step.target.outputs)
    if let targetScaling { outputs = targetScaling.undone(outputs) }
    return Tensor(outputs, shape: [count, outputs.count / count], as: step.precision)
  }

  /// The class with the highest output for each of the inputs; for a network that tells classes.
  public func predictedClasses(for inputs: Tensor) throws -> [Int] {
    try Metrics.classes(
      ofHighest: predict(inputs).array(of: Double.self), classes: step.target.outputs)
  }

  /// Batches of 500, or fewer samples the next power of two, the last filled up with the last
  /// sample: plans are made for few sizes, however long the inputs are.
  private static func paddedBatches(_ dataset: Dataset) -> [Batch] {
    var size = 1
    while size < min(dataset.count, 500) { size = min(size * 2, 500) }
    let last = Int32(dataset.count - 1)
    let padded = (dataset.count + size - 1) / size * size
    let order = (0..<Int32(padded)).map { min($0, last) }
    return stride(from: 0, to: padded, by: size).map {
      Batch(dataset: dataset, order: order, range: $0..<$0 + size)
    }
  }

  /// This model with another preprocessing, or one where there was none.
  public func preprocessed(by preprocessing: Preprocessing) -> Model {
    Model(
      step: step, state: state, scaling: scaling, targetScaling: targetScaling,
      classNames: classNames, preprocessing: preprocessing)
  }

  /// How well the model does on a data set.
  public func evaluate(on dataset: Dataset) throws -> Evaluation {
    var dataset = dataset
    if let scaling { dataset = try dataset.scaled(by: scaling) }
    if let targetScaling { dataset = try dataset.targetsScaled(by: targetScaling) }
    return try step.evaluate(state, on: dataset)
  }
}
