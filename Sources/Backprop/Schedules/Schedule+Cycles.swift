extension Schedule {
  /// Half cosines one after the other, each from the base rate down: t steps after the last restart,
  /// of a period of T steps, `minimum + (1 − minimum)·(1 + cos(π·t/T))/2`.
  ///
  /// - Parameters:
  ///   - steps: the length of the first period, at least 1.
  ///   - growth: what each period's length is multiplied by for the next, at least 1.
  ///   - minimum: the rate before a restart as a fraction of the base rate.
  /// - Source: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts"
  ///   (2017), equation (5).
  public static func cosineRestarts(
    first steps: Int, growth: Int = 1, minimum: Double = 0
  ) -> Schedule {
    precondition(steps >= 1 && growth >= 1, "a period needs at least one step")
    let text = "cosine-restarts:steps=\(steps),growth=\(growth),minimum=\(shortest(minimum))"
    return Schedule(text) { step in
      var (rest, period) = (step, steps)
      if growth == 1 { rest %= period }
      while rest >= period {
        rest -= period
        let (next, isTooLarge) = period.multipliedReportingOverflow(by: growth)
        period = isTooLarge ? .max : next
      }
      return cosine(Double(rest) / Double(period), from: 1, to: minimum)
    }
  }

  /// One cycle: from `start` up to the base rate, then down to `end`, both along half cosines; `end`
  /// after `steps`.
  ///
  /// PyTorch's `OneCycleLR` with two phases, where the base rate is its greatest one.
  ///
  /// - Parameters:
  ///   - steps: the length of the cycle, at least 1.
  ///   - rise: the part of it that the way up takes, from 0 to 1.
  ///   - start: the first rate as a fraction of the base rate.
  ///   - end: the last rate as a fraction of the base rate.
  /// - Source: L. Smith, N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using
  ///   Large Learning Rates" (2018).
  public static func oneCycle(
    over steps: Int, rise: Double = 0.3, start: Double = 0.04, end: Double = 4e-6
  ) -> Schedule {
    precondition(steps >= 1, "a schedule needs at least one step")
    let text =
      "one-cycle:steps=\(steps),rise=\(shortest(rise)),start=\(shortest(start)),"
      + "end=\(shortest(end))"
    let (top, last) = (max(rise * Double(steps) - 1, 0), Double(steps - 1))
    return Schedule(text) { step in
      let t = Double(step)
      if t >= last { return end }
      if t < top { return cosine(t / top, from: start, to: 1) }
      return cosine((t - top) / (last - top), from: 1, to: end)
    }
  }

  /// Down by a power of what is left: `minimum + (1 − minimum)·(1 − t/steps)^power`, and `minimum`
  /// after `steps`.
  ///
  /// - Parameters:
  ///   - steps: how many steps the way down takes, at least 1.
  ///   - power: the exponent, a multiple of ½ above 0: roots and products alone give the same bits on
  ///     every machine. 1 is a straight line.
  ///   - minimum: the last rate as a fraction of the base rate.
  public static func polynomial(
    over steps: Int, power: Double = 1, minimum: Double = 0
  ) -> Schedule {
    precondition(steps >= 1, "a schedule needs at least one step")
    precondition(isHalfInteger(power), "the power must be a multiple of 1/2 above 0")
    let text =
      "polynomial:steps=\(steps),power=\(shortest(power)),minimum=\(shortest(minimum))"
    return Schedule(text) { step in
      let left = Double(max(steps - step, 0)) / Double(steps)
      let (whole, half) = Int(2 * power).quotientAndRemainder(dividingBy: 2)
      let value = Backprop.power(left, whole) * (half == 1 ? left.squareRoot() : 1)
      return minimum + (1 - minimum) * value
    }
  }

  /// Up in a straight line for `steps` steps, then down as `√(steps/(t + 1))`.
  ///
  /// - Parameter steps: how many steps the way up takes, at least 1; the last of them has the base
  ///   rate.
  /// - Source: A. Vaswani et al., "Attention Is All You Need" (2017), equation (3), with the base rate
  ///   at its top.
  public static func inverseSquareRoot(_ steps: Int) -> Schedule {
    precondition(steps >= 1, "a schedule needs at least one step")
    return Schedule("inverse-square-root:steps=\(steps)") { step in
      let part = Double(step + 1) / Double(steps)
      return step < steps ? part : 1 / part.squareRoot()
    }
  }

  /// Whether a number can be an exponent of ``polynomial(over:power:minimum:)``.
  static func isHalfInteger(_ power: Double) -> Bool {
    power > 0 && power <= 1000 && 2 * power == (2 * power).rounded()
  }

  /// A point of half a cosine between two factors.
  private static func cosine(_ part: Double, from start: Double, to end: Double) -> Double {
    end + (start - end) * (1 + cosineOfPi(times: part)) / 2
  }
}
