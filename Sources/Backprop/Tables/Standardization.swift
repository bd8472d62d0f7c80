/// How numbers are brought to mean 0 and deviation 1: x′ = (x − mean) / deviation, in float64.
public struct Standardization: Hashable, Sendable {
  /// What is subtracted.
  public let mean: Double
  /// What the difference is divided by; above 0.
  public let deviation: Double

  /// Leaves numbers as they are.
  public static let none = Standardization(unchecked: 0, 1)

  /// Makes one from its numbers; nil if one is not finite, or the deviation not above 0.
  public init?(mean: Double, deviation: Double) {
    guard mean.isFinite, deviation.isFinite, deviation > 0 else { return nil }
    (self.mean, self.deviation) = (mean, deviation)
  }

  private init(unchecked mean: Double, _ deviation: Double) {
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// That of some numbers, of which there is one at least; nil if they are too large to compute
  /// with.
  ///
  /// The deviation is that of the population, √(Σ(x − mean)²/n). Numbers that are all the same are
  /// only moved to 0.
  public init?(fittedTo values: [Double]) {
    guard let first = values.first else { return nil }
    guard values.contains(where: { $0 != first }) else {
      self.init(mean: first, deviation: 1)
      return
    }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / count).squareRoot()
    // Numbers that differ by less than can be squared.
    self.init(mean: mean, deviation: deviation == 0 ? 1 : deviation)
  }

  /// The standardised number.
  public func applied(to value: Double) -> Double { (value - mean) / deviation }

  /// The number in its own units again.
  public func reversed(_ value: Double) -> Double { value * deviation + mean }
}
