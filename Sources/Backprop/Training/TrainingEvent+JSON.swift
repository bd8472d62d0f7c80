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

extension Evaluation {
  /// The figures by name, as in `test_loss` and `test_accuracy` for the prefix `test_`.
  package func jsonMembers(prefix: String) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = [.init("\(prefix)loss", .number(loss))]
    if let accuracy { members.append(.init("\(prefix)accuracy", .number(accuracy))) }
    if let r2 { members.append(.init("\(prefix)r2", .number(r2))) }
    if let rmse { members.append(.init("\(prefix)rmse", .number(rmse))) }
    return members
  }

  /// The classes that are there but that no sample was taken for: a network in which an output died. Empty for numeric
  /// targets.
  package var classesNeverPredicted: [Int] {
    guard let confusion else { return [] }
    return (0..<confusion.classes).filter { index in
      confusion.counts[index].contains { $0 > 0 } && confusion.counts.allSatisfy { $0[index] == 0 }
    }
  }
}
