import Testing

@testable import Backprop

/// What a trainer tells within an epoch.
@Suite struct TrainerProgressTests {
  private struct Slow: Layer {
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      // Work enough for an epoch to take some tenths of a second.
      var h = try scope("first", Dense(512), x).tanh()
      for layer in 0..<3 { h = try scope("layer\(layer)", Dense(512), h).tanh() }
      return try scope("output", Dense(10), h)
    }
  }

  @Test func aLongEpochTellsHowFarItIs() throws {
    let all = try Dataset.digits()
    let data = try DataSplit(
      training: all.selecting((0..<20_000).map { $0 % 1797 }), validation: all[0..<100],
      test: all[0..<100])
    let step = try TrainingStep(
      Slow(), loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.01), input: .float([64]),
      target: .classes(10))
    var (events, reports) = ([String](), [EpochProgress]())
    let clock = ContinuousClock.now
    let fit = try Trainer(step).fit(
      data, epochs: 1, batchSize: 50,
      onEvent: { event in
        switch event {
        case .start: events.append("start")
        case .epoch: events.append("epoch")
        case .layers: events.append("layers")
        case .resumed, .nonfinite, .checkpointFailed: events.append("another")
        }
      }, onProgress: { reports.append($0) })
    let seconds = clock.duration(to: .now).seconds
    #expect(events == ["start", "epoch"])
    #expect(Double(reports.count) <= seconds * 10)
    for (one, next) in zip(reports, reports.dropFirst()) { #expect(one.samples < next.samples) }
    for report in reports {
      #expect(report.epoch == 1 && report.total == 20_000 && report.loss.isFinite)
      #expect(report.samples % 50 == 0 && (50..<20_000).contains(report.samples))
    }
    if fit.trainSeconds > 0.5 { #expect(!reports.isEmpty) }
  }

  /// A closure behind the call hears events.
  @Test func aTrailingClosureHearsEvents() throws {
    let split = try DataSplit.xor()
    let step = try TrainingStep(
      Dense(2), loss: .softmaxCrossEntropy, optimizer: SGD(), input: .float([2]),
      target: .classes(2))
    var epochs = 0
    _ = try Trainer(step).fit(split, epochs: 3) { event in
      if case .epoch(let report) = event { epochs = report.epoch }
    }
    #expect(epochs == 3)
  }
}
