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

  /// The network's outputs for raw inputs [n, features…]: [n, outputs], or for classes with positions
  /// [n, positions…, classes].
  ///
  /// - Throws: ``DataError`` if the inputs have another number of features, are not finite numbers, or
  ///   hold an index that the network does not know.
  public func predict(_ inputs: Tensor) throws -> Tensor {
    let count = inputs.shape.rank > 0 ? inputs.shape[0] : 0
    guard count > 0 else {
      throw DataError("inputs", "\(inputs.shape) has no samples; expected [n, features]")
    }
    try step.check(inputs, name: "inputs")
    try Dataset.checkFinite("inputs", inputs, "input")
    let outputs = try step.predict(state, inputs, scaling: scaling)
    guard let targetScaling else { return outputs }
    return Tensor(
      targetScaling.undone(outputs.array(of: Double.self)), shape: outputs.shape, as: step.precision
    )
  }

  /// The class with the highest output for each of the inputs; for a network that tells classes. With
  /// positions, those of an input stand one behind the other.
  public func predictedClasses(for inputs: Tensor) throws -> [Int] {
    try Metrics.classes(
      ofHighest: predict(inputs).array(of: Double.self), classes: step.target.outputs)
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
