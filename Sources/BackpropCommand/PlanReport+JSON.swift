import Backprop

extension PlanReport {
  /// The event `plan`: counts in bytes and operations, times in seconds.
  var json: JSONValue {
    var members: [JSONValue.Member] = [.init("event", "plan")] + subject.facts
    members.append(.init("predicts", .bool(predicts)))
    members.append(.init("instructions", .array(listing.instructions.map { instruction($0) })))
    members.append(
      .init(
        "totals",
        [
          "instructions": .integer(listing.instructions.count), "flops": .integer(listing.flops),
          "bytes_read": .integer(listing.bytesRead),
          "bytes_written": .integer(listing.bytesWritten),
          "arena": .integer(listing.arenaByteCount),
          "arena_without_sharing": .integer(listing.unsharedByteCount),
          "state": .integer(listing.stateByteCount),
          "constants": .integer(listing.constantByteCount),
          "scalars": .integer(listing.scalarByteCount),
          "scratch_of_a_thread": .integer(listing.scratchByteCount),
          "batch": .integer(listing.inputByteCount),
        ]))
    members.append(.init("memory", Self.object(memory)))
    if let trainerMemory { members.append(.init("train_memory", Self.object(trainerMemory))) }
    if let timing {
      members.append(.init("times", times(timing.times, timing.limits)))
      members.append(.init("limits", Self.object(timing.limits)))
    }
    return .object(members)
  }

  private func instruction(_ instruction: PlanListing.Instruction) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("number", .integer(instruction.number)),
      .init("kernel", .string(instruction.kernel.rawValue)),
      .init("size", Self.object(instruction.size)),
      .init("words", .array(instruction.words.map { .string($0) })),
      .init("computes", .string(instruction.summary)),
      .init("flops", .integer(instruction.flops)),
      .init("tile_products", .integer(instruction.tileProducts)),
      .init("bytes_read", .integer(instruction.bytesRead)),
      .init("bytes_written", .integer(instruction.bytesWritten)),
      .init("tasks", .integer(instruction.taskCount)),
      .init("parallel", .bool(instruction.isParallel)),
      .init("reads", .array(instruction.reads.map { Self.object($0) })),
      .init("writes", .array(instruction.writes.map { Self.object($0) })),
    ]
    if let timing {
      let time = timing.times.instructions[instruction.number - 1]
      members += [
        .init("best_seconds", .number(time.best)), .init("median_seconds", .number(time.median)),
        .init("floor_seconds", .number(floor(instruction, timing.limits))),
        .init("floor_of", instruction.isMemoryBound(timing.limits) ? "bytes" : "flops"),
      ]
    }
    return .object(members)
  }

  private static func object(_ size: PlanListing.Size) -> JSONValue {
    switch size {
    case .domain(let rows, let columns):
      ["rows": .integer(rows), "columns": .integer(columns)]
    case .product(let m, let n, let k, let transposesA, let transposesB, let count):
      [
        "m": .integer(m), "n": .integer(n), "k": .integer(k), "transpose_a": .bool(transposesA),
        "transpose_b": .bool(transposesB), "count": .integer(count),
      ]
    case .sizes(let sizes): ["sizes": .array(sizes.map { .integer($0) })]
    }
  }

  private static func object(_ piece: PlanListing.Piece) -> JSONValue {
    [
      "memory": .string(piece.memory.rawValue), "name": .string(piece.name),
      "offset": .integer(piece.byteOffset), "bytes": .integer(piece.byteCount),
    ]
  }

  private static func object(_ memory: TrainingMemory) -> JSONValue {
    [
      "parameters": .integer(memory.parameters), "variables": .integer(memory.variables),
      "optimizer": .integer(memory.optimizer), "states": .integer(memory.stateCount),
      "arena": .integer(memory.arena), "scratch": .integer(memory.scratch),
      "constants": .integer(memory.constants), "batch": .integer(memory.batch),
      "total": .integer(memory.byteCount),
    ]
  }

  private static func object(_ limits: MachineLimits) -> JSONValue {
    let bandwidths = limits.bandwidths.map { bandwidth -> JSONValue in
      [
        "working_set": .integer(bandwidth.workingSet),
        "bytes_per_second": .number(bandwidth.bytesPerSecond),
      ]
    }
    return [
      "flops_per_second": .number(limits.flopsPerSecond),
      "tile_flops_per_second": .number(limits.tileFlopsPerSecond),
      "bandwidths": .array(bandwidths),
    ]
  }

  private func times(_ times: PlanTiming, _ limits: MachineLimits) -> JSONValue {
    [
      "best_seconds": .number(times.whole.best), "median_seconds": .number(times.whole.median),
      "sum_of_best_seconds": .number(sum(times)), "floor_seconds": .number(floor(limits)),
      "repetitions": .integer(times.repetitions),
    ]
  }
}
