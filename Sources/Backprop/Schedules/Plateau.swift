/// A fall of the learning rate whenever the validation loss stops falling.
///
/// It looks at the validation losses of the epochs so far and at nothing else, so it has no state of
/// its own: a training that goes on from a checkpoint goes on with the same rate. PyTorch's
/// `ReduceLROnPlateau` for a loss, with a relative threshold.
public struct Plateau: Sendable, Hashable {
  /// What the rate is multiplied by, above 0 and below 1.
  public var factor: Double
  /// How many epochs without progress are let pass; the next one makes the rate fall.
  public var patience: Int
  /// What counts as progress: a loss below `best − threshold·|best|`. At least 0, below 1.
  public var threshold: Double
  /// How many epochs after a fall nothing is counted.
  public var cooldown: Int
  /// The lowest rate as a fraction of the base rate.
  public var minimum: Double

  /// Makes a rule.
  public init(
    factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0,
    minimum: Double = 0
  ) {
    (self.factor, self.patience, self.threshold) = (factor, patience, threshold)
    (self.cooldown, self.minimum) = (cooldown, minimum)
  }

  /// The factor of the base rate after some epochs.
  ///
  /// - Parameter losses: the validation losses from the first epoch on.
  public func factor(after losses: [Double]) -> Double {
    var (rate, best, bad, resting) = (1.0, Double.infinity, 0, 0)
    for loss in losses {
      if !best.isFinite || loss < best - threshold * best.magnitude {
        (best, bad) = (loss, 0)
      } else {
        bad += 1
      }
      if resting > 0 { (resting, bad) = (resting - 1, 0) }
      if bad > patience {
        rate = max(rate * factor, minimum)
        (resting, bad) = (cooldown, 0)
      }
    }
    return rate
  }
}

extension Schedule {
  /// The base rate, which falls whenever the validation loss stops falling.
  public static func plateau(_ rule: Plateau = Plateau()) -> Schedule {
    let options = [
      ("factor", shortest(rule.factor)), ("patience", "\(rule.patience)"),
      ("threshold", shortest(rule.threshold)), ("cooldown", "\(rule.cooldown)"),
      ("minimum", shortest(rule.minimum)),
    ]
    return Schedule(OptionText.text("plateau", options), plateau: rule) { _ in 1 }
  }
}
