/// How a figure of single classes becomes one of all.
public enum ClassAverage: String, Hashable, Sendable, CaseIterable {
  /// Every class counts the same.
  case macro
  /// Every class counts as often as it truly occurs.
  case weighted
}

/// Definitions are those of scikit-learn (`precision_score`, `recall_score`, `f1_score` with
/// `zero_division=0`, `balanced_accuracy_score`): averages are over the classes that occur, truly
/// or as a prediction, and a ratio of 0 to 0 counts 0.
extension ConfusionMatrix {
  /// How many samples are of a class.
  public func support(of index: Int) -> Int { counts[index].reduce(0, +) }

  /// How many samples were predicted as a class.
  public func predictions(of index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }

  /// The harmonic mean of precision and recall, F1 = 2·TP / (2·TP + FP + FN), 0…1; nil for a class
  /// that occurs neither truly nor as a prediction.
  public func f1(of index: Int) -> Double? {
    let whole = support(of: index) + predictions(of: index)
    return whole == 0 ? nil : Double(2 * counts[index][index]) / Double(whole)
  }

  /// The mean recall of the classes that truly occur, 0…1: accuracy as if all were equally common.
  public var balancedAccuracy: Double {
    let recalls = counts.indices.compactMap { recall(of: $0) }
    return recalls.reduce(0, +) / Double(recalls.count)
  }

  /// The precision of the classes together, 0…1.
  public func precision(_ average: ClassAverage) -> Double {
    mean(average) { precision(of: $0) }
  }

  /// The recall of the classes together, 0…1; weighted, it is the accuracy.
  public func recall(_ average: ClassAverage) -> Double { mean(average) { recall(of: $0) } }

  /// The F1 of the classes together, 0…1: the mean of F1, not F1 of the means.
  public func f1(_ average: ClassAverage) -> Double { mean(average) { f1(of: $0) } }

  private func mean(_ average: ClassAverage, _ figure: (Int) -> Double?) -> Double {
    var sum = 0.0, weights = 0
    for index in counts.indices {
      let support = support(of: index)
      guard support + predictions(of: index) > 0 else { continue }
      let weight = average == .macro ? 1 : support
      sum += Double(weight) * (figure(index) ?? 0)
      weights += weight
    }
    return sum / Double(weights)
  }
}

extension Metrics {
  /// The mean recall of the classes that truly occur, 0…1; see
  /// ``ConfusionMatrix/balancedAccuracy``.
  public static func balancedAccuracy(
    predicted: [Int], actual: [Int], classes: Int
  ) throws -> Double {
    try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes).balancedAccuracy
  }

  /// Of the samples predicted as a class, the part that is of it, averaged; see
  /// ``ConfusionMatrix/precision(_:)``.
  public static func precision(
    predicted: [Int], actual: [Int], classes: Int, average: ClassAverage = .macro
  ) throws -> Double {
    try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes).precision(average)
  }

  /// Of the samples of a class, the part that was predicted as it, averaged; see
  /// ``ConfusionMatrix/recall(_:)``.
  public static func recall(
    predicted: [Int], actual: [Int], classes: Int, average: ClassAverage = .macro
  ) throws -> Double {
    try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes).recall(average)
  }

  /// The harmonic mean of precision and recall, averaged; see ``ConfusionMatrix/f1(_:)``.
  public static func f1(
    predicted: [Int], actual: [Int], classes: Int, average: ClassAverage = .macro
  ) throws -> Double {
    try ConfusionMatrix(predicted: predicted, actual: actual, classes: classes).f1(average)
  }
}
