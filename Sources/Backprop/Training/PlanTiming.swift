import BackpropCore
import BackpropExecution

/// How long a plan takes, instruction by instruction and as a whole, on random samples.
public struct PlanTiming: Sendable {
  /// Times of one thing, measured many times.
  public struct Sample: Sendable {
    /// The shortest, in seconds.
    public let best: Double
    /// The median, in seconds.
    public let median: Double

    init(_ seconds: [Double]) {
      let sorted = seconds.sorted()
      best = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
  }

  /// Each instruction, in order: measured in turn, so the caches are as in a step. The cost of a
  /// measurement itself, about 0.1 µs, is taken off.
  public let instructions: [Sample]
  /// A whole run in one call, without the assembly of the batch.
  public let whole: Sample
  /// How often each was measured.
  public let repetitions: Int
}

extension TrainingStep {
  /// Measures the plan for a batch size, on random inputs and targets and a fresh state, with a
  /// thousandth of the learning rate, so that no number grows.
  ///
  /// - Parameters:
  ///   - batch: samples a step, 1 or more.
  ///   - predicting: whether to measure prediction and cost instead of training.
  ///   - seconds: for about how long; at least 5 repetitions are done.
  /// - Throws: `ShapeError` or ``ConfigurationError`` from the first compilation of a batch size, or if
  ///   the machine has too little memory.
  public func planTiming(
    batch: Int, predicting: Bool = false, seconds: Double = 2
  ) throws -> PlanTiming {
    let plan = try plan(predicting ? .evaluation : .training, batch: batch)
    let data = try timingSamples(batch)
    let batches = data.batches(of: batch)
    let runner = StepRunner(threads: threads)
    let fresh = try initialState(seed: 1)
    var state = fresh
    var meter = Meter(plan.plan, runner.workspace, seconds: seconds)
    while meter.goesOn {
      if meter.repetitions % 64 == 0 { state = fresh }
      runner.bind(batches[meter.repetitions % batches.count], plan)
      setScalars(runner.workspace, plan, state, learningRate: optimizer.learningRate * 1e-3)
      setKeys(runner.workspace, plan, state)
      state.withStorage { meter.measure($0) }
      state.step += 1
    }
    return meter.timing
  }

  /// A few batches of random samples, if this machine can hold them beside the step and a second
  /// state.
  private func timingSamples(_ batch: Int) throws -> Dataset {
    let width = input.shape.count + target.outputs
    let batches = max(1, min(64, 4096 / batch, (1 << 24) / (batch * width)))
    // A number is made as a Double, then a Float, then copied.
    let need = try memory(batch: batch).byteCount + layout.byteCount + 16 * batches * batch * width
    guard need <= MachineMemory.byteCount else {
      throw ConfigurationError(
        "time",
        "measuring takes \(need >> 30) GiB; this machine has \(MachineMemory.byteCount >> 30) GiB")
    }
    return try randomSamples(batches * batch)
  }

  /// Samples of the kind that the step takes: inputs and values from 0 to below 1.
  private func randomSamples(_ count: Int) throws -> Dataset {
    let key = RandomKey(1).folded("timing")
    func uniforms(_ name: String, _ shape: Shape) -> [Double] {
      key.folded(name).uniforms(count * shape.count)
    }
    let inputs: Tensor
    switch input {
    case .float(let shape):
      inputs = Tensor(
        uniforms("inputs", shape).map { Float($0) }, shape: Shape([count] + shape.sizes))
    case .index(let shape, let below):
      inputs = Tensor(
        uniforms("inputs", shape).map { Int32($0 * Double(below)) },
        shape: Shape([count] + shape.sizes))
    }
    switch target {
    case .classes(let classes, let positions):
      let targets = uniforms("targets", positions).map { Int32($0 * Double(classes)) }
      return try Dataset(
        name: "random numbers", inputs: inputs,
        targets: Tensor(targets, shape: Shape([count] + positions.sizes)), classCount: classes)
    case .values(let shape):
      let targets = uniforms("targets", shape).map { Float($0) }
      return try Dataset(
        name: "random numbers", inputs: inputs,
        targets: Tensor(targets, shape: Shape([count] + shape.sizes)))
    }
  }
}

/// Times the instructions of a plan one by one, and the whole, by turns.
private struct Meter {
  private let plan: Plan
  private let workspace: Workspace
  private let seconds: Double
  private let start: ContinuousClock.Instant
  private let clock = ContinuousClock()
  private var instructions: [[Double]]
  private var whole: [Double] = []
  private var overhead = Double.infinity
  private(set) var repetitions = 0

  init(_ plan: Plan, _ workspace: Workspace, seconds: Double) {
    (self.plan, self.workspace, self.seconds) = (plan, workspace, seconds)
    instructions = Array(repeating: [], count: plan.instructionList.count)
    start = clock.now
  }

  /// Long steps get up to twice the time, for 12 repetitions.
  var goesOn: Bool {
    let elapsed = start.duration(to: clock.now).seconds
    return repetitions < 5 || (elapsed < 2 * seconds && repetitions < 12)
      || (elapsed < seconds && repetitions < 20_000)
  }

  mutating func measure(_ state: Storage) {
    for _ in 0..<3 { overhead = min(overhead, time(state, 0..<0)) }
    // The first turn fills caches and wakes threads.
    let isWarm = repetitions > 0
    for index in instructions.indices {
      let seconds = time(state, index..<index + 1)
      if isWarm { instructions[index].append(seconds) }
    }
    let seconds = time(state, instructions.indices)
    if isWarm { whole.append(seconds) }
    repetitions += 1
  }

  private func time(_ state: Storage, _ range: Range<Int>) -> Double {
    let start = clock.now
    workspace.run(plan, state: state, range)
    return start.duration(to: clock.now).seconds
  }

  var timing: PlanTiming {
    func sample(_ seconds: [Double]) -> PlanTiming.Sample {
      PlanTiming.Sample(seconds.map { max(0, $0 - overhead) })
    }
    return PlanTiming(
      instructions: instructions.map(sample), whole: sample(whole), repetitions: whole.count)
  }
}
