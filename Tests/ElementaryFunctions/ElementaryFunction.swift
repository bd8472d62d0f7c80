import CBackpropKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if arch(x86_64) && canImport(Glibc)
  typealias Wide = Float80
#else
  typealias Wide = Double
#endif

/// A function of the kernels, and what it should give, from the C library in more precision.
struct ElementaryFunction: Sendable, CustomStringConvertible {
  let description: String
  let op: bp_op
  let exact: @Sendable (Wide) -> Wide
  /// The greatest error, in units in the last place, of float32 and float64.
  let bounds: (float32: Double, float64: Double)

  static let all: [ElementaryFunction] = [
    .init(description: "exp", op: BP_OP_EXP, exact: { exp($0) }, bounds: (1, 1)),
    .init(description: "expm1", op: BP_OP_EXPM1, exact: { expm1($0) }, bounds: (1.4, 1.4)),
    .init(description: "log", op: BP_OP_LOG, exact: { log($0) }, bounds: (0.8, 0.8)),
    .init(description: "log1p", op: BP_OP_LOG1P, exact: { log1p($0) }, bounds: (1.5, 1.4)),
    .init(description: "erf", op: BP_OP_ERF, exact: { erf($0) }, bounds: (1, 1.1)),
    .init(
      description: "sigmoid", op: BP_OP_SIGMOID, exact: { 1 / (1 + exp(-$0)) }, bounds: (1.6, 1.7)),
    .init(description: "tanh", op: BP_OP_TANH, exact: { tanh($0) }, bounds: (1.3, 1.4)),
    .init(description: "sin", op: BP_OP_SIN, exact: { sin($0) }, bounds: (1, 1)),
    .init(description: "cos", op: BP_OP_COS, exact: { cos($0) }, bounds: (1, 1)),
  ]

  /// Powers, as the C library has them.
  static func power(_ x: Wide, _ y: Wide) -> Wide { pow(x, y) }
}

/// The distance of a number from the exact one, in units in the last place of the exact one.
func ulps<T: Real>(_ got: T, _ exact: Wide) -> Double {
  if exact.isNaN { return got.isNaN ? 0 : .infinity }
  if got.isNaN { return .infinity }
  let rounded = T(exact)
  if rounded.isInfinite || got.isInfinite { return got == rounded ? 0 : .infinity }
  return Double(abs(Wide(got) - exact) / Wide(rounded.ulp))
}
