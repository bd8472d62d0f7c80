import BackpropCore

/// The figures of every class, as scikit-learn's `classification_report` has them.
///
/// ```swift
/// let table = try ClassTable(matrix, names: ["setosa", "versicolor", "virginica"])
/// table.rows[0].recall
/// table.macro.f1
/// ```
public struct ClassTable: Hashable, Sendable, Codable {
  /// The figures of one class, or of all together.
  public struct Row: Hashable, Sendable, Codable {
    /// The class, or the kind of average.
    public let name: String
    /// Of the samples predicted as the class, the part that is of it, 0…1; 0 if none was.
    public let precision: Double
    /// Of the samples of the class, the part that was predicted as it, 0…1; 0 if there is none.
    public let recall: Double
    /// The harmonic mean of precision and recall, 0…1; 0 if both are.
    public let f1: Double
    /// How many samples are of the class.
    public let support: Int
    /// How many samples were predicted as the class.
    public let predicted: Int
  }

  /// A row for each class, also for one that does not occur.
  public let rows: [Row]
  /// The mean of the classes that occur.
  public let macro: Row
  /// The mean weighted by how often classes occur.
  public let weighted: Row
  /// The part of all samples whose class was found, 0…1.
  public let accuracy: Double
  /// The mean recall of the classes that truly occur, 0…1.
  public let balancedAccuracy: Double

  /// Computes all figures from the counts.
  ///
  /// - Parameters:
  ///   - matrix: which classes were taken for which.
  ///   - names: the name of each class; without them, their numbers.
  /// - Throws: `ShapeError` if there are more or fewer names than classes.
  public init(_ matrix: ConfusionMatrix, names: [String]? = nil) throws {
    let names = names ?? (0..<matrix.classes).map(String.init)
    guard names.count == matrix.classes else {
      throw ShapeError("class-table", [], "\(names.count) names for \(matrix.classes) classes")
    }
    rows = names.enumerated().map { index, name in
      Row(
        name: name, precision: matrix.precision(of: index) ?? 0,
        recall: matrix.recall(of: index) ?? 0, f1: matrix.f1(of: index) ?? 0,
        support: matrix.support(of: index), predicted: matrix.predictions(of: index))
    }
    let count = matrix.counts.joined().reduce(0, +)
    func mean(_ average: ClassAverage) -> Row {
      Row(
        name: average.rawValue, precision: matrix.precision(average),
        recall: matrix.recall(average), f1: matrix.f1(average), support: count, predicted: count)
    }
    (macro, weighted) = (mean(.macro), mean(.weighted))
    (accuracy, balancedAccuracy) = (matrix.accuracy, matrix.balancedAccuracy)
  }
}
