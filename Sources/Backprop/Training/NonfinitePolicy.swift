/// What a training does when a number is not finite.
public enum NonfinitePolicy: String, Hashable, Sendable, CaseIterable {
  /// Ends with a ``DivergenceError``; the state before the step is saved.
  case stop
  /// Leaves the update of that step out, and goes on; ends after ten such steps in a row.
  case skip
  /// Goes back to the end of the best epoch, and if that does not help to the very beginning, with half
  /// the learning rate; ends after ten times.
  case backtrack

  /// How often a training may skip in a row, or go back in all.
  static let limit = 10
}

/// A number that was not finite, and what was done about it.
public struct NonfiniteReport: Sendable {
  /// The epoch, from 1, and the step in it, from 1; the step is that after the last one if it came up in
  /// the validation.
  public let epoch, step: Int
  /// The layer, op, value and sample that was the first not to be finite.
  public let origin: String
  /// What was done: skip, or backtrack.
  public let action: NonfinitePolicy
  /// The learning rate from now on.
  public let learningRate: Double
}

/// A training whose numbers went wrong.
public struct DivergenceError: Error, CustomStringConvertible {
  /// The epoch, from 1, and the step in it, from 1.
  public let epoch, step: Int
  /// The layer, op, value and sample that was the first not to be finite.
  public let origin: String
  /// The learning rate in use.
  public let learningRate: Double
  /// The file with the state before that step; nil where no checkpoints were asked for, or it could not
  /// be written.
  public internal(set) var checkpoint: String?

  public var description: String {
    let saved = checkpoint.map { "; the state before it is in \($0)" } ?? ""
    return
      "training diverged in epoch \(epoch), step \(step): \(origin); try a learning rate below "
      + "\(learningRate), or clip the gradient\(saved)"
  }
}
