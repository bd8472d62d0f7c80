extension TrainingStart {
  /// The counts of the event `start`.
  package var jsonMembers: [JSONValue.Member] {
    let trained = parameters.filter(\.isTrained).reduce(0) { $0 + $1.shape.count }
    let all = parameters.filter { $0.role != nil }.reduce(0) { $0 + $1.shape.count }
    return [
      .init("parameters", .integer(all)), .init("trained_parameters", .integer(trained)),
      .init("training_samples", .integer(trainingSamples)),
      .init("validation_samples", .integer(validationSamples)),
      .init("test_samples", .integer(testSamples)),
    ]
  }
}

extension EpochReport {
  /// The event `epoch`.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("event", "epoch"), .init("epoch", .integer(epoch)), .init("loss", .number(loss)),
      .init("validation_loss", .number(validation.loss)),
    ]
    if let accuracy = validation.accuracy {
      members.append(.init("validation_accuracy", .number(accuracy)))
    }
    if let r2 = validation.r2 { members.append(.init("validation_r2", .number(r2))) }
    return .object(
      members + [
        .init("seconds", .number(seconds)), .init("samples_per_second", .number(samplesPerSecond)),
        .init("best", .bool(isBest)),
      ])
  }
}

extension [JSONValue] {
  /// The events `epoch` of a log, each epoch as it was trained last: a training may have gone back.
  package var trainedEpochs: [JSONValue] {
    var epochs: [JSONValue] = []
    for event in self where event["event"]?.string == "epoch" {
      let number = event["epoch"]?.integer ?? Int.max
      while let last = epochs.last?["epoch"]?.integer, last >= number { epochs.removeLast() }
      epochs.append(event)
    }
    return epochs
  }
}

extension ResumeReport {
  /// The event `resume`.
  package var json: JSONValue {
    [
      "event": "resume", "checkpoint": .string(path), "epoch": .integer(epoch),
      "step": .integer(step), "differences": .array(differences.map { .string($0) }),
    ]
  }
}

extension NonfiniteReport {
  /// The event `nonfinite`.
  package var json: JSONValue {
    [
      "event": "nonfinite", "epoch": .integer(epoch), "step": .integer(step),
      "origin": .string(origin), "action": .string(action.rawValue),
      "learning_rate": .number(learningRate),
    ]
  }
}

extension Evaluation {
  /// The figures by name, as in `test_loss` and `test_accuracy` for the prefix `test_`.
  package func jsonMembers(prefix: String) -> [JSONValue.Member] {
    figures.map { .init("\(prefix)\($0.name)", .number($0.value)) }
  }

  /// The classes that are there but that no sample was taken for: a network in which an output
  /// died. Empty for numeric targets.
  package var classesNeverPredicted: [Int] {
    guard let confusion else { return [] }
    return (0..<confusion.classes).filter { index in
      confusion.counts[index].contains { $0 > 0 } && confusion.counts.allSatisfy { $0[index] == 0 }
    }
  }
}
