import BackpropCore

/// What a model that looks at no input reaches on a data set: a network that is not better has
/// learnt nothing.
public struct Baseline: Sendable {
  /// What it always says, as in `the most frequent class, 'setosa'`.
  public let rule: String
  /// Its figures, under the names of ``Evaluation/figures``, in that order.
  public let figures: [(name: String, value: Double)]

  /// Judges the baseline of a training part.
  ///
  /// For classes it is the most frequent one; for values the mean of each; for labels what each is
  /// more often.
  ///
  /// - Parameters:
  ///   - training: what the baseline is taken from.
  ///   - data: what it is judged on.
  ///   - areLabels: whether the targets are labels of 0 or 1.
  public init(training: Dataset, on data: Dataset, areLabels: Bool = false) throws {
    if let classes = data.classCount {
      let guess = try Metrics.baselineClass(
        training: training.targets.array(of: Int32.self).map { Int($0) })
      let actual = data.targets.array(of: Int32.self).map { Int($0) }
      let matrix = try ConfusionMatrix(
        predicted: actual.map { _ in guess }, actual: actual, classes: classes)
      let name = training.classNames?[guess] ?? "\(guess)"
      rule = "always \(FormatError.quoted(name)), the most frequent class"
      figures = [
        ("accuracy", matrix.accuracy), ("balanced_accuracy", matrix.balancedAccuracy),
        ("precision", matrix.precision(.macro)), ("recall", matrix.recall(.macro)),
        ("f1", matrix.f1(.macro)), ("roc_auc", 0.5),
      ]
      return
    }
    let outputs = data.targets.shape.last
    let actual = data.targets.array(of: Double.self)
    let means = try Metrics.baselineMeans(
      training: training.targets.array(of: Double.self), outputs: outputs)
    if areLabels {
      let right = actual.indices.count { (means[$0 % outputs] > 0.5 ? 1 : 0) == actual[$0] }
      rule = "always the more frequent label"
      figures = [("accuracy", Double(right) / Double(actual.count)), ("roc_auc", 0.5)]
      return
    }
    let predicted = actual.indices.map { means[$0 % outputs] }
    rule = "always the mean"
    figures = [
      ("r2", try Metrics.r2(predicted: predicted, actual: actual, outputs: outputs)),
      ("rmse", try Metrics.rootMeanSquaredError(predicted: predicted, actual: actual)),
      ("mae", try Metrics.meanAbsoluteError(predicted: predicted, actual: actual)),
      (
        "explained_variance",
        try Metrics.explainedVariance(predicted: predicted, actual: actual, outputs: outputs)
      ),
    ]
  }
}
