extension Schedule {
  /// The base rate at every step.
  public static let constant = Schedule("constant") { _ in 1 }

  /// Times `factor` after every `every` steps: `factor^⌊t/every⌋`, t the step from 0.
  ///
  /// - Parameters:
  ///   - every: steps between two changes, at least 1.
  ///   - factor: what each change multiplies the rate by.
  public static func step(every: Int, factor: Double) -> Schedule {
    precondition(every >= 1, "a schedule needs at least one step between changes")
    return Schedule("step:every=\(every),factor=\(shortest(factor))") { power(factor, $0 / every) }
  }

  /// Times `factor` at every step: `factor^t`, t the step from 0.
  ///
  /// - Parameter factor: what each step multiplies the rate by.
  public static func exponential(factor: Double) -> Schedule {
    Schedule("exponential:factor=\(shortest(factor))") { power(factor, $0) }
  }

  /// Down along half a cosine: `minimum + (1 − minimum)·(1 + cos(π·t/steps))/2`, and `minimum`
  /// after `steps`.
  ///
  /// - Parameters:
  ///   - steps: how many steps the way down takes, at least 1.
  ///   - minimum: the last rate as a fraction of the base rate.
  /// - Source: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts"
  ///   (2017), without restarts.
  public static func cosine(over steps: Int, minimum: Double = 0) -> Schedule {
    precondition(steps >= 1, "a schedule needs at least one step")
    return Schedule("cosine:steps=\(steps),minimum=\(shortest(minimum))") { step in
      let progress = Double(min(step, steps)) / Double(steps)
      return minimum + (1 - minimum) * (1 + cosineOfPi(times: progress)) / 2
    }
  }

  /// Up in a straight line, `(t + 1)/steps` for the first `steps` steps, then another schedule.
  ///
  /// - Parameters:
  ///   - steps: how many steps the way up takes, at least 1; the last of them has the base rate.
  ///   - next: what follows; it counts its steps from the end of the warm-up.
  public static func warmup(_ steps: Int, then next: Schedule = .constant) -> Schedule {
    precondition(steps >= 1, "a warm-up needs at least one step")
    let text = "warmup:steps=\(steps)"
    let isLast = next.description == Schedule.constant.description
    return Schedule(isLast ? text : "\(text) then \(next)", plateau: next.plateau) { step in
      step < steps ? Double(step + 1) / Double(steps) : next.factor(step: step - steps)
    }
  }
}

/// cos(π·x) for x in 0…1, from additions and multiplications alone: the same bits on every machine,
/// within 2⁻⁵².
func cosineOfPi(times x: Double) -> Double {
  if x > 0.5 { return -cosineOfPi(times: 1 - x) }
  // cos(πx) for x ≤ ¼, sin(π(½ − x)) above: Taylor's series for arguments up to π/4.
  let isCosine = x <= 0.25
  let y = Double.pi * (isCosine ? x : 0.5 - x)
  var sum = 0.0
  for k in stride(from: isCosine ? 18 : 19, through: 2, by: -2) {
    sum = (1 + sum) * -(y * y) / Double(k * (k - 1))
  }
  return isCosine ? 1 + sum : y * (1 + sum)
}
