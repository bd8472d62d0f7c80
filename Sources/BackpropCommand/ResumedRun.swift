import Backprop

/// A run that goes on: its folder, and the checkpoint to go on from.
struct ResumedRun {
  let folder: RunFolder
  /// Nil where the run was ended before its first checkpoint: it begins again.
  let checkpoint: Checkpoint?
  /// Why newer checkpoints cannot be read.
  let problems: [String]

  /// Opens a run.
  ///
  /// - Throws: `FileError` if it is no run, or another process has it; `CheckpointError` if no checkpoint can
  ///   be read; `ConfigurationError` if there is nothing left to do.
  init(_ run: String, _ session: TrainingSession) throws {
    let path = run.count > 1 && run.hasSuffix("/") ? String(run.dropLast()) : run
    folder = try RunFolder(resuming: path)
    let newest = try Checkpoint.newest(in: RunFolder.checkpoints(of: path))
    checkpoint = newest.checkpoint
    var problems = newest.problems.map { "\($0); the one before it is used" }
    if checkpoint == nil { problems.append("\(path) has no checkpoint yet: it begins again") }
    self.problems = problems
    let isFinished = FileIO.exists("\(path)/\(RunFolder.fileNames.record)")
    guard isFinished else { return }
    let epochs = (checkpoint?.epoch ?? Int.max) - 1
    if epochs >= session.epochs {
      let done = checkpoint == nil ? "without checkpoints" : "after \(epochs) epochs"
      throw ConfigurationError(
        "resume", "\(path) is finished \(done); to train on, say --epochs with more")
    }
  }

  /// The events up to the checkpoint; later ones are removed from `metrics.jsonl`.
  func events() throws -> [JSONValue] { try folder.events(upTo: checkpoint?.loggedEvents ?? 0) }
}
