/// How far a training is: all that it goes on with but the arrays.
struct TrainingCourse: Sendable {
  /// The epoch that the next step belongs to, from 1.
  var epoch = 1
  /// The batches of this epoch that are behind.
  var batch = 0
  /// What they have cost, pooled as the loss says, and how many samples they had.
  var lossSum = 0.0
  var samples = 0
  /// The time that this epoch has taken.
  var seconds = 0.0
  /// The epochs before.
  var history: [EpochReport] = []
  /// The best of them.
  var best: (epoch: Int, loss: Double)?
  /// What multiplies the learning rate: halved each time that the training went back.
  var rateFactor = 1.0
  /// The steps in a row that were left out.
  var skipped = 0
  /// How often the training went back since an epoch was finished.
  var returns = 0
  /// The events told so far, without the beginning and notes of resuming.
  var events = 0

  /// Begins an epoch.
  mutating func beginEpoch(_ number: Int) {
    epoch = number
    (batch, lossSum, samples, seconds) = (0, 0, 0, 0)
  }
}

extension TrainingCourse {
  var json: JSONValue {
    [
      "epoch": .integer(epoch), "batch": .integer(batch), "loss_sum": .number(lossSum),
      "samples": .integer(samples), "seconds": .number(seconds),
      "best": best.map { ["epoch": .integer($0.epoch), "loss": .number($0.loss)] } ?? .null,
      "rate_factor": .number(rateFactor), "skipped": .integer(skipped),
      "returns": .integer(returns),
      "events": .integer(events), "history": .array(history.map(\.checkpointJSON)),
    ]
  }

  /// Reads what ``json`` wrote.
  ///
  /// - Throws: ``FormatError`` if it contradicts itself.
  init(_ object: JSONMembers, file: String) throws(FormatError) {
    var members = object
    func count(_ name: String, from least: Int) throws(FormatError) -> Int {
      try members.required(name, "a whole number from \(least) to 2^53") {
        $0.integer.flatMap { (least...1 << 53).contains($0) ? $0 : nil }
      }
    }
    func number(_ name: String) throws(FormatError) -> Double {
      try members.required(name, "a finite number", \.double)
    }
    (epoch, batch) = (try count("epoch", from: 1), try count("batch", from: 0))
    (lossSum, samples) = (try number("loss_sum"), try count("samples", from: 0))
    seconds = try number("seconds")
    rateFactor = try members.required("rate_factor", "a number above 0, of at most 1") {
      $0.double.flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
    }
    (skipped, events) = (try count("skipped", from: 0), try count("events", from: 0))
    returns = try count("returns", from: 0)
    if var best = try members.optionalObject("best") {
      let number = try best.required("epoch", "an epoch before this one") {
        $0.integer.flatMap { $0 >= 1 ? $0 : nil }
      }
      self.best = (number, try best.required("loss", "a finite number", \.double))
      try best.finish()
    }
    let reports = try members.required("history", "a list of epochs", \.elements)
    for (index, report) in reports.enumerated() {
      let place = "training.history.\(index)"
      history.append(
        try EpochReport(checkpoint: JSONMembers(report, file: file, path: place)))
    }
    try members.finish()
    let numbers = history.map(\.epoch)
    guard numbers.count == epoch - 1, numbers.elementsEqual(1..<epoch),
      (best == nil) == history.isEmpty, best.map({ numbers.contains($0.epoch) }) ?? true
    else {
      throw members.error(
        "history", expected: "the epochs 1 to \(epoch - 1), one of them the best",
        found: "\(numbers.count) epochs")
    }
  }
}

extension EpochReport {
  fileprivate var checkpointJSON: JSONValue {
    [
      "epoch": .integer(epoch), "loss": .number(loss), "seconds": .number(seconds),
      "samples_per_second": .number(samplesPerSecond), "best": .bool(isBest),
      "validation": .object(validation.scalars.map { .init($0.name, .number($0.value)) }),
    ]
  }

  fileprivate init(checkpoint object: JSONMembers) throws(FormatError) {
    var members = object
    epoch = try members.required("epoch", "a whole number", \.integer)
    loss = try members.required("loss", "a finite number", \.double)
    seconds = try members.required("seconds", "a finite number", \.double)
    samplesPerSecond =
      try members.optional("samples_per_second", "a finite number", \.double) ?? .infinity
    isBest = try members.required("best", "true or false", \.bool)
    var figures = try members.object("validation")
    validation = try Evaluation(scalars: &figures)
    try figures.finish()
    try members.finish()
  }
}
