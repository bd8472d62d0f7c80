/// How well a network does on a data set.
public struct Evaluation: Sendable {
  /// The cost over the whole set: batches pooled as the loss says.
  public let loss: Double
  /// The part of the samples whose class was found; nil for numeric targets.
  public let accuracy: Double?
  /// The coefficient of determination, averaged over the outputs; nil for classes.
  public let r2: Double?
  /// The root of the mean squared error over samples and outputs; nil for classes.
  public let rmse: Double?
  /// The mean absolute error over samples and outputs; nil for classes.
  public let mae: Double?
  /// Which classes were taken for which; nil for numeric targets.
  public let confusion: ConfusionMatrix?
}

extension TrainingStep {
  /// Runs the network over a data set in evaluation mode.
  ///
  /// - Parameters:
  ///   - state: the parameters and variables.
  ///   - dataset: the samples, as the step takes them.
  ///   - batchSize: samples a run; the result does not depend on it but for rounding in the pooled
  ///     loss.
  public func evaluate(
    _ state: TrainingState, on dataset: Dataset, batchSize: Int = 500
  ) throws -> Evaluation {
    var pooled = 0.0
    var outputs: [Double] = []
    for batch in dataset.batches(of: batchSize) {
      let (prediction, cost) = try predict(state, batch)
      pooled += (loss.pooling == .mean ? cost : cost * cost) * Double(batch.count)
      outputs += prediction.array(of: Double.self)
    }
    pooled /= Double(dataset.count)
    let cost = loss.pooling == .mean ? pooled : pooled.squareRoot()
    guard case .classes(let classes) = target else {
      let actual = dataset.targets.array(of: Double.self)
      return Evaluation(
        loss: cost, accuracy: nil, r2: try Metrics.r2(predicted: outputs, actual: actual, outputs: target.outputs),
        rmse: try Metrics.rootMeanSquaredError(predicted: outputs, actual: actual),
        mae: try Metrics.meanAbsoluteError(predicted: outputs, actual: actual), confusion: nil)
    }
    let predicted = try Metrics.classes(ofHighest: outputs, classes: classes)
    let actual = dataset.targets.array(of: Int32.self).map { Int($0) }
    let confusion = try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes)
    return Evaluation(
      loss: cost, accuracy: confusion.accuracy, r2: nil, rmse: nil, mae: nil, confusion: confusion)
  }
}
