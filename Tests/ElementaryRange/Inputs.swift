/// Numbers by number: which inputs a function meets. Nothing is stored, so that workers share a range.
struct Inputs<T: Element>: Sendable {
  let count: Int
  /// The input of an index; the second number is for functions of two.
  let at: @Sendable (Int) -> (x: T, y: T)
}

/// A number that looks random, by its place in a sequence: the finaliser of SplitMix64.
func hashed(_ place: Int, _ stream: UInt64) -> UInt64 {
  var z =
    UInt64(bitPattern: Int64(place)) &* 0x9e37_79b9_7f4a_7c15 &+ stream &* 0xd1b5_4a32_d192_ed03
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}

/// In [0, 1).
private func uniform(_ place: Int, _ stream: UInt64) -> Double {
  Double(hashed(place, stream) >> 11) * 0x1p-53
}

/// Of both signs, with an exponent from `range` and any digits.
private func spread<T: Element>(_ place: Int, _ stream: UInt64, _ range: ClosedRange<Double>) -> T {
  let exponent =
    range.lowerBound
    + uniform(place, stream) * (range.upperBound - range.lowerBound)
  let bits = hashed(place, stream + 1)
  let digits = T(1 + Double(bits >> 12) * 0x1p-52)
  return T(
    sign: bits & 1 == 0 ? .plus : .minus, exponent: T.Exponent(exponent), significand: digits)
}

/// 1, a little more or less, from half of it to its last digit.
private func nearOne<T: Element>(_ place: Int, _ stream: UInt64) -> T {
  1 + spread(place, stream, Double(-T.significandBitCount - 1)...(-1))
}

extension Inputs where T == Float {
  /// All float32 numbers, or every so many of them.
  static func all(every: Int) -> Inputs {
    Inputs(count: (1 << 32 + every - 1) / every) { (Float(bits: UInt64($0 * every)), 0) }
  }
}

extension Inputs {
  /// Samples where functions change: any bits at all, all magnitudes about 1, and even spreads over the ranges of exp,
  /// tanh and log.
  static func samples(_ count: Int) -> Inputs {
    Inputs(count: count) { place in
      let even = 2 * uniform(place, 3) - 1
      switch place % 8 {
      case 0: return (T(bits: hashed(place, 1)), 0)
      case 1, 2: return (spread(place, 1, -30...11), 0)
      case 3: return (spread(place, 1, -6...3), 0)
      case 4: return (T(40 * even), 0)
      case 5: return (T(750 * even), 0)
      case 6: return (nearOne(place, 1), 0)
      default: return (T(3 * even), 0)
      }
    }
  }

  /// Pairs for the power: any bits; results of every exponent, from any base and from bases about 1; usual numbers;
  /// whole and half exponents, with bases of both signs.
  static func pairs(_ count: Int, logarithm: @escaping @Sendable (Double) -> Double) -> Inputs {
    let least = Double(T.leastNonzeroMagnitude.exponent) - 2
    let greatest = Double(T.greatestFiniteMagnitude.exponent) + 2
    return Inputs(count: count) { place in
      let exponent = least + uniform(place, 3) * (greatest - least)
      let whole = T(hashed(place, 3) % 128) - 64
      switch place % 6 {
      case 0: return (T(bits: hashed(place, 1)), T(bits: hashed(place, 2)))
      case 1:
        let x = abs(T(bits: hashed(place, 1)))
        return (x, T(exponent / logarithm(Double(x))))
      case 2:
        let x: T = nearOne(place, 1)
        return (x, T(exponent / logarithm(Double(x))))
      case 3: return (abs(spread(place, 1, -10...10)), T(60 * uniform(place, 3) - 30))
      case 4: return (spread(place, 1, -3...3), whole)
      default: return (spread(place, 1, -3...3), whole + 0.5)
      }
    }
  }
}
