import BackpropCore

/// How well a network does on a data set.
///
/// Figures of numeric targets are in the targets' own units. Targets are labels where they are all
/// 0 or 1 and the cost is the cross-entropy of sigmoids: then each output is a yes or no of its own.
public struct Evaluation: Sendable {
  /// The cost over the whole set: batches pooled as the loss says. It is of the values that the
  /// network learns: standardised ones, where they are.
  public let loss: Double
  /// The part of the samples whose class was found, of all positions where samples have several, or
  /// of all labels that are right; nil for numeric targets.
  public private(set) var accuracy: Double?
  /// The coefficient of determination, averaged over the outputs; nil for classes and labels.
  public private(set) var r2: Double?
  /// The root of the mean squared error over samples and outputs; nil for classes and labels.
  public private(set) var rmse: Double?
  /// The mean absolute error over samples and outputs; nil for classes and labels.
  public private(set) var mae: Double?
  /// The part of the variance that is explained, averaged over the outputs; nil for classes and
  /// labels.
  public private(set) var explainedVariance: Double?
  /// Which classes were taken for which; nil for numeric targets and labels.
  public private(set) var confusion: ConfusionMatrix?
  /// The area under the ROC curve (mean over the classes against the others, or over the labels);
  /// nil if a class does not occur, or it was not asked for.
  public private(set) var rocAUC: Double?
  /// The mean of −ln p of the true class or label; nil if the network gives no probabilities, or
  /// it was not asked for.
  public private(set) var logLoss: Double?

