import RealModule

/// The natural logarithm `y = ln x`; NaN for x < 0, −∞ at 0.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g / x`.
/// - Precision: at most 0.81 ulp in Float32 and 0.81 in Float64; plans have the same bits on every
///   kernel path.
public struct Log: UnaryOp {
  public static let name = "log"
  public static let derivative = "∂C/∂x = g / x"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .log(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g / x
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.log) }
}

extension Value {
  /// The natural logarithm of each element: see ``Log``.
  public func log() throws -> Value { try apply(Log()) }
}
