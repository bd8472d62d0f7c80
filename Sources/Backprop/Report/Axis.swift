import BackpropCore

/// One axis of a chart: from numbers to places, with round marks.
struct Axis {
  let low, high: Double
  let isLogarithmic: Bool
  let marks: [Double]

  /// An axis that covers `values`; logarithmic on wish, if all are above 0 and they span more than a factor of 20.
  init(covering values: [Double], logarithmic: Bool = false, includingZero: Bool = false) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if logarithmic, low > 0, high / low > 20 {
      isLogarithmic = true
      marks = Self.powers(from: low, to: high)
      (self.low, self.high) = (min(low, marks.first ?? low), max(high, marks.last ?? high))
      return
    }
    isLogarithmic = false
    if includingZero { (low, high) = (min(low, 0), max(high, 0)) }
    if low == high {
      (low, high) = (low - max(low.magnitude, 1) / 2, high + max(high.magnitude, 1) / 2)
    }
    let step = Self.roundStep((high - low) / 5)
    let first = (low / step).rounded(.down), last = (high / step).rounded(.up)
    marks = stride(from: first, through: last, by: 1).map { $0 * step }
    (self.low, self.high) = (first * step, last * step)
  }

  /// Where a number stands, from 0 at the low end to 1 at the high end.
  func place(_ value: Double) -> Double {
    isLogarithmic
      ? (Self.log10(max(value, low)) - Self.log10(low)) / (Self.log10(high) - Self.log10(low))
      : (value - low) / (high - low)
  }

  /// 1, 2 or 5 times a power of ten, not below a number.
  private static func roundStep(_ wanted: Double) -> Double {
    var power = 1.0
    while power * 10 <= wanted { power *= 10 }
    while power > wanted { power /= 10 }
    return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? power * 10
  }

  private static func powers(from low: Double, to high: Double) -> [Double] {
    var power = 1.0
    while power > low { power /= 10 }
    while power * 10 <= low { power *= 10 }
    var marks = [power]
    while (marks.last ?? high) < high { marks.append((marks.last ?? high) * 10) }
    return marks
  }

  private static func log10(_ x: Double) -> Double { Double.log10(x) }
}
