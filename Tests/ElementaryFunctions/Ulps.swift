/// The distance of a number from the exact one, in units in the last place of the exact one. Where one of the two is
/// infinite in float32, that counts as 2^128, the number that would follow the greatest.
package func ulps(_ got: Float, _ exact: Double) -> Double {
  let rounded = Float(exact)
  if got.bitPattern == rounded.bitPattern && !rounded.isFinite { return 0 }
  if got.isNaN || rounded.isNaN { return got.isNaN && rounded.isNaN ? 0 : .infinity }
  let y = got.isInfinite ? (got < 0 ? -0x1p128 : 0x1p128) : Double(got)
  // The exponent of the exact number, by its bits: this stands in long loops. 1 / ulp is 2^(150 - exponent).
  let exponent = UInt64(min(max(rounded.bitPattern >> 23 & 0xff, 1), 254))
  return abs(y - exact) * Double(bitPattern: (1023 + 150 - exponent) << 52)
}

/// The same for float64. Infinity counts as 2^1024 where `Wide` has that number.
package func ulps(_ got: Double, _ exact: Wide) -> Double {
  let rounded = Double(exact)
  if got.bitPattern == rounded.bitPattern && !rounded.isFinite { return 0 }
  if got.isNaN || rounded.isNaN { return got.isNaN && rounded.isNaN ? 0 : .infinity }
  let limit = 2 * Wide(Double.greatestFiniteMagnitude.binade)
  let y = got.isInfinite ? (got < 0 ? -limit : limit) : Wide(got)
  let ulp = rounded.isInfinite ? Double.greatestFiniteMagnitude.ulp : rounded.ulp
  return Double(abs(y - exact) / Wide(ulp))
}

/// A number with two digits after the point, rounded up, as bounds are.
package func hundredths(_ x: Double) -> String {
  guard x.isFinite, x < 1e6 else { return "\(x)" }
  let count = Int((x * 100 - 1e-9).rounded(.up)), rest = count % 100
  return "\(count / 100).\(rest < 10 ? "0" : "")\(rest)"
}
