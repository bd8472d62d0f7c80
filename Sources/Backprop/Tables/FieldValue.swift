/// What a field of a table says.
///
/// - **Missing**: an empty field, or `NA`, `N/A`, `NaN`, `null` or `?` in upper or lower case,
///   quoted or not.
/// - **A number**: a sign or none, digits with at most one `.`, and an exponent or none, as in
///   `-1.5e-3`, read as the nearest Double. `1,234` is text: thousands have no separators. A comma
///   stands for the point only where fields are separated by `;`.
/// - **Infinite**: `inf` or `infinity`, with a sign or none, or a number beyond all Doubles. It
///   counts as a number when kinds are told, and is an error where a number is used.
/// - **Text**: all else.
enum FieldValue: Hashable {
  case missing
  case number(Double)
  case infinite
  case text

  /// Reads a field's content.
  ///
  /// Up to 2⁵³ and 22 decimals, digits and power of ten are exact Doubles, so one division rounds
  /// as reading should (W. D. Clinger, "How to Read Floating Point Numbers Accurately", 1990); all
  /// else goes through `Double.init(_:)`.
  init(_ bytes: UnsafeBufferPointer<UInt8>, decimalComma: Bool) {
    guard !bytes.isEmpty else {
      self = .missing
      return
    }
    var digits = DecimalDigits()
    guard digits.read(bytes, decimalComma: decimalComma) else {
      self = Self.word(bytes)
      return
    }
    if let value = digits.exactValue {
      self = .number(value)
      return
    }
    let text = String(decoding: bytes.map { $0 == 0x2c ? 0x2e : $0 }, as: UTF8.self)
    guard let value = Double(text) else {
      self = .text
      return
    }
    self = value.isFinite ? .number(value) : .infinite
  }

  /// Words that stand for something else than text.
  private static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> FieldValue {
    guard bytes.count <= 9 else { return .text }
    let lower = bytes.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
    switch String(decoding: lower, as: UTF8.self) {
    case "na", "n/a", "nan", "null", "?": return .missing
    case "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity": return .infinite
    default: return .text
    }
  }
}

/// The parts of a decimal number: ± mantissa · 10^exponent.
private struct DecimalDigits {
  private var isNegative = false
  private var mantissa: UInt64 = 0
  private var exponent = 0
  private var isExact = true

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The number where one operation gives it exactly rounded, else nil.
  var exactValue: Double? {
    guard isExact, mantissa <= 1 << 53, exponent.magnitude <= 22 else { return nil }
    let magnitude = Double(mantissa)
    let power = Self.powers[abs(exponent)]
    let value = exponent < 0 ? magnitude / power : magnitude * power
    return isNegative ? -value : value
  }

  /// Whether all the bytes are one number.
  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, decimalComma: Bool) -> Bool {
    var index = 0
    if bytes[0] == 0x2d || bytes[0] == 0x2b {
      isNegative = bytes[0] == 0x2d
      index = 1
    }
    var count = digits(bytes, &index, scale: 0)
    if index < bytes.count, bytes[index] == 0x2e || (decimalComma && bytes[index] == 0x2c) {
      index += 1
      count += digits(bytes, &index, scale: -1)
    }
    guard count > 0 else { return false }
    if index < bytes.count, bytes[index] | 0x20 == 0x65 {
      index += 1
      guard power(bytes, &index) else { return false }
    }
    return index == bytes.count
  }

  private mutating func digits(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, scale: Int
  ) -> Int {
    let start = index
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { break }
      if mantissa < 100_000_000_000_000_000 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        exponent &+= scale
      } else {
        isExact = false
      }
      index &+= 1
    }
    return index - start
  }

  /// The exponent behind an `e`.
  private mutating func power(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
    guard index < bytes.count else { return false }
    let isNegative = bytes[index] == 0x2d
    if isNegative || bytes[index] == 0x2b { index += 1 }
    let start = index
    var value = 0
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { break }
      value = min(value * 10 + Int(digit), 100_000)
      index += 1
    }
    exponent += isNegative ? -value : value
    return index > start
  }
}
