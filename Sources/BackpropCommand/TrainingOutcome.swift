import Backprop

/// What a run came to.
struct TrainingOutcome {
  let fit: Trainer.Fit
  /// The test part with the parameters of the best epoch, and of the last.
  let best, last: Evaluation
  /// What a model that looks at no input reaches on the test part.
  let baseline: Baseline
  /// The figures of a cross-validation.
  let folds: FoldFigures?
  let classNames: [String]?

  /// The names of the classes that the best network never finds though they are there.
  var neverPredicted: [String] {
    best.classesNeverPredicted.map { index in classNames?[index] ?? "\(index)" }
  }

  /// What to do about a training cost that rose: nil where it did not.
  var advice: String? {
    let losses = fit.history.map(\.loss)
    guard let first = losses.first, let last = losses.last, let lowest = losses.min(),
      last > 2 * lowest, last > first / 2
    else { return nil }
    return "the training loss rose from \(figure(lowest)) to \(figure(last)): the learning rate "
      + "\(figure(fit.model.step.optimizer.learningRate)) may be too high; --find-learning-rate looks for "
      + "one"
  }

  /// The figures of the event `end`, without the folder.
  var jsonMembers: [JSONValue.Member] {
    var members = best.jsonMembers(prefix: "test_") + last.jsonMembers(prefix: "last_test_")
    members += [
      .init("best_epoch", .integer(fit.bestEpoch)),
      .init("epochs_trained", .integer(fit.history.count)),
      .init("train_seconds", .number(fit.trainSeconds)),
      .init("samples_per_second", .number(fit.samplesPerSecond)),
      .init("baseline", baseline.json),
    ]
    if let table = best.classTable(classNames) {
      members.append(.init("classes", .array(table.rows.map(\.json))))
      members.append(
        .init("classes_never_predicted", .array(neverPredicted.map { .string($0) })))
    }
    if let advice { members.append(.init("advice", .string(advice))) }
    if let folds { members.append(.init("folds", folds.json)) }
    return members
  }
}

/// Mean and deviation of every metric over the folds of a cross-validation.
struct FoldFigures {
  /// One metric: its value on each fold's test part.
  struct Figure {
    let name: String
    let values: [Double]
    var mean: Double { values.reduce(0, +) / Double(values.count) }
    /// The deviation of a sample, √(Σ(x − mean)²/(n − 1)).
    var deviation: Double {
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(max(1, values.count - 1))).squareRoot()
    }
  }

  let count: Int
  let figures: [Figure]

  /// Puts the results of all folds together; a metric that one of them lacks is left out.
  init(_ evaluations: [Evaluation]) {
    count = evaluations.count
    figures = evaluations[0].figures.compactMap { name, _ in
      let values = evaluations.compactMap { evaluation in
        evaluation.figures.first { $0.name == name }?.value
      }
      return values.count == evaluations.count ? Figure(name: name, values: values) : nil
    }
  }

  var json: JSONValue {
    let members = figures.map { figure in
      JSONValue.Member(
        figure.name,
        [
          "mean": .number(figure.mean), "deviation": .number(figure.deviation),
          "values": .array(figure.values.map { .number($0) }),
        ])
    }
    return .object([.init("count", .integer(count))] + members)
  }
}

extension Baseline {
  var json: JSONValue {
    .object(
      [.init("rule", .string(rule))] + figures.map { .init($0.name, .number($0.value)) })
  }
}

extension Evaluation {
  /// The figures of every class; nil for values and labels.
  func classTable(_ names: [String]?) -> ClassTable? {
    confusion.flatMap { try? ClassTable($0, names: names) }
  }
}

extension ClassTable.Row {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "precision": .number(precision), "recall": .number(recall),
      "f1": .number(f1), "support": .integer(support), "predicted": .integer(predicted),
    ]
  }
}
