import Backprop

/// What `backprop plan` has to tell.
struct PlanReport {
  let subject: PlanSubject
  let predicts: Bool
  let listing: PlanListing
  /// Of a loop of steps, or of predictions.
  let memory: TrainingMemory
  /// Of `train`; nil for prediction.
  let trainerMemory: TrainingMemory?
  /// Times and limits, if they were asked for.
  let timing: (times: PlanTiming, limits: MachineLimits)?

  init(_ subject: PlanSubject, predicts: Bool, isTimed: Bool) throws {
    (self.subject, self.predicts) = (subject, predicts)
    let (step, batch) = (subject.step, subject.batchSize)
    listing = try step.planListing(batch: batch, predicting: predicts)
    memory = try step.memory(batch: batch, predicting: predicts)
    trainerMemory = predicts ? nil : try step.trainerMemory(batch: batch)
    guard isTimed else {
      timing = nil
      return
    }
    func limits() -> MachineLimits {
      MachineLimits.measured(step.precision, path: step.options.path)
    }
    // Before and after: on a busy machine the better of two is nearer to the truth.
    let before = limits()
    let times = try step.planTiming(batch: batch, predicting: predicts)
    timing = (times, before.fastest(limits()))
  }

  /// The least time of an instruction, in seconds.
  func floor(_ instruction: PlanListing.Instruction, _ limits: MachineLimits) -> Double {
    instruction.floor(limits, threads: subject.step.threads)
  }

  /// The sum of the floors, in seconds.
  func floor(_ limits: MachineLimits) -> Double {
    listing.instructions.reduce(0) { $0 + floor($1, limits) }
  }

  /// The sum of the instructions' best times, in seconds.
  func sum(_ times: PlanTiming) -> Double { times.instructions.reduce(0) { $0 + $1.best } }
}

// MARK: - text

extension PlanReport {
  /// The report as text.
  var lines: [String] {
    let facts = subject.facts.filter { !["run", "threads"].contains($0.name) }.map { fact in
      let text = fact.value.string ?? fact.value.text()
      return fact.name == "batch_size" ? "batch \(text)" : text
    }
    let threads = subject.step.threads
    var lines = [list(facts + ["\(threads) thread\(threads == 1 ? "" : "s")"]), ""]
    lines += table + ["", "totals"] + totals
    if let timing { lines += [""] + Self.limits(timing.limits) + times(timing.times) }
    let what = predicts ? "predictions" : "a loop of steps"
    lines += ["", "memory of \(what), beside the process and the data set"]
    lines += Self.lines(memory)
    if let trainerMemory {
      lines += ["", "memory of train: up to 3 states, validation in batches of 500"]
      lines += Self.lines(trainerMemory)
    }
    return lines
  }

  private var table: [String] {
    var heads = ["#", "kernel", "size", "flops", "read", "written", "tasks"]
    if timing != nil { heads += ["best µs", "median", "share", "floor", "ratio", "by"] }
    let total = timing.map { sum($0.times) } ?? 0
    var rows = [heads + ["result", "computes"]]
    for (index, instruction) in listing.instructions.enumerated() {
      let tasks = (instruction.isParallel ? "∥" : "") + grouped(instruction.taskCount)
      var row = [
        "\(instruction.number)",
        instruction.kernel.rawValue + (instruction.tileProducts > 0 ? " AMX" : ""),
        instruction.size.description,
        grouped(instruction.flops), byteText(instruction.bytesRead),
        byteText(instruction.bytesWritten), tasks,
      ]
      if let timing {
        let time = timing.times.instructions[index]
        let floor = floor(instruction, timing.limits)
        row += [
          microseconds(time.best), microseconds(time.median),
          fixed(100 * time.best / max(total, 1e-12), 1) + " %", microseconds(floor),
          floor > 0 ? fixed(time.best / floor, 2) : "-",
          instruction.isMemoryBound(timing.limits) ? "bytes" : "flops",
        ]
      }
      rows.append(row + [Self.result(instruction), instruction.summary])
    }
    let numbers: Set<Int> = [0, 3, 4, 5, 6]
    return aligned(rows, rightAligned: timing == nil ? numbers : numbers.union([7, 8, 9, 10, 11]))
  }

