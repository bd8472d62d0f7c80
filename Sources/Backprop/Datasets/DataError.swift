/// Data that cannot be used: which data set, which sample and column, and why.
public struct DataError: Error, Hashable, CustomStringConvertible {
  /// The data set's name.
  public let data: String
  /// The sample, from 0, where one is to blame.
  public let row: Int?
  /// The column (the feature or target value within the sample), from 0, where one is to blame.
  public let column: Int?
  /// What is wrong, and what was expected.
  public let reason: String

  /// Describes data that cannot be used.
  public init(_ data: String, row: Int? = nil, column: Int? = nil, _ reason: String) {
    self.data = data
    self.row = row
    self.column = column
    self.reason = reason
  }

  /// The error in one line.
  public var description: String {
    let row = row.map { "row \($0): " } ?? ""
    let column = column.map { "column \($0): " } ?? ""
    return "\(data): \(row)\(column)\(reason)".printableLine
  }
}
