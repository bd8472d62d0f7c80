import Dispatch
import Synchronization

/// Writes checkpoints on a thread of its own.
final class CheckpointWriter: Sendable {
  private struct Job {
    let snapshot: Snapshot
    /// Whether it is that of the best epoch, which nothing replaces.
    let isBest: Bool
  }

  private struct Shared {
    var folder: CheckpointFolder
    var waiting: [Job] = []
    var latest: String?
    var failure: (any Error)?
  }

  private let shared: Mutex<Shared>
  private let queue = DispatchQueue(label: "backprop.checkpoints")
  private let step: TrainingStep
  private let recipe, machine: JSONValue
  private let before: @Sendable () throws -> Void

  /// Prepares to write into a folder.
  ///
  /// - Parameter before: what must be on the disk before a checkpoint is; called on the writing thread.
  init(
    _ checkpoints: Checkpoints, _ step: TrainingStep, recipe: JSONValue, machine: JSONValue,
    before: @escaping @Sendable () throws -> Void
  ) {
    let folder = CheckpointFolder(checkpoints.folder, keep: checkpoints.keep)
    folder.removeUnfinished()
    shared = Mutex(Shared(folder: folder))
    (self.step, self.recipe, self.machine, self.before) = (step, recipe, machine, before)
  }

  /// Takes over a snapshot; one that still waits gives way, unless it is that of a best epoch.
  func submit(_ snapshot: Snapshot, isBest: Bool) {
    let count = shared.withLock { shared in
      if shared.waiting.last?.isBest == false { shared.waiting.removeLast() }
      shared.waiting.append(Job(snapshot: snapshot, isBest: isBest))
      return shared.waiting.count
    }
    queue.async { self.writeNext() }
    // Best epochs that come faster than the disk takes them.
    if count > 2 { finish() }
  }

  /// Waits until everything is written.
  func finish() { queue.sync {} }

  /// What went wrong since the last time, if the last file could not be written.
  func takeFailure() -> (any Error)? {
    shared.withLock { shared in
      defer { shared.failure = nil }
      return shared.failure
    }
  }

  /// The last file that was written.
  var latest: String? { shared.withLock { $0.latest } }

  private func writeNext() {
    let job = shared.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    guard let job else { return }
    var folder = shared.withLock { $0.folder }
    let result = Result {
      try before()
      let bytes = Checkpoint.encode(job.snapshot, step, recipe: recipe, machine: machine)
      return try folder.write(bytes, isBest: job.isBest)
    }
    shared.withLock { shared in
      shared.folder = folder
      switch result {
      case .success(let file): (shared.latest, shared.failure) = (file, nil)
      case .failure(let error): shared.failure = error
      }
    }
  }
}
