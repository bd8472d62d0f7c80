package import CBackpropKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if arch(x86_64) && canImport(Glibc)
  package typealias Wide = Float80
#else
  package typealias Wide = Double
#endif

/// A function of the kernels, what it should give, from the C library in more precision, and how far off it may be.
package struct ElementaryFunction: Sendable, CustomStringConvertible {
  /// Whose code it is.
  package enum Origin: Sendable {
    /// The kernels': the same operations on every path.
    case kernels
    /// The C library's: called one element after the other, on every path.
    case library
  }

  package let name: String
  package let op: bp_op
  package let origin: Origin
  /// What a function of float32, and one of float64, should give.
  package let exact: @Sendable (Double) -> Double
  package let exactWide: @Sendable (Wide) -> Wide
  /// The greatest error, in units in the last place. That of float32 was measured at every 257th input, that of float64 at
  /// 10^6 samples, and then rounded up to the next hundredth: see Tests/ElementaryRange. The article "Reproducible numbers"
  /// and the documentation of the ops repeat them.
  package let bounds: (float32: Double, float64: Double)

  package var description: String { name }

  package static let all: [ElementaryFunction] = [
    .init("exp", BP_OP_EXP, { exp($0) }, { exp($0) }, bounds: (1.03, 1.00)),
    .init("expm1", BP_OP_EXPM1, { expm1($0) }, { expm1($0) }, bounds: (1.55, 1.63)),
    .init("log", BP_OP_LOG, { log($0) }, { log($0) }, bounds: (0.81, 0.81)),
    .init("log1p", BP_OP_LOG1P, { log1p($0) }, { log1p($0) }, bounds: (1.40, 1.35)),
    .init("erf", BP_OP_ERF, { erf($0) }, { erf($0) }, bounds: (1.16, 1.22)),
    .init(
      "sigmoid", BP_OP_SIGMOID, { 1 / (1 + exp(-$0)) }, { 1 / (1 + exp(-$0)) }, bounds: (1.56, 1.62)
    ),
    .init("tanh", BP_OP_TANH, { tanh($0) }, { tanh($0) }, bounds: (1.31, 1.29)),
    .init("sqrt", BP_OP_SQRT, { $0.squareRoot() }, { $0.squareRoot() }, bounds: (0.50, 0.50)),
    .init("sin", BP_OP_SIN, { sin($0) }, { sin($0) }, bounds: (1.00, 1.00), .library),
    .init("cos", BP_OP_COS, { cos($0) }, { cos($0) }, bounds: (1.00, 1.00), .library),
  ]

  private init(
    _ name: String, _ op: bp_op, _ exact: @escaping @Sendable (Double) -> Double,
    _ exactWide: @escaping @Sendable (Wide) -> Wide, bounds: (float32: Double, float64: Double),
    _ origin: Origin = .kernels
  ) {
    (self.name, self.op, self.origin) = (name, op, origin)
    (self.exact, self.exactWide, self.bounds) = (exact, exactWide, bounds)
  }

  /// The power, which has two arguments, and is the C library's.
  package enum Power {
    package static let name = "power"
    package static let op = BP_OP_POWER
    package static let origin = Origin.library
    package static let bounds = (float32: 1.00, float64: 1.00)
    package static func exact(_ x: Double, _ y: Double) -> Double { pow(x, y) }
    package static func exactWide(_ x: Wide, _ y: Wide) -> Wide { pow(x, y) }
  }
}