  /// The mean recall of the classes that occur; nil for numeric targets and labels.
  public var balancedAccuracy: Double? { confusion?.balancedAccuracy }
  /// The figures in order, by name: `accuracy`, `balanced_accuracy`, `precision`, … for classes,
  /// `r2`, `mae`, … for numbers. Averages over classes are macro averages.
  public var figures: [(name: String, value: Double)] {
    let figures: [(String, Double?)] = [
      ("loss", loss), ("accuracy", accuracy), ("balanced_accuracy", balancedAccuracy),
      ("precision", confusion?.precision(.macro)), ("recall", confusion?.recall(.macro)),
      ("f1", confusion?.f1(.macro)), ("roc_auc", rocAUC), ("log_loss", logLoss), ("r2", r2),
      ("rmse", rmse), ("mae", mae), ("explained_variance", explainedVariance),
    ]
    return figures.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension Evaluation {
  /// The figures that are single numbers and were computed, by name.
  var scalars: [(name: String, value: Double)] {
    let scalars: [(String, Double?)] = [
      ("loss", loss), ("accuracy", accuracy), ("r2", r2), ("rmse", rmse), ("mae", mae),
      ("explained_variance", explainedVariance),
    ]
    return scalars.compactMap { name, value in value.map { (name, $0) } }
  }

  /// Reads what ``scalars`` gave; what is beyond it stays nil.
  init(scalars members: inout JSONMembers) throws(FormatError) {
    func number(_ name: String) throws(FormatError) -> Double? {
      try members.optional(name, "a finite number", \.double)
    }
    loss = try members.required("loss", "a finite number", \.double)
    (accuracy, r2, rmse) = (try number("accuracy"), try number("r2"), try number("rmse"))
    (mae, explainedVariance) = (try number("mae"), try number("explained_variance"))
  }
}

extension TrainingStep {
  /// Runs the network over a data set in evaluation mode.
  ///
  /// - Parameters:
  ///   - state: the parameters and variables.
  ///   - dataset: the samples, as the step takes them.
  ///   - batchSize: samples a run; the result does not depend on it but for rounding in the pooled
  ///     loss.
  ///   - isDetailed: whether to compute the ROC AUC and the log loss too, which sort all samples.
  public func evaluate(
    _ state: TrainingState, on dataset: Dataset, batchSize: Int = 500, isDetailed: Bool = true
  ) throws -> Evaluation {
    var pooled = 0.0
    var outputs: [Double] = []
    for batch in dataset.batches(of: batchSize) {
      let (prediction, cost) = try predict(state, batch)
      pooled += loss.pooling.share(cost, samples: batch.count)
      outputs += prediction.array(of: Double.self)
    }
    if let scaling = dataset.targetScaling { outputs = scaling.undone(outputs) }
    let cost = loss.pooling.cost(total: pooled, samples: dataset.count)
    return try Evaluation(
      loss: cost, outputs: outputs, dataset: dataset, step: self, isDetailed: isDetailed)
  }

  /// The probabilities that outputs stand for, in the same order; nil if the cost makes none of
  /// them.
  ///
  /// Of classes, each row sums to 1: softmax of logits, or activations divided by their sum. Of
  /// labels, each is a probability of its own: sigmoid of a logit, or an activation.
  ///
  /// - Parameter outputs: [samples, outputs] in row-major order.
  public func probabilities(ofOutputs outputs: [Double]) -> [Double]? {
    switch loss.probabilities {
    case .softmax, .exponentials:
      return rows(outputs) { row in
        let highest = row.max() ?? 0
        return normalized(row.map { Double.exp($0 - highest) })
      }
    case .sigmoid:
      let sigmoids = outputs.map { 1 / (1 + Double.exp(-$0)) }
      return isClasses ? rows(sigmoids, normalized) : sigmoids
    case .outputs: return isClasses ? rows(outputs, normalized) : outputs
    case nil: return nil
    }
  }

  private var isClasses: Bool { if case .classes = target { true } else { false } }

  private func normalized(_ row: [Double]) -> [Double] {
    let sum = row.reduce(0, +)
    return sum > 0 ? row.map { $0 / sum } : row.map { _ in 1 / Double(row.count) }
  }

  private func rows(_ values: [Double], _ change: ([Double]) -> [Double]) -> [Double] {
    stride(from: 0, to: values.count, by: target.outputs).flatMap {
      change(Array(values[$0..<$0 + target.outputs]))
    }
  }
}

extension Evaluation {
  init(
    loss: Double, outputs: [Double], dataset: Dataset, step: TrainingStep, isDetailed: Bool
  ) throws {
    self.loss = loss
    if case .classes(let classes, _) = step.target {
      let predicted = try Metrics.classes(ofHighest: outputs, classes: classes)
      let actual = dataset.targets.array(of: Int32.self).map { Int($0) }
      let matrix = try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes)
      (confusion, accuracy) = (matrix, matrix.accuracy)
      guard isDetailed, classes >= 2, outputs.allSatisfy(\.isFinite) else { return }
      let probabilities = step.probabilities(ofOutputs: outputs)
      rocAUC = try Metrics.rocAUC(
        scores: probabilities ?? outputs, actual: actual, classes: classes)
      logLoss = try probabilities.map {
        try Metrics.logLoss(probabilities: $0, actual: actual, classes: classes)
      }
      return
    }
    let actual = dataset.targets.array(of: Double.self)
    if let probabilities = step.probabilities(ofOutputs: outputs),
      actual.allSatisfy({ $0 == 0 || $0 == 1 })
    {
      try judgeLabels(probabilities, actual.map { Int($0) }, step.target.outputs, isDetailed)
      return
    }
    let count = step.target.outputs
    r2 = try Metrics.r2(predicted: outputs, actual: actual, outputs: count)
    rmse = try Metrics.rootMeanSquaredError(predicted: outputs, actual: actual)
    mae = try Metrics.meanAbsoluteError(predicted: outputs, actual: actual)
    explainedVariance = try Metrics.explainedVariance(
      predicted: outputs, actual: actual, outputs: count)
  }

  private mutating func judgeLabels(
    _ probabilities: [Double], _ actual: [Int], _ outputs: Int, _ isDetailed: Bool
  ) throws {
    accuracy = try Metrics.accuracy(
      predicted: probabilities.map { $0 > 0.5 ? 1 : 0 }, actual: actual)
    guard isDetailed, probabilities.allSatisfy(\.isFinite) else { return }
    logLoss = try Metrics.logLoss(probabilities: probabilities, actual: actual)
    var areas: [Double] = []
    for output in 0..<outputs {
      let places = stride(from: output, to: actual.count, by: outputs)
      let area = try Metrics.rocAUC(
        scores: places.map { probabilities[$0] }, actual: places.map { actual[$0] })
      if let area { areas.append(area) }
    }
    if areas.count == outputs { rocAUC = areas.reduce(0, +) / Double(outputs) }
  }
}
