import RealModule

/// `y = ln(1 + x)`, accurate near 0.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g / (1 + x)`.
/// - Precision: at most 1.40 ulp in Float32 and 1.35 in Float64, for tiny x too; plans have the
///   same bits on every kernel path.
public struct Log1p: UnaryOp {
  public static let name = "log1p"
  public static let derivative = "∂C/∂x = g / (1 + x)"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .log(onePlus: x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g / (1 + x)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.log1p) }
}

extension Value {
  /// The natural logarithm of 1 plus each element: see ``Log1p``.
  public func log1p() throws -> Value { try apply(Log1p()) }
}
