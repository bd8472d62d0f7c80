import CBackpropKernels

/// An instruction set of the kernels.
enum Path: UInt32, CaseIterable, Sendable {
  case portable, avx2, avx512, amx

  var code: bp_path { bp_path(rawValue: rawValue) }
  var isSupported: Bool { bp_path_supported(code) != 0 }

  static let supported = allCases.filter(\.isSupported)
  /// The paths that give the same bits for every product.
  static let exact = supported.filter { $0 != .amx }
}

/// An element type of the kernels, with conversions of whole arrays.
protocol Real: BinaryFloatingPoint, Sendable {
  static var code: bp_real { get }
  static func rounded(_ numbers: [Double]) -> [Self]
  static func widened(_ numbers: [Self]) -> [Double]
  /// The distance of 1 to the next number, and the smallest normal number.
  static var epsilon: Double { get }
  static var tiny: Double { get }
  /// Sums of magnitudes from here on may overflow on the way.
  static var overflow: Double { get }
}

extension Float: Real {
  static var code: bp_real { BP_FLOAT32 }
  static func rounded(_ numbers: [Double]) -> [Float] { numbers.map { Float($0) } }
  static func widened(_ numbers: [Float]) -> [Double] { numbers.map { Double($0) } }
  static var epsilon: Double { 0x1p-23 }
  static var tiny: Double { 0x1p-126 }
  static var overflow: Double { 0x1p127 }
}

extension Double: Real {
  static var code: bp_real { BP_FLOAT64 }
  static func rounded(_ numbers: [Double]) -> [Double] { numbers }
  static func widened(_ numbers: [Double]) -> [Double] { numbers }
  static var epsilon: Double { 0x1p-52 }
  static var tiny: Double { 0x1p-1022 }
  static var overflow: Double { 0x1p1023 }
}

/// True if two arrays agree to the bit, apart from the payload of a NaN.
func sameBits<T: Real>(_ a: [T], _ b: [T]) -> Bool { firstDifference(a, b) == nil }

/// The first place where two arrays differ, or nil. Numbers of one magnitude and sign are one number; NaNs are equal.
func firstDifference<T: Real>(_ a: [T], _ b: [T]) -> Int? {
  guard a.count == b.count else { return min(a.count, b.count) }
  let same = a.withUnsafeBytes { x in
    b.withUnsafeBytes { y in x.elementsEqualAsMemory(y) }
  }
  if same { return nil }
  return a.indices.first { place in
    let (x, y) = (a[place], b[place])
    if x.isNaN && y.isNaN { return false }
    return x != y || x.sign != y.sign
  }
}
