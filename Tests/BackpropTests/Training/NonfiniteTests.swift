import BackpropCore
import Testing

@testable import Backprop

/// What a training does about numbers that are not finite.
@Suite struct NonfiniteTests {
  /// Targets of which a few are so large that their squares overflow.
  static func data(largeTargets: Int) throws -> DataSplit {
    let whole = try Dataset.random(80, inputs: 6, outputs: 4, isClass: false)
    let split = try whole.split(key: RandomKey(0))
    var targets = split.training.targets.array(of: Float.self)
    for index in 0..<largeTargets { targets[4 * ((17 + index) % split.training.count)] = 3e30 }
    let training = try Dataset(
      name: "large", inputs: split.training.inputs,
      targets: Tensor(targets, shape: split.training.targets.shape))
    return try DataSplit(training: training, validation: split.validation, test: split.test)
  }

  static func step(rate: Double = 0.05) throws -> TrainingStep {
    try TrainingStep(
      MultilayerPerceptron(NetworkSpecification(parsing: "6-9-4 relu identity")),
      loss: .meanSquaredError, optimizer: Momentum(learningRate: rate), input: .float([6]),
      target: .values([4]))
  }

  static func fit(
    _ step: TrainingStep, _ data: DataSplit, _ policy: NonfinitePolicy,
    checkpoints: Checkpoints? = nil, resuming: Checkpoint? = nil, stop: StopRequest? = nil,
    reports: (NonfiniteReport) -> Void = { _ in }
  ) throws -> Trainer.Fit {
    try Trainer(step).fit(
      data, epochs: 3, batchSize: 4, seed: 1, onNonfinite: policy, checkpoints: checkpoints,
      resuming: resuming, stop: stop,
      onEvent: { if case .nonfinite(let report) = $0 { reports(report) } })
  }

  @Test func `stop names the sample and saves the state before`() throws {
    let folder = try TemporaryFolder()
    let data = try Self.data(largeTargets: 1)
    let error = try #require(throws: DivergenceError.self) {
      try Self.fit(Self.step(), data, .stop, checkpoints: Checkpoints(folder.path))
    }
    #expect(error.origin.contains("inf, in the cost or the update, from "), "\(error)")
    #expect(error.origin.contains(", for sample 17 ("), "\(error)")
    #expect(
      error.checkpoint.map { "\(error)".hasSuffix("the state before it is in \($0)") } == true)
    let checkpoint = try #require(try Checkpoint.newest(in: folder.path).checkpoint)
    #expect(checkpoint.path == error.checkpoint)
    #expect(checkpoint.epoch == error.epoch && checkpoint.batch == error.step - 1)
    #expect(
      checkpoint.tensors.values.allSatisfy { $0.array(of: Double.self).allSatisfy(\.isFinite) })
    // From there it can go on with another policy, at the bits of one that had it from the start.
    let resumed = try Self.fit(Self.step(), data, .skip, resuming: checkpoint)
    let whole = try Self.fit(Self.step(), data, .skip)
    CheckpointTests.expectEqual(resumed, whole, "skip from the start")
  }

  @Test func `skip leaves out the steps of that sample alone`() throws {
    let data = try Self.data(largeTargets: 1)
    var reports: [NonfiniteReport] = []
    let fit = try Self.fit(Self.step(), data, .skip) { reports.append($0) }
    #expect(reports.map(\.epoch) == [1, 2, 3])
    #expect(reports.allSatisfy { $0.action == .skip && $0.origin.contains("sample 17") })
    #expect(fit.history.allSatisfy { $0.loss.isFinite && $0.validation.loss.isFinite })
    let steps = 3 * ((data.training.count - 1) / 4 + 1)
    #expect(fit.lastState.step == steps - 3)
  }

  @Test(arguments: [NonfinitePolicy.skip, .backtrack])
  func `checkpoints and interruptions do not change what comes out`(
    _ policy: NonfinitePolicy
  ) throws {
    let folder = try TemporaryFolder()
    // A rate that breaks the weights for the second policy, a sample that does for the first.
    let data = try Self.data(largeTargets: policy == .skip ? 1 : 0)
    let rate = policy == .skip ? 0.05 : 20
    var (reports, again) = (0, 0)
    let whole = try Self.fit(Self.step(rate: rate), data, policy) { _ in reports += 1 }
    #expect(reports > 0)
    let often = try Self.fit(
      Self.step(rate: rate), data, policy,
      checkpoints: Checkpoints("\(folder.path)/a", every: .steps(1))
    ) { _ in again += 1 }
    #expect(again == reports)
    CheckpointTests.expectEqual(often, whole, "saved at each step")
    var checkpoint: Checkpoint?
    let path = "\(folder.path)/b"
    for _ in 0..<1000 {
      let stop = StopRequest()
      stop.make()
      do {
        let fit = try Self.fit(
          Self.step(rate: rate), data, policy, checkpoints: Checkpoints(path),
          resuming: checkpoint, stop: stop)
        CheckpointTests.expectEqual(fit, whole, "interrupted after each step")
        return
      } catch is TrainingInterrupted {
        checkpoint = try Checkpoint.newest(in: path).checkpoint
      }
    }
    Issue.record("the training never ended")
  }

  @Test func `both policies end where there is no hope`() throws {
    let data = try Self.data(largeTargets: 56)
    let skipped = try #require(throws: DivergenceError.self) {
      try Self.fit(Self.step(), data, .skip)
    }
    #expect(skipped.origin.hasPrefix("10 steps in a row were left out; "), "\(skipped)")
    let back = try #require(throws: DivergenceError.self) {
      try Self.fit(Self.step(), data, .backtrack)
    }
    #expect(back.origin.hasPrefix("the training went back 10 times; "), "\(back)")
    #expect(back.learningRate < 0.05 / 1000)
  }

  @Test func `no model that is not finite is the best`() throws {
    let step = try Self.step(rate: 1e9)
    for policy in NonfinitePolicy.allCases {
      do {
        let fit = try Self.fit(step, Self.data(largeTargets: 0), policy)
        #expect(fit.model.state.isFinite && fit.lastState.isFinite)
      } catch is DivergenceError {}
    }
  }
}
