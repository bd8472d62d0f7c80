import BackpropCore

/// How the cost follows the learning rate: a run of few steps in which the rate rises from one to
/// the next.
///
/// - Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), 3.3.
public struct LearningRateSearch: Sendable {
  /// One step.
  public struct Point: Hashable, Sendable {
    /// The learning rate of the step.
    public let rate: Double
    /// The cost of its batch before the update.
    public let loss: Double
    /// The mean of the costs so far, of which each step forgets a part: weights are 0.8 of those
    /// of the step after, and sum to 1.
    public let smoothed: Double
  }

  /// The steps, in order.
  public let points: [Point]
  /// A good learning rate: that at which the smoothed cost was half-way down, from the mean of the
  /// first ten steps to the lowest, for the last time before the lowest; at most a tenth of the rate
  /// of the lowest. Half-way down is where it falls fast, told without the slopes of a noisy curve.
  /// Nil if the cost never fell below that mean.
  public let suggestion: Double?

  /// Whether the search ended because the cost rose beyond four times the lowest, or ceased to be
  /// finite.
  public let hasDiverged: Bool
}

extension Trainer {
  /// Finds a learning rate: steps from a fresh state, with a rate that grows by the same factor
  /// each, until the smoothed cost is above four times the lowest.
  ///
  /// - Parameters:
  ///   - data: what is learnt from; gone through as often as it takes.
  ///   - range: the rate of the first and of the last step.
  ///   - steps: the number of steps, 10 or more.
  ///   - batchSize: samples a step.
  ///   - seed: decides initial parameters and the order of samples.
  /// - Throws: ``ConfigurationError`` for a range or a number that makes no sense, ``DataError`` if
  ///   the data does not fit.
  public func findLearningRate(
    _ data: Dataset, in range: ClosedRange<Double> = 1e-6...10, steps: Int = 100,
    batchSize: Int = 32, seed: UInt64 = 0
  ) throws -> LearningRateSearch {
    guard range.lowerBound > 0, range.upperBound > range.lowerBound, range.upperBound.isFinite
    else {
      throw ConfigurationError(
        "learning-rate", "rates \(range.lowerBound) to \(range.upperBound); expected two above 0")
    }
    guard steps >= 10, batchSize >= 1 else {
      throw ConfigurationError(
        "steps", "\(steps) steps of \(batchSize) samples; expected 10 or more, of 1 or more")
    }
    var state = try step.initialState(seed: seed)
    let key = RandomKey(seed)
    var points: [LearningRateSearch.Point] = []
    var (mean, weight, lowest) = (0.0, 0.0, Double.infinity)
    var (number, hasDiverged) = (0, false)
    var batches = data.batches(of: batchSize, key: key, epoch: 1)
    let logRatio = Double.log(range.upperBound / range.lowerBound)
    for index in 0..<steps {
      if number == batches.count {
        batches = data.batches(of: batchSize, key: key, epoch: index + 1)
        number = 0
      }
      let rate = range.lowerBound * Double.exp(logRatio * Double(index) / Double(steps - 1))
      let loss = try step.run(&state, batches[number], learningRate: rate)
      number += 1
      guard loss.isFinite else {
        hasDiverged = true
        break
      }
      mean = 0.8 * mean + 0.2 * loss
      weight = 0.8 * weight + 0.2
      let smoothed = mean / weight
      points.append(.init(rate: rate, loss: loss, smoothed: smoothed))
      lowest = min(lowest, smoothed)
      hasDiverged = smoothed > 4 * lowest
      if hasDiverged { break }
      try Task.checkCancellation()
    }
    return LearningRateSearch(
      points: points, suggestion: Self.suggestion(points), hasDiverged: hasDiverged)
  }

  private static func suggestion(_ points: [LearningRateSearch.Point]) -> Double? {
    guard let lowest = points.indices.min(by: { points[$0].smoothed < points[$1].smoothed })
    else { return nil }
    let first = points.prefix(10)
    let start = first.reduce(0) { $0 + $1.loss } / Double(first.count)
    let best = points[lowest]
    guard best.smoothed < start else { return nil }
    let middle = (start + best.smoothed) / 2
    let half = points[...lowest].last { $0.smoothed >= middle } ?? best
    return min(half.rate, best.rate / 10)
  }
}
