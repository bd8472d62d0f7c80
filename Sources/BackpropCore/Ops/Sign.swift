/// The sign of x: −1, 0 or 1; NaN for NaN.
///
/// - Shapes: any → the same.
/// - Derivative: none; the result is constant almost everywhere.
public struct Sign: UnaryOp {
  public static let name = "sign"
  public static let derivative = "none; the result is constant almost everywhere"
  /// Makes the op.
  public init() {}
  public func apply<R: RealNumber>(_ x: R) -> R { x > 0 ? 1 : x < 0 ? -1 : x }
  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    nil
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .pointwise(.sign) }
}

extension Value {
  /// The sign of each element: see ``Sign``.
  public func sign() throws -> Value { try apply(Sign()) }
}
