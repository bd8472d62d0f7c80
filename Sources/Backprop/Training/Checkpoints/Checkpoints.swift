import Synchronization

/// Where and how often a training is saved, so that it can go on as if nothing had happened.
///
/// ```swift
/// let checkpoints = Checkpoints("run/checkpoints", every: .seconds(600))
/// let fit = try Trainer(step).fit(
///   data, epochs: 30, checkpoints: checkpoints, resuming: Checkpoint.newest(in: "run/checkpoints").checkpoint)
/// ```
///
/// A checkpoint holds the whole state of the training, between two steps: see ``Checkpoint``. It is
/// written beside its place, flushed to the disk, and renamed, by a thread of its own: the training
/// waits for a copy in memory alone. Where the disk is slower than the interval asks, a checkpoint
/// that still waits gives way to the next one.
public struct Checkpoints: Hashable, Sendable {
  /// The folder, made if it is missing.
  public var folder: String
  /// How often one is written within an epoch; nil for never.
  public var interval: CheckpointInterval?
  /// How many of the last ones are kept, 1 or more. That of the best epoch is kept besides.
  public var keep: Int
  /// At the end of an epoch one is written only when so many seconds have passed since the last. The
  /// last epoch's is always written.
  public var epochSeconds: Double

  /// Says where and how often.
  public init(
    _ folder: String, every interval: CheckpointInterval? = nil, keep: Int = 3,
    epochSeconds: Double = 0
  ) {
    (self.folder, self.interval, self.keep) = (folder, interval, keep)
    self.epochSeconds = epochSeconds
  }

  /// Checks the numbers.
  package func validate() throws {
    guard keep >= 1 else {
      throw ConfigurationError(
        "keep-checkpoints", "keep-checkpoints is \(keep); expected 1 or more")
    }
  }
}

/// Asks a training to stop between two steps, from any thread: it is saved, and ends with
/// ``TrainingInterrupted``.
public final class StopRequest: Sendable {
  private let flag = Atomic(false)

  /// Nobody has asked yet.
  public init() {}

  /// Whether somebody has asked.
  public var isMade: Bool { flag.load(ordering: .relaxed) }

  /// Asks.
  ///
  /// - Returns: whether this is the first time.
  @discardableResult
  public func make() -> Bool { !flag.exchange(true, ordering: .relaxed) }
}

/// A training that was asked to stop.
public struct TrainingInterrupted: Error, CustomStringConvertible {
  /// The epoch that it is in, from 1, and how many of its steps are done.
  public let epoch, step: Int
  /// The file that it was saved to; nil where no checkpoints were asked for.
  public let checkpoint: String?

  public var description: String {
    "interrupted in epoch \(epoch), after \(step) of its steps; "
      + (checkpoint.map { "saved as \($0)" } ?? "nothing was saved")
  }
}

/// A checkpoint that cannot be used here.
public struct CheckpointError: Error, Hashable, CustomStringConvertible {
  /// The file or folder.
  public let path: String
  /// What is wrong, and what to do.
  public let message: String

  /// Describes what is wrong.
  public init(_ path: String, _ message: String) { (self.path, self.message) = (path, message) }

  public var description: String { "\(path): \(message)" }
}