  /// Where the results go, in short: `@` and the place in the arena, or the path of an array, with
  /// the optimiser's arrays beside it.
  private static func result(_ instruction: PlanListing.Instruction) -> String {
    var parts = instruction.writes.filter { $0.memory != .state }.map { piece in
      piece.memory == .arena ? "@\(piece.byteOffset)" : piece.name
    }
    let names = instruction.writes.filter { $0.memory == .state }.map(\.name)
    for name in names {
      let words = name.split(separator: "#", maxSplits: 1).map(String.init)
      if words.count == 1 {
        let slots = names.filter { $0.hasPrefix(name + "#") }.map { $0.dropFirst(name.count) }
        parts.append(([name] + slots.map(String.init)).joined(separator: " "))
      } else if !names.contains(words[0]) {
        parts.append(name)
      }
    }
    return list(parts)
  }

  private var totals: [String] {
    aligned(
      [
        ["  instructions", grouped(listing.instructions.count)],
        ["  flops", grouped(listing.flops)],
        ["  bytes read", grouped(listing.bytesRead)],
        ["  bytes written", grouped(listing.bytesWritten)],
        ["  arena", grouped(listing.arenaByteCount)],
        ["  arena without sharing", grouped(listing.unsharedByteCount)],
        ["  state", grouped(listing.stateByteCount)],
        ["  constants and scalars", grouped(listing.constantByteCount + listing.scalarByteCount)],
        ["  scratch of a thread", grouped(listing.scratchByteCount)],
        ["  batch", grouped(listing.inputByteCount)],
      ], rightAligned: [1])
  }

  private static func lines(_ memory: TrainingMemory) -> [String] {
    let parts = [
      ("  parameters", memory.parameters), ("  variables", memory.variables),
      ("  optimizer", memory.optimizer),
      ("  copies of the state", memory.state * (memory.stateCount - 1)),
      ("  arena", memory.arena), ("  scratch", memory.scratch), ("  constants", memory.constants),
      ("  batch", memory.batch),
    ]
    let rows = parts.filter { $0.1 > 0 } + [("  total", memory.byteCount)]
    return aligned(
      rows.map { [$0.0, grouped($0.1), byteText($0.1)] }, rightAligned: [1, 2])
  }

  private static func limits(_ limits: MachineLimits) -> [String] {
    let shown = [16 << 10, 256 << 10, 1 << 20, 4 << 20, 64 << 20]
    let rates = limits.bandwidths.filter { shown.contains($0.workingSet) }.map {
      "\(byteText($0.workingSet)) \(fixed($0.bytesPerSecond / 1e9, 0))"
    }
    var arithmetic = "\(fixed(limits.flopsPerSecond / 1e9, 1)) GFLOP/s"
    if limits.tileFlopsPerSecond > 0 {
      arithmetic += ", on tiles of bfloat16 \(fixed(limits.tileFlopsPerSecond / 1e9, 0)) (AMX)"
    }
    return ["limits of a thread: \(arithmetic); GB/s by working set: " + list(rates)]
  }

  private func times(_ times: PlanTiming) -> [String] {
    guard let limits = timing?.limits else { return [] }
    let (floor, best) = (floor(limits), times.whole.best)
    let rate = Double(subject.batchSize) / best
    return [
      "whole: best \(microseconds(best)) µs, median \(microseconds(times.whole.median)) µs, "
        + "\(grouped(Int(rate))) samples/s; instructions one by one "
        + "\(microseconds(sum(times))) µs",
      "floor: \(microseconds(floor)) µs; ratio \(fixed(best / floor, 2)); "
        + "\(grouped(times.repetitions)) repetitions",
    ]
  }
}

/// Seconds as microseconds.
private func microseconds(_ seconds: Double) -> String {
  fixed(seconds * 1e6, seconds < 1e-4 ? 2 : 1)
}

/// Bytes in the unit that fits.
func byteText(_ bytes: Int) -> String {
  if bytes < 1 << 10 { return "\(bytes) B" }
  let units = ["KiB", "MiB", "GiB", "TiB"]
  var (value, unit) = (Double(bytes) / 1024, 0)
  while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
  return (value == value.rounded() ? "\(Int(value))" : fixed(value, 1)) + " " + units[unit]
}
