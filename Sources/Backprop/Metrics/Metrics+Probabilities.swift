import BackpropCore

extension Metrics {
  /// The area under the receiver operating characteristic of two classes, 0…1: the probability that
  /// a sample of class 1 has a higher score than one of class 0, equal scores counting ½.
  ///
  /// ½ is as good as chance. Definition: scikit-learn's `roc_auc_score`. Cost: a sort.
  ///
  /// - Parameters:
  ///   - scores: one a sample, higher for class 1: a probability, a logit or any other number but
  ///     NaN.
  ///   - actual: the true classes, 0 or 1.
  /// - Returns: nil if only one class occurs: there is no area then.
  /// - Source: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver
  ///   operating characteristic (ROC) curve", Radiology 143 (1982).
  public static func rocAUC(scores: [Double], actual: [Int]) throws -> Double? {
    try requireRows("roc-auc", scores, actual, columns: 1, classes: 2)
    return area(scores, actual.map { $0 == 1 })
  }

  /// The area under the receiver operating characteristic, for any number of classes: the mean over
  /// the classes, each against all others.
  ///
  /// Definition: scikit-learn's `roc_auc_score` with `multi_class="ovr"`, `average="macro"`; for two
  /// classes, the area of class 1.
  ///
  /// - Parameters:
  ///   - scores: [samples, classes] in row-major order: probabilities, or other numbers that can be
  ///     compared between samples, but no NaN.
  ///   - actual: the true classes.
  ///   - classes: the number of classes, 2 or more.
  /// - Returns: nil if one of the classes does not occur, or only one does.
  public static func rocAUC(scores: [Double], actual: [Int], classes: Int) throws -> Double? {
    guard classes >= 2 else {
      throw ShapeError("roc-auc", [], "\(classes) classes; expected 2 or more")
    }
    try requireRows("roc-auc", scores, actual, columns: classes, classes: classes)
    var sum = 0.0
    let judged = classes == 2 ? 1..<2 : 0..<classes
    for index in judged {
      let column = stride(from: index, to: scores.count, by: classes).map { scores[$0] }
      guard let area = area(column, actual.map { $0 == index }) else { return nil }
      sum += area
    }
    return sum / Double(judged.count)
  }

  /// The mean over samples of −ln p, where p is the probability given to the true class.
  ///
  /// Probabilities are first clipped to ε…1 − ε with ε = 2⁻⁵² (so a certain error costs 36.04…, not
  /// infinity); rows are not rescaled. Definition: scikit-learn's `log_loss` on float64.
  ///
  /// - Parameters:
  ///   - probabilities: [samples, classes] in row-major order, each row with the sum 1: not logits.
  ///   - actual: the true classes.
  ///   - classes: the number of classes, 2 or more.
  public static func logLoss(
    probabilities: [Double], actual: [Int], classes: Int
  ) throws -> Double {
    guard classes >= 2 else {
      throw ShapeError("log-loss", [], "\(classes) classes; expected 2 or more")
    }
    try requireRows("log-loss", probabilities, actual, columns: classes, classes: classes)
    try requireProbabilities(probabilities)
    return actual.indices.reduce(0) { $0 + cost(probabilities[$1 * classes + actual[$1]]) }
      / Double(actual.count)
  }

  /// The mean over samples of −ln p, for two classes.
  ///
  /// - Parameters:
  ///   - probabilities: of class 1, one a sample; clipped as in
  ///     ``logLoss(probabilities:actual:classes:)``.
  ///   - actual: the true classes, 0 or 1.
  public static func logLoss(probabilities: [Double], actual: [Int]) throws -> Double {
    try requireRows("log-loss", probabilities, actual, columns: 1, classes: 2)
    try requireProbabilities(probabilities)
    return zip(probabilities, actual).reduce(0) { $0 + cost($1.1 == 1 ? $1.0 : 1 - $1.0) }
      / Double(actual.count)
  }

  private static func cost(_ probability: Double) -> Double {
    let epsilon = Double.ulpOfOne
    return -Double.log(min(max(probability, epsilon), 1 - epsilon))
  }

  /// The area by ranks: of all pairs of a positive and a negative sample, the part in order.
  private static func area(_ scores: [Double], _ isPositive: [Bool]) -> Double? {
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    // Twice the number of pairs, so that half pairs stay whole numbers.
    var pairs = 0, negatives = 0, start = 0
    while start < order.count {
      var end = start, equalPositives = 0, equalNegatives = 0
      while end < order.count, scores[order[end]] == scores[order[start]] {
        if isPositive[order[end]] { equalPositives += 1 } else { equalNegatives += 1 }
        end += 1
      }
      pairs += equalPositives * (2 * negatives + equalNegatives)
      negatives += equalNegatives
      start = end
    }
    let positives = scores.count - negatives
    guard positives > 0, negatives > 0 else { return nil }
    return Double(pairs) / 2 / Double(positives) / Double(negatives)
  }

  private static func requireRows(
    _ name: String, _ scores: [Double], _ actual: [Int], columns: Int, classes: Int
  ) throws {
    guard !actual.isEmpty, scores.count == actual.count * columns else {
      throw ShapeError(
        name, [[scores.count], [actual.count]],
        "expected \(columns) \(columns == 1 ? "score" : "scores") a sample, and one sample at least"
      )
    }
    if let wrong = actual.first(where: { $0 < 0 || $0 >= classes }) {
      throw ShapeError(name, [], "class \(wrong); expected classes from 0 to \(classes - 1)")
    }
    if let index = scores.firstIndex(where: \.isNaN) {
      throw ShapeError(name, [[scores.count]], "the score of sample \(index / columns) is NaN")
    }
  }

  private static func requireProbabilities(_ values: [Double]) throws {
    if let wrong = values.first(where: { $0 < 0 || $0 > 1 }) {
      throw ShapeError("log-loss", [[values.count]], "\(wrong) is not a probability")
    }
  }
}
