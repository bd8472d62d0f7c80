/// The same value, through which no derivative passes.
///
/// - Shapes: any → the same; any scalar type.
/// - Derivative: none, by intent.
public struct StopGradient: Op {
  public static let name = "stop-gradient"
  public static let derivative = "none, by intent"
  /// Makes the op.
  public init() {}
  public func result(of inputs: [ValueType]) throws -> ValueType { inputs[0] }
  public func derivative(_ point: DerivativePoint) throws -> [Value?] { [nil] }
  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    inputs[0]
  }
  public func lowering(_ inputs: [ValueType]) -> Lowering { .reshape }
}

extension Value {
  /// This value as if it were constant: see ``StopGradient``.
  public func stoppingGradient() throws -> Value { try apply(StopGradient()) }
}
