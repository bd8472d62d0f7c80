import ArgumentParser
import Backprop

/// The flags that say when a run is saved, and with which run it goes on.
struct CheckpointFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Save the run every so many steps, seconds or minutes, and at every epoch; or never.",
      discussion: "As in 500, \"500 steps\" or \"10 minutes\". Unless told, at the ends of epochs, "
        + "when ten seconds have passed.",
      valueName: "interval"))
  var checkpointEvery: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many of the last checkpoints are kept, beside that of the best epoch.",
      valueName: "count"))
  var keepCheckpoints = 3

  @Option(
    help: ArgumentHelp(
      "What to do about a number that is not finite: \(list(NonfinitePolicy.allCases)).",
      discussion: "skip leaves that step's update out; backtrack goes back to the best epoch "
        + "with half the learning rate.", valueName: "action"))
  var onNonfinite = NonfinitePolicy.stop.rawValue

  @Option(
    help: ArgumentHelp(
      "Go on with a run that was interrupted, or with one that is to train for more --epochs.",
      discussion: "It has its settings in it; only these may be told anew: "
        + "\(list(Self.resumable.map { "--" + $0 })).", valueName: "run"),
    completion: .directory)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Train a run again, compare to the bit, say what differs, and save nothing.",
      valueName: "run"),
    completion: .directory)
  var reproduce: String?

  /// The flags of `train` that may stand beside `--resume`.
  static let resumable =
    ["epochs", "patience", "threads", "on-nonfinite", "checkpoint-every", "keep-checkpoints"]
    + ["explain-every", "data-dir", "quiet", "json"]
  /// The flags of `train` that may stand beside `--reproduce`.
  static let reproducible = ["threads", "data-dir", "quiet", "json"]
  /// What is said for a single call only, and so in no configuration file.
  static let ofOneCall = ["resume", "reproduce"]

  /// Checks all of them, before any data is learnt from.
  func check() throws {
    _ = try policy()
    try checkpoints(of: "")?.validate()
  }

  /// What to do about a number that is not finite.
  func policy() throws -> NonfinitePolicy { try choice("on-nonfinite", onNonfinite) }

  /// Where and when a run is saved; nil for never.
  func checkpoints(of run: String) throws -> Checkpoints? {
    let folder = RunFolder.checkpoints(of: run)
    guard let text = checkpointEvery else {
      return Checkpoints(folder, keep: keepCheckpoints, epochSeconds: 10)
    }
    if text == "never" { return nil }
    return Checkpoints(folder, every: try CheckpointInterval(parsing: text), keep: keepCheckpoints)
  }
}
