import RealModule

/// The square root `y = √x`; NaN for x < 0.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g / 2y`; infinite at 0.
/// - Precision: correctly rounded.
public struct Sqrt: UnaryOp {
  public static let name = "sqrt"
  public static let derivative = "∂C/∂x = g / 2y; infinite at 0"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { .sqrt(x) }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    try g / (2 * y)
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.sqrt) }
}

extension Value {
  /// The square root of each element: see ``Sqrt``.
  public func sqrt() throws -> Value { try apply(Sqrt()) }
}
