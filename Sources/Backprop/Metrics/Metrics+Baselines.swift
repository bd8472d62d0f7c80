import BackpropCore

/// What a model that looks at no input would reach. A network that is not better has learnt
/// nothing.
extension Metrics {
  /// The most frequent class of the training samples, the lowest of several: what
  /// scikit-learn's `DummyClassifier(strategy="most_frequent")` predicts.
  public static func baselineClass(training: [Int]) throws -> Int {
    var counts: [Int: Int] = [:]
    for index in training { counts[index, default: 0] += 1 }
    guard let best = counts.min(by: { ($1.value, $0.key) < ($0.value, $1.key) }) else {
      throw ShapeError("baseline", [[0]], "expected one training sample at least")
    }
    return best.key
  }

  /// The accuracy of always predicting the most frequent class of the training samples, 0…1.
  public static func baselineAccuracy(training: [Int], actual: [Int]) throws -> Double {
    let guess = try baselineClass(training: training)
    return try accuracy(
      predicted: [Int](repeating: guess, count: actual.count), actual: actual)
  }

  /// The mean of each output over the training samples: what scikit-learn's
  /// `DummyRegressor(strategy="mean")` predicts.
  ///
  /// - Parameters:
  ///   - training: the targets of the training samples, [samples, outputs] in row-major order.
  ///   - outputs: the number of outputs.
  public static func baselineMeans(training: [Double], outputs: Int = 1) throws -> [Double] {
    guard outputs >= 1, !training.isEmpty, training.count % outputs == 0 else {
      throw ShapeError(
        "baseline", [[training.count]], "the numbers are no rows of \(outputs), one at least")
    }
    return (0..<outputs).map { output in
      stride(from: output, to: training.count, by: outputs).reduce(0) { $0 + training[$1] }
        / Double(training.count / outputs)
    }
  }

  /// The predictions of the baseline, [samples, outputs] in row-major order: the means of the
  /// training samples, once for each sample. Any other metric takes them as `predicted`.
  public static func baselinePredictions(
    training: [Double], outputs: Int = 1, samples: Int
  ) throws -> [Double] {
    let means = try baselineMeans(training: training, outputs: outputs)
    return (0..<max(0, samples)).flatMap { _ in means }
  }

  /// The root of the mean squared error of always predicting the training samples' means.
  ///
  /// - Parameters:
  ///   - training: the targets of the training samples, [samples, outputs] in row-major order.
  ///   - actual: the targets to judge by, in the same order.
  ///   - outputs: the number of outputs.
  public static func baselineRootMeanSquaredError(
    training: [Double], actual: [Double], outputs: Int = 1
  ) throws -> Double {
    let predicted = try baselinePredictions(
      training: training, outputs: outputs, samples: actual.count / max(1, outputs))
    return try rootMeanSquaredError(predicted: predicted, actual: actual)
  }
}
