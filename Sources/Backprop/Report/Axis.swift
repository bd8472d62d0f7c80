import BackpropCore

/// One axis of a chart: from numbers to places, with round marks.
struct Axis {
  let low, high: Double
  let isLogarithmic: Bool
  let marks: [Double]
  /// The decimals that tell neighbouring marks apart.
  private let decimals: Int

  /// An axis that covers `values`.
  ///
  /// - Parameters:
  ///   - logarithmic: whether it may be, if all are above 0 and span more than a factor of 20.
  ///   - tight: whether it ends at the least and the greatest number, not at round ones.
  ///   - whole: whether marks are whole numbers.
  init(
    covering values: [Double], logarithmic: Bool = false, tight: Bool = false, whole: Bool = false
  ) {
    let finite = values.filter { $0.isFinite && $0.magnitude < 1e300 }
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if logarithmic, low > 0, high / low > 20 {
      isLogarithmic = true
      decimals = 0
      let margin = (high / low).squareRoot().squareRoot().squareRoot().squareRoot().squareRoot()
      (self.low, self.high) = (low / margin, high * margin)
      marks = Self.roundPowers(from: low / margin, to: high * margin)
      return
    }
    isLogarithmic = false
    if high - low <= 1e-12 * max(high.magnitude, low.magnitude) {
      (low, high) = (low - max(low.magnitude, 1) / 2, high + max(high.magnitude, 1) / 2)
    }
    let step = max(Self.roundStep((high - low) / 6), whole ? 1 : 0)
    let (first, last) =
      tight
      ? ((low / step).rounded(.up), (high / step).rounded(.down))
      : ((low / step).rounded(.down), (high / step).rounded(.up))
    marks = stride(from: first, through: last, by: 1).map { $0 * step }
    (self.low, self.high) = tight ? (low, high) : (first * step, last * step)
    var (count, unit) = (0, step)
    while unit < 0.999, count < 12 { (count, unit) = (count + 1, unit * 10) }
    decimals = count
  }

  /// Where a number stands, from 0 at the low end to 1 at the high end.
  func place(_ value: Double) -> Double {
    guard isLogarithmic else { return (value - low) / (high - low) }
    let bottom = Double.log10(low)
    return (Double.log10(max(value, low)) - bottom) / (Double.log10(high) - bottom)
  }

  /// What is written at a mark.
  func label(_ mark: Double) -> String {
    if isLogarithmic { return Markup.number(mark, digits: 1) }
    return mark.magnitude >= 1e7 || decimals > 6
      ? Markup.number(mark, digits: 3) : Markup.fixed(mark, decimals)
  }

  /// 1, 2 or 5 times a power of ten, not below a number.
  private static func roundStep(_ wanted: Double) -> Double {
    var power = 1.0
    while power * 10 <= wanted { power *= 10 }
    while power > wanted { power /= 10 }
    return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? power * 10
  }

  /// Powers of ten within a range, with their doubles and fives where there are few.
  private static func roundPowers(from low: Double, to high: Double) -> [Double] {
    var power = 1.0
    while power > low { power /= 10 }
    while power * 10 <= low { power *= 10 }
    let hasFew = high / low < 1e3
    var marks: [Double] = []
    while power <= high {
      marks += (hasFew ? [1.0, 2, 5] : [1.0]).map { $0 * power }
      power *= 10
    }
    marks = marks.filter { $0 >= low && $0 <= high }
    let every = marks.count / 9 + 1
    return marks.enumerated().filter { $0.offset % every == 0 }.map(\.element)
  }
}
