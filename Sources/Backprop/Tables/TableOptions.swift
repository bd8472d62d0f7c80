/// What is done about fields that are missing: empty, or `NA`, `N/A`, `NaN`, `null` or `?` in upper
/// or lower case.
///
/// A target is never filled: a row without one is an error, or left out with ``drop``. A missing
/// text has none of the levels: all its inputs are 0.
public enum MissingPolicy: String, Hashable, Sendable, CaseIterable {
  /// A missing field is an error that names its place.
  case error
  /// A missing number is the mean of the training part.
  case mean
  /// A missing number is the median of the training part.
  case median
  /// A row with a missing field is left out, in training and in prediction.
  case drop
}

/// What is learnt from a table.
public enum TableTask: String, Hashable, Sendable, CaseIterable {
  /// Told from the target: text, and whole numbers of which there are at most 20 and each at least
  /// twice, are classes; other numbers are values. Several targets are labels if all are 0 or 1,
  /// values if not.
  case automatic = "auto"
  /// The target is a class; several targets are labels of 0 or 1.
  case classification
  /// The targets are values.
  case regression
}

/// How a table is to be used.
public struct TableOptions: Hashable, Sendable {
  /// The columns to predict; none for the column named `target`, or else the last that is used for
  /// nothing else. Several are outputs side by side.
  public var targets: [String]
  /// Columns to leave out.
  public var drop: [String]
  /// What columns are, where it should not be told from their values.
  public var kinds: [String: ColumnKind]
  /// What is learnt.
  public var task: TableTask
  /// What is done about missing fields.
  public var missing: MissingPolicy
  /// Whether a column with missing fields in the training part becomes one more input, which is 1
  /// where the field is missing.
  public var addsIndicators: Bool
  /// Whether numbers (inputs and target values) are brought to mean 0 and deviation 1.
  public var standardizes: Bool
  /// The column with each row's weight: numbers from 0 up, no input.
  public var sampleWeights: String?
  /// The column with each row's group, which a split keeps together: no input.
  public var group: String?

  /// The most levels of a text column: more are an error.
  public static let levelLimit = 50

  /// Says how a table is to be used.
  public init(
    targets: [String] = [], drop: [String] = [], kinds: [String: ColumnKind] = [:],
    task: TableTask = .automatic, missing: MissingPolicy = .error, addsIndicators: Bool = false,
    standardizes: Bool = true, sampleWeights: String? = nil, group: String? = nil
  ) {
    (self.targets, self.drop, self.kinds, self.task) = (targets, drop, kinds, task)
    (self.missing, self.addsIndicators) = (missing, addsIndicators)
    (self.standardizes, self.sampleWeights, self.group) = (standardizes, sampleWeights, group)
  }
}
