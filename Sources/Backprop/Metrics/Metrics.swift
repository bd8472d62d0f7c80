import BackpropCore

/// Figures that say how good predictions are, on plain arrays. Sums are taken in Double, in order.
///
/// All throw `ShapeError` if the arrays do not fit or are empty.
public enum Metrics {
  /// The part of samples whose predicted class is the true one, 0…1.
  public static func accuracy(predicted: [Int], actual: [Int]) throws -> Double {
    try requireSameCount("accuracy", predicted.count, actual.count)
    let right = zip(predicted, actual).count { $0 == $1 }
    return Double(right) / Double(actual.count)
  }

  /// The class with the highest score in each row; the first of several.
  ///
  /// - Parameters:
  ///   - scores: [samples, classes] in row-major order: logits, activations or probabilities.
  ///   - classes: the number of classes.
  public static func classes(ofHighest scores: [Double], classes: Int) throws -> [Int] {
    guard classes >= 1, scores.count % classes == 0 else {
      throw ShapeError("classes", [[scores.count]], "the scores are no rows of \(classes)")
    }
    return stride(from: 0, to: scores.count, by: classes).map { start in
      (1..<max(classes, 1)).reduce(0) { scores[start + $1] > scores[start + $0] ? $1 : $0 }
    }
  }

  /// The mean absolute error over samples and outputs.
  public static func meanAbsoluteError(predicted: [Double], actual: [Double]) throws -> Double {
    try requireSameCount("mean-absolute-error", predicted.count, actual.count)
    return zip(predicted, actual).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(actual.count)
  }

  /// The root of the mean squared error over samples and outputs.
  public static func rootMeanSquaredError(predicted: [Double], actual: [Double]) throws -> Double {
    try requireSameCount("root-mean-squared-error", predicted.count, actual.count)
    let squares = zip(predicted, actual).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (squares / Double(actual.count)).squareRoot()
  }

  /// The coefficient of determination R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², averaged over outputs.
  ///
  /// 1 is perfect, 0 as good as always predicting the mean, and there is no lower bound. An output
  /// whose targets are all equal counts 1 if it is predicted exactly and 0 if not, as scikit-learn
  /// has it.
  ///
  /// - Parameters:
  ///   - predicted: ŷ, [samples, outputs] in row-major order.
  ///   - actual: y, in the same order.
  ///   - outputs: the number of outputs.
  public static func r2(
    predicted: [Double], actual: [Double], outputs: Int = 1
  ) throws -> Double {
    try requireSameCount("r2", predicted.count, actual.count)
    guard outputs >= 1, actual.count % outputs == 0 else {
      throw ShapeError("r2", [[actual.count]], "the numbers are no rows of \(outputs)")
    }
    let sum = (0..<outputs).reduce(0.0) { total, output in
      let places = stride(from: output, to: actual.count, by: outputs)
      let mean = places.reduce(0) { $0 + actual[$1] } / Double(actual.count / outputs)
      let residual = places.reduce(0) { $0 + square(actual[$1] - predicted[$1]) }
      let spread = places.reduce(0) { $0 + square(actual[$1] - mean) }
      return total + (spread > 0 ? 1 - residual / spread : residual == 0 ? 1 : 0)
    }
    return sum / Double(outputs)
  }

  /// The part of the variance that is explained, 1 − Var(y − ŷ)/Var(y), averaged over outputs.
  ///
  /// Unlike ``r2(predicted:actual:outputs:)`` it forgives an error that is the same for all samples.
  /// An output whose targets are all equal counts 1 if its errors are all equal too and 0 if not.
  /// Definition: scikit-learn's `explained_variance_score`.
  ///
  /// - Parameters:
  ///   - predicted: ŷ, [samples, outputs] in row-major order.
  ///   - actual: y, in the same order.
  ///   - outputs: the number of outputs.
  public static func explainedVariance(
    predicted: [Double], actual: [Double], outputs: Int = 1
  ) throws -> Double {
    try requireSameCount("explained-variance", predicted.count, actual.count)
    guard outputs >= 1, actual.count % outputs == 0 else {
      throw ShapeError(
        "explained-variance", [[actual.count]], "the numbers are no rows of \(outputs)")
    }
    let sum = (0..<outputs).reduce(0.0) { total, output in
      let places = stride(from: output, to: actual.count, by: outputs)
      let residual = variance(places.map { actual[$0] - predicted[$0] })
      let spread = variance(places.map { actual[$0] })
      return total + (spread > 0 ? 1 - residual / spread : residual == 0 ? 1 : 0)
    }
    return sum / Double(outputs)
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + square($1 - mean) } / Double(values.count)
  }

  private static func square(_ x: Double) -> Double { x * x }

  static func requireSameCount(_ name: String, _ predicted: Int, _ actual: Int) throws {
    guard predicted == actual, actual > 0 else {
      throw ShapeError(
        name, [[predicted], [actual]],
        "expected as many predictions as true values, and one at least")
    }
  }
}
