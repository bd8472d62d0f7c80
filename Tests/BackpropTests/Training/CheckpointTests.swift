import BackpropCore
import Foundation
import Testing

@testable import Backprop

/// A training that is saved, interrupted and resumed, and files that went wrong.
@Suite struct CheckpointTests {
  /// A network with dropout and running statistics, so that keys and variables count.
  static func step(
    rate: Double = 0.01, precision: ScalarType = .float32, threads: Int = 1
  ) throws -> TrainingStep {
    let network = Sequential([
      ("hidden", Dense(12)), ("norm", BatchNorm()), ("tanh", Activation.tanh),
      ("dropout", Dropout(0.3)), ("output", Dense(4)),
    ])
    return try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: Adam(learningRate: rate),
      input: .float([6]), target: .classes(4), schedule: .exponential(factor: 0.99),
      precision: precision, threads: threads)
  }

  static let data = try! Dataset.random(90, inputs: 6, outputs: 4).split(key: RandomKey(1))

  static func fit(
    _ step: TrainingStep, epochs: Int = 3, checkpoints: Checkpoints? = nil,
    resuming: Checkpoint? = nil, stop: StopRequest? = nil, explainEvery: Int? = nil,
    onEvent: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> Trainer.Fit {
    try Trainer(step).fit(
      data, epochs: epochs, batchSize: 8, seed: 3, explainEvery: explainEvery,
      checkpoints: checkpoints, resuming: resuming, stop: stop, onEvent: onEvent)
  }

  /// What matters of a fit: everything but times.
  static func expectEqual(_ a: Trainer.Fit, _ b: Trainer.Fit, _ comment: Comment) {
    #expect(a.lastState == b.lastState, comment)
    for declaration in a.model.step.declarations {
      #expect(a.model.state[declaration.path] == b.model.state[declaration.path], comment)
    }
    #expect(a.bestEpoch == b.bestEpoch, comment)
    #expect(a.history.map(\.loss) == b.history.map(\.loss), comment)
    #expect(a.history.map(\.validation.loss) == b.history.map(\.validation.loss), comment)
    #expect(a.history.map(\.validation.accuracy) == b.history.map(\.validation.accuracy), comment)
    #expect(a.history.map(\.isBest) == b.history.map(\.isBest), comment)
  }

  @Test(arguments: [ScalarType.float32, .float64])
  func `from every checkpoint the training ends at the same bits`(_ precision: ScalarType) throws {
    let folder = try TemporaryFolder()
    let step = try Self.step(precision: precision)
    let whole = try Self.fit(step)
    let path = "\(folder.path)/checkpoints"
    var saved = 0
    let checkpoints = Checkpoints(path, every: .steps(1), keep: 1000)
    let watched = try Self.fit(step, checkpoints: checkpoints)
    Self.expectEqual(watched, whole, "checkpoints change nothing")
    for name in FileIO.names(in: path) where name.hasPrefix("checkpoint") {
      let checkpoint = try Checkpoint(contentsOf: "\(path)/\(name)")
      let again = try Self.fit(Self.step(precision: precision, threads: 2), resuming: checkpoint)
      Self.expectEqual(again, whole, "\(name), epoch \(checkpoint.epoch), \(checkpoint.batch)")
      saved += 1
    }
    // A file that waits gives way to the next; the ends of best epochs do not.
    #expect(saved >= 3, "\(saved) files")
  }

  @Test func `a training that is stopped at each step goes on as if nothing had happened`() throws {
    let folder = try TemporaryFolder()
    let whole = try Self.fit(Self.step())
    let path = "\(folder.path)/run/checkpoints"
    var checkpoint: Checkpoint?
    var interruptions = 0
    while true {
      let stop = StopRequest()
      stop.make()
      do {
        let fit = try Self.fit(
          Self.step(), checkpoints: Checkpoints(path, keep: 2), resuming: checkpoint, stop: stop)
        Self.expectEqual(fit, whole, "after \(interruptions) interruptions")
        break
      } catch let error as TrainingInterrupted {
        interruptions += 1
        checkpoint = try Checkpoint.newest(in: path).checkpoint
        #expect(error.checkpoint == checkpoint?.path)
        #expect(error.epoch == checkpoint?.epoch && error.step == checkpoint?.batch)
      }
    }
    let steps = 3 * ((Self.data.training.count - 1) / 8 + 1)
    #expect(interruptions == steps - 1)
    #expect(FileIO.names(in: path).count == 3)
  }

  @Test func `the last ones and the best are kept`() throws {
    let folder = try TemporaryFolder()
    let checkpoints = Checkpoints(folder.path, keep: 2)
    let fit = try Self.fit(Self.step(rate: 0.2), epochs: 12, checkpoints: checkpoints)
    #expect(folder.names.count == 3 && folder.names[0] == "best.safetensors")
    let best = try Checkpoint(contentsOf: "\(folder.path)/best.safetensors")
    #expect(best.epoch == fit.bestEpoch + 1 && best.batch == 0)
    let newest = try #require(try Checkpoint.newest(in: folder.path).checkpoint)
    #expect(newest.epoch == 13)
    // More epochs go on from there.
    let more = try Self.fit(Self.step(rate: 0.2), epochs: 14, resuming: newest)
    Self.expectEqual(more, try Self.fit(Self.step(rate: 0.2), epochs: 14), "14 epochs")
    let error = try #require(throws: ConfigurationError.self) {
      try Self.fit(Self.step(rate: 0.2), epochs: 5, resuming: newest)
    }
    #expect("\(error)" == "epochs is 5; the checkpoint is of epoch 12: expected as many or more")
  }

  @Test func `a log has each event once, however often the training is resumed`() throws {
    let folder = try TemporaryFolder()
    func text(_ event: TrainingEvent) -> String? {
      switch event {
      case .layers(let report): "layers \(report.epoch) \(report.step)"
      case .epoch(let report): "epoch \(report.epoch) \(report.loss)"
      default: nil
      }
    }
    var whole: [String] = []
    _ = try Self.fit(Self.step(), explainEvery: 2) { text($0).map { whole.append($0) } }
    var log: [String] = []
    var checkpoint: Checkpoint?
    for _ in 0..<7 {
      var steps = 0
      let stop = StopRequest()
      do {
        log = Array(log.prefix(checkpoint?.loggedEvents ?? 0))
        _ = try Trainer(Self.step()).fit(
          Self.data, epochs: 3, batchSize: 8, seed: 3, explainEvery: 2,
          checkpoints: Checkpoints(folder.path, every: .steps(3)), resuming: checkpoint,
          stop: stop,
          onEvent: { event in
            text(event).map { log.append($0) }
            if case .layers = event { steps += 1 }
            if steps == 2 { stop.make() }
          })
      } catch is TrainingInterrupted {
        // Lines that no checkpoint knows of.
        log.append("lost")
      }
      checkpoint = try Checkpoint.newest(in: folder.path).checkpoint
    }
    #expect(log == whole)
  }

  // MARK: - files

  private static func checkpoint(in folder: TemporaryFolder) throws -> (path: String, [UInt8]) {
    _ = try fit(step(), epochs: 1, checkpoints: Checkpoints(folder.path, keep: 9))
    let path = "\(folder.path)/checkpoint-000001.safetensors"
    return (path, try FileIO.read(path))
  }

  @Test func `a file with any byte changed, missing or added is not read`() throws {
    let folder = try TemporaryFolder()
    let (path, bytes) = try Self.checkpoint(in: folder)
    _ = try Checkpoint(bytes, name: path)
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var changed = bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(throws: FormatError.self, "byte \(index)") { try Checkpoint(changed, name: path) }
      #expect(throws: FormatError.self, "\(index) bytes") {
        try Checkpoint(Array(bytes[..<index]), name: path)
      }
    }
    #expect(throws: FormatError.self) { try Checkpoint(bytes + [0], name: path) }
    #expect(throws: FormatError.self) { try Checkpoint([], name: path) }
  }

  @Test func `contradictions behind a right checksum are told`() throws {
    let folder = try TemporaryFolder()
    let (path, bytes) = try Self.checkpoint(in: folder)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("\\\"epoch\\\":2"))
    for (old, new, expected) in [
      ("backprop-checkpoint", "backprop-chequebook", "expected 'backprop-checkpoint'"),
      ("\\\"format_version\\\":1", "\\\"format_version\\\":7", "expected 1, the version"),
      ("\\\"batch\\\":0", "\\\"batch\\\":x", "expected a JSON value"),
      ("\\\"epoch\\\":2", "\\\"epoch\\\":3", "expected the epochs 1 to 2"),
      ("\\\"rate_factor\\\":1.0", "\\\"rate_factor\\\":2.0", "expected a number above 0"),
      ("\\\"skipped\\\":0", "\\\"skippex\\\":0", "expected a whole number from 0"),
    ] {
      let changed = Self.replacing(old, new, in: bytes)
      #expect(changed != bytes)
      let error = try #require(throws: FormatError.self) { try Checkpoint(changed, name: path) }
      #expect("\(error)".contains(expected), "\(error)")
    }
  }

  /// The bytes with a text of the same length in place of another, and the checksum put right.
  private static func replacing(_ old: String, _ new: String, in bytes: [UInt8]) -> [UInt8] {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    precondition(old.count == new.count)
    var bytes = bytes
    for start in 0..<bytes.count - old.count where bytes[start...].starts(with: old) {
      bytes.replaceSubrange(start..<start + old.count, with: new)
    }
    return Checkpoint.sealed(bytes)
  }

  @Test func `a damaged newest file is named, and the one before it used`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.fit(Self.step(), checkpoints: Checkpoints(folder.path, keep: 9))
    let names = folder.names.filter { $0.hasPrefix("checkpoint") }
    let newest = "\(folder.path)/\(names[names.count - 1])"
    let bytes = try FileIO.read(newest)
    for damage in [[], Array(bytes.dropLast(100)), [UInt8](repeating: 0, count: bytes.count)] {
      try folder.file(names[names.count - 1], damage)
      let (checkpoint, problems) = try Checkpoint.newest(in: folder.path)
      #expect(checkpoint?.path == "\(folder.path)/\(names[names.count - 2])")
      #expect(problems.count == 1 && problems[0].hasPrefix("\(newest): "), "\(problems)")
      let fit = try Self.fit(Self.step(), resuming: checkpoint)
      Self.expectEqual(fit, try Self.fit(Self.step()), "from the one before")
    }
    for name in folder.names { try folder.file(name, Array("nothing".utf8)) }
    let error = try #require(throws: CheckpointError.self) {
      try Checkpoint.newest(in: folder.path)
    }
    #expect("\(error)".contains("none of \(names.count + 1) checkpoints can be read"))
    #expect(try Checkpoint.newest(in: "\(folder.path)/none").checkpoint == nil)
  }

  @Test func `links and folders are no checkpoints`() throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let (path, bytes) = try Self.checkpoint(in: folder)
    let outside = try other.file("outside.safetensors", bytes)
    let link = "\(folder.path)/checkpoint-000002.safetensors"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/checkpoint-000003.safetensors", withIntermediateDirectories: false)
    let (checkpoint, problems) = try Checkpoint.newest(in: folder.path)
    #expect(checkpoint?.path == path)
    #expect(problems.count == 2 && problems.allSatisfy { $0.contains("no plain file") })
  }

  @Test func `a checkpoint of another training is refused`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.fit(Self.step(), checkpoints: Checkpoints(folder.path))
    let checkpoint = try #require(try Checkpoint.newest(in: folder.path).checkpoint)
    let error = try #require(throws: CheckpointError.self) {
      try Self.fit(Self.step(rate: 0.02), epochs: 4, resuming: checkpoint)
    }
    #expect("\(error)".contains("belongs to another training: optimizer was"), "\(error)")
    #expect(throws: CheckpointError.self) {
      try Trainer(Self.step()).fit(
        Self.data, epochs: 4, batchSize: 9, seed: 3, resuming: checkpoint)
    }
    #expect(throws: CheckpointError.self) {
      try Self.fit(Self.step(precision: .float64), epochs: 4, resuming: checkpoint)
    }
  }

  @Test func `where nothing can be written the training goes on, and says so`() throws {
    let folder = try TemporaryFolder()
    let inTheWay = try folder.file("file", [1])
    var failures: [String] = []
    let fit = try Self.fit(Self.step(), checkpoints: Checkpoints("\(inTheWay)/checkpoints")) {
      if case .checkpointFailed(let reason) = $0 { failures.append(reason) }
    }
    Self.expectEqual(fit, try Self.fit(Self.step()), "without checkpoints")
    #expect(!failures.isEmpty && failures.allSatisfy { $0.contains("Not a directory") })
    #expect(folder.names == ["file"])
  }

  @Test func `a folder that is removed meanwhile is made again`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/checkpoints"
    _ = try Self.fit(Self.step(), checkpoints: Checkpoints(path)) { event in
      guard case .epoch(let report) = event, report.epoch == 2 else { return }
      try? FileManager.default.removeItem(atPath: path)
    }
    #expect(try Checkpoint.newest(in: path).checkpoint?.epoch == 4)
  }

  @Test func `intervals are read`() throws {
    for (text, interval) in [
      ("500", CheckpointInterval.steps(500)), ("1 step", .steps(1)), ("20steps", .steps(20)),
      ("30 seconds", .seconds(30)), ("1.5s", .seconds(1.5)), ("10 minutes", .seconds(600)),
      ("2min", .seconds(120)),
    ] { #expect(try CheckpointInterval(parsing: text) == interval) }
    for text in ["", "0", "-5", "1.5 steps", "0 minutes", "ten", "5 days", "1e3", "inf s", "٣"] {
      #expect(throws: ConfigurationError.self, "\(text)") { try CheckpointInterval(parsing: text) }
    }
    #expect(throws: ConfigurationError.self) {
      try Self.fit(Self.step(), checkpoints: Checkpoints("x", keep: 0))
    }
  }
}
