import CBackpropKernels
import ElementaryFunctions

/// An element type of the kernels, and the type that its references are computed in.
protocol Element: BinaryFloatingPoint, Sendable {
  associatedtype Exact: BinaryFloatingPoint & Sendable
  static var code: bp_real { get }
  static var name: String { get }
  /// Whether plans of this type may flush denormals.
  static var mayFlush: Bool { get }
  init(bits: UInt64)
  var bits: UInt64 { get }
  /// The distance from the exact number, in units in the last place.
  func error(from exact: Exact) -> Double
}

extension Float: Element {
  static var code: bp_real { BP_FLOAT32 }
  static var name: String { "float32" }
  static var mayFlush: Bool { true }
  init(bits: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: bits)) }
  var bits: UInt64 { UInt64(bitPattern) }
  func error(from exact: Double) -> Double { ulps(self, exact) }
}

extension Double: Element {
  static var code: bp_real { BP_FLOAT64 }
  static var name: String { "float64" }
  static var mayFlush: Bool { false }
  init(bits: UInt64) { self.init(bitPattern: bits) }
  var bits: UInt64 { bitPattern }
  func error(from exact: Wide) -> Double { ulps(self, exact) }
}

extension Element {
  /// Itself, or a zero of its sign in place of a denormal.
  var flushed: Self { isSubnormal ? Self(signOf: self, magnitudeOf: 0) : self }
}
