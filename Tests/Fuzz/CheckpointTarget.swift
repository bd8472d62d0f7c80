@testable import Backprop
import BackpropCore

/// Checkpoints: read as they are, and with a checksum put right; what is accepted then trains on.
enum CheckpointTarget {
  /// The training that the seeds belong to.
  private static let step: TrainingStep? = try? TrainingStep(
    MultilayerPerceptron(NetworkSpecification(parsing: "2-3-2 tanh identity")),
    loss: .softmaxCrossEntropy, optimizer: Momentum(learningRate: 0.1), input: .float([2]),
    target: .classes(2))
  private static let data: DataSplit? = {
    let x = Tensor((0..<8).map { Float($0) / 8 }, shape: [4, 2])
    let part = try? Dataset(name: "four", inputs: x, targets: Tensor([0, 1, 1, 0] as [Int32]))
    return try? part.map { try DataSplit(training: $0, validation: $0, test: $0) }
  }()

  static func run(_ bytes: [UInt8]) throws {
    attempt { _ = try Checkpoint(bytes, name: FuzzTarget.file) }
    let checkpoint = try Checkpoint(Checkpoint.sealed(bytes), name: FuzzTarget.file)
    guard let step, let data else { return }
    let snapshot = try checkpoint.snapshot(step, recipe: .object([]))
    let again = Checkpoint.encode(
      snapshot, step, recipe: checkpoint.recipe, machine: checkpoint.machine)
    let back = try Checkpoint(again, name: FuzzTarget.file)
    require(
      back.step == checkpoint.step && back.course.json == checkpoint.course.json,
      "a checkpoint that does not come back")
    var fitting = Fitting(
      step, data, snapshot,
      Fitting.Settings(
        epochs: snapshot.course.epoch, batchSize: 2, seed: 0, patience: nil, onNonfinite: .skip,
        checkpoints: nil, writer: nil, stop: nil, onEvent: { _ in }, onProgress: nil), nil)
    do {
      _ = try fitting.run()
    } catch is DivergenceError {
      // Numbers of a file may be as large as they like.
    }
  }
}
