/// Uniform random numbers in [0, 1) from a key: multiples of 2⁻²⁴, the same in every real type.
///
/// Element i is `(w >> 8) · 2⁻²⁴`, where w is word i mod 4 of block i / 4 of the key
/// (``RandomKey/block(_:)``). The interpreter takes the key as two whole numbers below 2³²; only
/// Double holds them exactly.
///
/// - Shapes: key int32 [2] → `shape` of the given real type.
/// - Derivative: none; a key is not a number.
/// - Throws: ``ShapeError`` if the input is not a key, or the type asked for is not real.
/// - Source: J. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011): Philox4x32-10.
public struct RandomUniform: Op {
  public static let name = "random-uniform"
  public static let derivative = "none; a key is not a number"
  /// The shape of the result.
  public let shape: Shape
  /// The real type of the result.
  public let scalarType: ScalarType

  /// Makes the op.
  public init(_ shape: Shape, _ scalarType: ScalarType) {
    (self.shape, self.scalarType) = (shape, scalarType)
  }

  public func result(of inputs: [ValueType]) throws -> ValueType {
    guard inputs[0] == ValueType([2], .int32) else {
      throw ShapeError(name, [inputs[0].shape], "takes a key, int32[2], not \(inputs[0])")
    }
    try requireReal([ValueType(shape, scalarType)])
    return ValueType(shape, scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] { [nil] }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let words = inputs[0].values.map { word($0) }
    let key = RandomKey(UInt64(words[0]) | UInt64(words[1]) << 32)
    let blocks = (0..<(shape.count + 3) / 4).map { key.block(UInt64($0)) }
    return Numbers(
      shape,
      (0..<shape.count).map {
        R(blocks[$0 / 4][$0 % 4] >> 8) * R(sign: .plus, exponent: -24, significand: 1)
      })
  }

  /// The bits of a key's word; a number that is none gives the nearest.
  private func word<R: RealNumber>(_ number: R) -> UInt32 {
    let clamped = Swift.min(Swift.max(Double(number), Double(Int32.min)), Double(UInt32.max))
    return clamped.isNaN ? 0 : UInt32(truncatingIfNeeded: Int64(clamped))
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .uniform }
}

extension Value {
  /// Uniform random numbers in [0, 1) from this key: see ``RandomUniform``.
  public func randomUniform(_ shape: Shape, as scalarType: ScalarType) throws -> Value {
    try apply(RandomUniform(shape, scalarType))
  }
}
