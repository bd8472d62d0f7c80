import Backprop
import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Work {
  /// A record with what is known before anything has run.
  private var record: Record {
    var record = Record(name: name, peer: "backprop", threads: step.threads)
    record.version = version
    record.precision = step.namedPrecision.rawValue
    record.kernels = step.options.path.rawValue
    return record
  }

  /// Times epochs, each from the stored weights. The first is not counted: it compiles the plan.
  func measureEpochs(repeats: Int) throws -> Record {
    var (walls, cpus, losses): ([Double], [Double], [Double]) = ([], [], [])
    var record = record
    for number in 0...repeats {
      var state = try initialState()
      let (wall, cpu) = (Clock.wall, Clock.cpu)
      try epoch(&state)
      if number == 0, let held = heldMemory {
        record.trainingMemory = Machine.peakMemory.map { ($0 - held).rounded(1) }
        let planned = try step.memory(batch: benchmark.batch).byteCount
        record.plannedMemory = (Double(planned) / 1_048_576).rounded(1)
      }
      walls.append(Clock.wall - wall)
      cpus.append(Clock.cpu - cpu)
      losses.append(try loss(state).rounded(6))
    }
    record.firstEpoch = walls.removeFirst().rounded(6)
    cpus.removeFirst()
    record.setEpochs(wall: walls, cpu: cpus, samples: data.count)
    (record.finalLoss, record.losses) = (losses[0], losses)
    return record
  }

  /// Times `Model.predict` for one sample and for all of them.
  func measureInference(isTrial: Bool) throws -> [Record] {
    let model = Model(step: step, state: try initialState())
    let calls = [(1, 5000, 300), (data.count, 150, 10)]
    return try calls.map { batch, calls, warm in
      let (calls, warm) = isTrial ? (calls / 10, warm / 10) : (calls, warm)
      let x = data[0..<batch].selecting(0..<batch).inputs
      for _ in 0..<warm { _ = try model.predict(x) }
      var times = [Double](repeating: 0, count: calls)
      let cpu = Clock.cpu
      for call in 0..<calls {
        let start = Clock.nanoseconds
        _ = try model.predict(x)
        times[call] = Double(Clock.nanoseconds - start) / 1000
      }
      var record = record
      record.cpuMean = ((Clock.cpu - cpu) / Double(calls) * 1e6).rounded(2)
      times.sort()
      (record.batch, record.calls) = (batch, calls)
      (record.least, record.p50) = (times[0].rounded(2), median(times).rounded(2))
      record.p99 = times[min(calls * 99 / 100, calls - 1)].rounded(2)
      record.finalLoss = try model.evaluate(on: data[0..<batch]).loss.rounded(6)
      return record
    }
  }

  /// Takes the first step; the time counts from when the process was started, if that is told.
  func measureFirstStep() throws -> Record {
    var state = try initialState()
    try epoch(&state)
    var record = record
    let now = Clock.nanoseconds
    if let text = getenv("BACKPROP_BENCH_START"), let start = Int(String(cString: text)) {
      record.seconds = (Double(now - start) * 1e-9).rounded(6)
    }
    (record.peakMemory, record.cpuSeconds) = (Machine.peakMemory, Clock.cpu.rounded(6))
    record.finalLoss = try loss(state).rounded(6)
    return record
  }
}
