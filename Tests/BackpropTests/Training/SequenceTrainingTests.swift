import BackpropTesting
import Testing

@testable import Backprop

/// Sequences of indices with a class at each position, through the whole training.
@Suite struct SequenceTrainingTests {
  @Test(arguments: ["transformer", "lstm"])
  func learnsTheTask(_ name: String) throws {
    let step = try SequenceTask.step(SequenceTask.network(name))
    let data = try SequenceTask.data(64)
    var state = try step.initialState(seed: 1)
    let before = try step.evaluate(state, on: data)
    for epoch in 0..<100 {
      for batch in data.batches(of: 32, key: RandomKey(5), epoch: epoch) {
        try step.run(&state, batch)
      }
    }
    let after = try step.evaluate(state, on: data)
    #expect(before.loss > 1 && after.loss < 0.1 * before.loss, "\(before.loss) → \(after.loss)")
    #expect(after.accuracy! > 0.95)
    // Sequences that it has not seen.
    #expect(try step.evaluate(state, on: SequenceTask.data(64, seed: 9)).accuracy! > 0.9)
  }

  @Test(arguments: ["transformer", "lstm"], [ScalarType.float32, .float64])
  func `1 thread and several`(_ name: String, _ precision: ScalarType) throws {
    let data = try SequenceTask.data(32)
    func run(_ threads: Int) throws -> TrainingState {
      let step = try SequenceTask.step(
        SequenceTask.network(name), precision: precision, threads: threads)
      var state = try step.initialState(seed: 1)
      for _ in 0..<3 { try step.run(&state, data.whole) }
      return state
    }
    let alone = try run(1)
    #expect(try run(2) == alone && run(3) == alone)
  }

  @Test(arguments: ["transformer", "lstm"], [DerivativeOrder.first, .second])
  func derivativesAgreeWithDifferences(_ name: String, _ order: DerivativeOrder) throws {
    let step = try SequenceTask.step(SequenceTask.network(name), precision: .float64)
    let data = try SequenceTask.data(2)
    let report = try checkGradients(
      of: step, step.initialState(seed: 1), data.whole, mode: .directions(4), order: order)
    #expect(report.passed, "\(report)")
  }

  @Test func theTrainerAndTheModelKnowPositions() throws {
    let step = try SequenceTask.step(SequenceTask.lstm)
    let split = try SequenceTask.data(60).split(key: RandomKey(1))
    let fit = try Trainer(step).fit(split, epochs: 2, batchSize: 16)
    #expect(fit.history.count == 2 && fit.history[1].loss < fit.history[0].loss)
    let inputs = split.test.inputs
    let outputs = try fit.model.predict(inputs)
    #expect(outputs.shape == [inputs.shape[0], SequenceTask.time, SequenceTask.tokens])
    let classes = try fit.model.predictedClasses(for: inputs)
    #expect(classes.count == inputs.shape.count)
    let truth = split.test.targets.array(of: Int32.self).map { Int($0) }
    let right = Double(zip(classes, truth).count { $0 == $1 }) / Double(truth.count)
    #expect(right == (try fit.model.evaluate(on: split.test).accuracy))

    let folder = try TemporaryFolder()
    try fit.model.save(to: folder.path)
    let back = try Model(contentsOf: folder.path)
    #expect(back.step.target == .classes(SequenceTask.tokens, positions: [SequenceTask.time]))
    #expect(
      try back.predict(inputs).array(of: Float.self) == outputs.array(of: Float.self))
  }

  @Test func anIndexOutOfRangeIsRefused() throws {
    let step = try SequenceTask.step(SequenceTask.lstm)
    var state = try step.initialState(seed: 1)
    for wrong: Int32 in [4, -1] {
      var tokens = [Int32](repeating: 0, count: 12)
      tokens[8] = wrong
      let inputs = Tensor(tokens, shape: [2, 6])
      let text = "row 1: column 2: index \(wrong) is not one of 0 ..< 4"
      let data = try Dataset(
        name: "wrong", inputs: inputs, targets: Tensor(zeros: [2, 6], scalarType: .int32),
        classCount: 4)
      expectError("wrong: \(text)") { _ = try step.run(&state, data.whole) }
      expectError("wrong: \(text)") { _ = try step.evaluate(state, on: data) }
      expectError("wrong: \(text)") { _ = try step.explain(state, data.whole) }
      expectError("inputs: \(text)") {
        _ = try Model(step: step, state: state).predict(inputs)
      }
      // The other sample is right.
      try step.run(&state, data[0..<1].whole)
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let data = try SequenceTask.data(4)
    let flat = try Dataset(
      name: "flat", inputs: data.inputs, targets: Tensor([0, 1, 2, 3] as [Int32]))
    let step = try SequenceTask.step(SequenceTask.lstm)
    var state = try step.initialState(seed: 1)
    expectError(
      "flat: targets are 4 classes; the network was made for 4 classes at positions [6]"
    ) { try step.run(&state, flat.whole) }
    expectError("sequences: samples have classes at positions [6], so none to stratify by") {
      _ = try data.split(key: RandomKey(1), stratified: true)
    }
    expectError("sequences: samples have classes at positions [6], so weights cannot balance them")
    {
      _ = try data.balanced()
    }
    expectError(
      "network of [2, 4] and [2, 6, 4]: gives the first; the target with its positions asks for the second"
    ) {
      _ = try SequenceTask.step(
        Sequential([
          ("tokens", Embedding(4, features: 8)), ("memory", Recurrent(.lstm, 4, output: .last)),
        ]))
    }
    expectError(
      "layer 'tokens': gather of [3, 8]: a table of 3 rows; the input has indices below 4"
    ) {
      _ = try SequenceTask.step(
        Sequential([("tokens", Embedding(3, features: 8)), ("output", Dense(4))]))
    }
  }

  /// A table that embeds tokens and gives the logits too: one parameter, trained through both.
  @Test func tiedWeightsTrain() throws {
    struct Tied: Layer {
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
        let embedding = Embedding(SequenceTask.tokens, features: 12)
        let table = scope.shared("table")
        let h = try scope("memory", Recurrent(.gru, 12), embedding(x, table))
        return try embedding.logits(of: h, table)
      }
    }
    let step = try SequenceTask.step(Tied())
    #expect(step.declarations.count { $0.path.hasPrefix("table") } == 1)
    let data = try SequenceTask.data(32)
    var state = try step.initialState(seed: 1)
    let before = try step.evaluate(state, on: data).loss
    for _ in 0..<60 { try step.run(&state, data.whole) }
    #expect(try step.evaluate(state, on: data).loss < 0.5 * before)
  }

  @Test func weightsOfSamplesReachAllPositions() throws {
    let data = try SequenceTask.data(2)
    let step = try SequenceTask.step(SequenceTask.lstm, precision: .float64)
    let state = try step.initialState(seed: 1)
    func cost(_ data: Dataset) throws -> Double { try step.costAndGradient(state, data.whole).cost }
    let (first, second) = (try cost(data[0..<1]), try cost(data[1..<2]))
    let weighted = try cost(data.weighted(by: [3, 1]))
    expectClose(weighted, (1.5 * first + 0.5 * second) / 2, Tolerance(relative: 1e-13))
  }
}
