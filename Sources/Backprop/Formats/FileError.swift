/// A file that cannot be read, written or found: what was tried, the path, and the system's reason.
public struct FileError: Error, Hashable, CustomStringConvertible {
  /// What was tried, as in `read`.
  public let action: String
  /// The file or folder.
  public let path: String
  /// Why it failed.
  public let reason: String

  /// Describes a failure.
  public init(_ action: String, _ path: String, _ reason: String) {
    self.action = action
    self.path = path
    self.reason = reason
  }

  /// The error in one line.
  public var description: String { "cannot \(action) \(path): \(reason)".printableLine }
}
