public import BackpropCore

/// What a cost of classes makes of its targets.
///
/// In text, `softmax-cross-entropy:label-smoothing=0.1,class-weights=1:2:5,ignore-index=0`.
public struct ClassOptions: Sendable, Hashable {
  /// ε: a target t becomes `(1 − ε)·t + ε/k`, with k classes; from 0 to 1.
  public var labelSmoothing: Double
  /// What the term of each class in a sample's cost is multiplied by; empty for 1 each.
  public var classWeights: [Double]
  /// A class index whose samples cost 0 and have gradient 0, such as that of padding; nil for none.
  public var ignoredIndex: Int?

  /// Makes a choice; nothing unless told.
  public init(
    labelSmoothing: Double = 0, classWeights: [Double] = [], ignoredIndex: Int? = nil
  ) {
    (self.labelSmoothing, self.classWeights) = (labelSmoothing, classWeights)
    self.ignoredIndex = ignoredIndex
  }

  mutating func visit(_ options: inout NamedOptions) throws {
    try options.number("label-smoothing", &labelSmoothing, .unit, silent: 0)
    try options.numbers("class-weights", &classWeights, .notNegative)
    try options.index("ignore-index", &ignoredIndex)
  }
}

extension ClassOptions {
  /// The targets as numbers of the prediction's shape: smoothed, times the weights of the classes.
  func weightedTargets(
    _ target: Value, for prediction: Value, of loss: some Loss
  ) throws -> Value {
    try loss.require("label-smoothing", labelSmoothing, .unit)
    for weight in classWeights { try loss.require("class-weights", weight, .notNegative) }
    var target = try loss.distribution(target, for: prediction)
    if labelSmoothing > 0 {
      let share = labelSmoothing / Double(prediction.shape.last)
      target = try (1 - labelSmoothing) * target + share
    }
    return try weights(for: prediction, of: loss).map { try target * $0 } ?? target
  }

  /// Costs of samples, 0 for those that are ignored.
  func ignoring(_ target: Value, in costs: Value) throws -> Value {
    guard let ignoredIndex else { return costs }
    guard target.scalarType == .int32 else {
      throw ConfigurationError(
        "loss", "ignore-index goes with class indices; the target is \(target.type)")
    }
    return try target.cast(to: costs.scalarType).equal(to: Double(ignoredIndex)).select(0, costs)
  }

  /// What each sample counts: the weight of its class, 0 if it is ignored. Nil where all count 1,
  /// as distributions do.
  func sampleWeights(
    _ target: Value, for prediction: Value, of loss: some Loss
  ) throws -> Value? {
    guard target.scalarType == .int32, !classWeights.isEmpty || ignoredIndex != nil else {
      return nil
    }
    var counts = try prediction.constant(1).broadcast(to: target.shape)
    if let weights = try weights(for: prediction, of: loss) {
      counts = try (loss.distribution(target, for: prediction) * weights).sum(axes: [-1])
    }
    return try ignoring(target, in: counts)
  }

  /// The weights of the classes as a row; nil for 1 each.
  private func weights(for prediction: Value, of loss: some Loss) throws -> Value? {
    guard !classWeights.isEmpty else { return nil }
    guard classWeights.count == prediction.shape.last else {
      throw ConfigurationError(
        "loss",
        "loss '\(loss.name)': \(classWeights.count) class-weights; the network has "
          + "\(prediction.shape.last) outputs: expected one for each")
    }
    // A piece for each run of equal weights.
    var runs: [(weight: Double, count: Int)] = []
    for weight in classWeights {
      if runs.last?.weight == weight {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((weight, 1))
      }
    }
    let pieces = try runs.map { try prediction.constant($0.weight).broadcast(to: [$0.count]) }
    return pieces.count == 1
      ? pieces[0] : try pieces[0].concatenated(with: Array(pieces[1...]), axis: 0)
  }
}

extension Loss {
  /// Targets as numbers of the prediction's shape: class indices become one-hot.
  ///
  /// - Throws: `ShapeError` if they are neither class indices nor of the prediction's shape.
  func distribution(_ target: Value, for prediction: Value) throws -> Value {
    try requireOutputs(prediction)
    guard target.scalarType == .int32 else {
      if target.type == prediction.type { return target }
      throw expected(target, for: prediction, orElse: " or a distribution \(prediction.type)")
    }
    return try requireClasses(target, for: prediction)
      .oneHot(depth: prediction.shape.last, as: prediction.scalarType)
  }

  /// Class indices, one for each sample.
  ///
  /// - Throws: `ShapeError` if the target is anything else.
  func requireClasses(_ target: Value, for prediction: Value) throws -> Value {
    try requireOutputs(prediction)
    let samples = Shape(prediction.shape.sizes.dropLast())
    guard target.type == ValueType(samples, .int32) else {
      throw expected(target, for: prediction, orElse: "")
    }
    return target
  }

  private func expected(
    _ target: Value, for prediction: Value, orElse more: String
  ) -> ShapeError {
    let samples = Shape(prediction.shape.sizes.dropLast())
    return ShapeError(
      name, [prediction.shape, target.shape],
      "the target is \(target.type); expected classes int32\(samples)\(more)")
  }
}
