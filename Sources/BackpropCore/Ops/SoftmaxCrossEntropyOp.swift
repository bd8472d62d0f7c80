import RealModule

/// Cross-entropy of softmax with a target, one number a sample: `c = −Σ_j t_j ln softmax(x)_j`,
/// from logits x.
///
/// - Shapes: logits `x` [..., n]; target either the classes, int32 [...] (t is then 1 at the class,
///   0 elsewhere), or the distribution `t` [..., n] in the logits' type → [...]. A class outside 0
///   ..< n is refused when data is bound; here no logit is picked for it.
/// - Derivative: `∂C/∂x = g · (softmax(x) · Σ_j t_j − t)`; for a distribution also `∂C/∂t = −g · ln
///   softmax(x)`.
/// - Precision: computed from x − max x: nothing overflows, and no logarithm of 0 is taken.
/// - Throws: ``ShapeError`` for a scalar, or if the target is neither of the two.
public struct SoftmaxCrossEntropyOp: Op {
  public static let name = "softmax-cross-entropy"
  public static let derivative =
    "∂C/∂x = g · (softmax(x) · Σ_j t_j − t); for a distribution also ∂C/∂t = −g · ln "
    + "softmax(x)"
  /// Makes the op.
  public init() {}

  public func result(of inputs: [ValueType]) throws -> ValueType {
    let (x, target) = (inputs[0], inputs[1])
    try requireReal([x])
    guard x.shape.rank >= 1 else { throw ShapeError(name, [x.shape], "needs at least one axis") }
    let samples = Shape(x.shape.sizes.dropLast())
    guard target == ValueType(samples, .int32) || target == x else {
      throw ShapeError(
        name, [x.shape, target.shape],
        "the target is \(target); expected classes int32\(samples) or a distribution \(x)")
    }
    return ValueType(samples, x.scalarType)
  }

  public func derivative(_ point: DerivativePoint) throws -> [Value?] {
    let (x, target) = (point.inputs[0], point.inputs[1])
    let g = try point.adjoint.reshaped(to: Shape(point.adjoint.shape.sizes + [1]))
    guard target.scalarType.isReal else {
      let t = try target.oneHot(depth: x.shape.last, as: x.scalarType)
      return [try g * (x.softmax() - t), nil]
    }
    let total = try target.sum(axes: [-1], keepingAxes: true)
    return [try g * (x.softmax() * total - target), try -(g * x.logSoftmax())]
  }

  public func evaluate<R: RealNumber>(_ inputs: [Numbers<R>], result: ValueType) -> Numbers<R> {
    let (x, target) = (inputs[0], inputs[1])
    let width = x.shape.last
    let costs = (0..<result.shape.count).map { sample -> R in
      let row = sample * width..<(sample + 1) * width
      let shifted = shiftedByTop(Array(x.values[row]))
      let logarithm = R.log(shifted.reduce(0) { $0 + .exp($1) })
      if target.shape == x.shape {
        return zip(shifted, target.values[row]).reduce(0) { $0 - $1.1 * ($1.0 - logarithm) }
      }
      let picked = Int(exactly: target.values[sample]).flatMap {
        shifted.indices.contains($0) ? shifted[$0] : nil
      }
      return logarithm - (picked ?? 0)
    }
    return Numbers(result.shape, costs)
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value {
    let (x, target) = (inputs[0], inputs[1])
    if target.scalarType.isReal {
      return try -(target * x.logSoftmax()).sum(axes: [-1])
    }
    let shifted = try x - x.max(axes: [-1], keepingAxes: true)
    let isClass = try target.isOneHot(depth: x.shape.last, as: x.scalarType)
    return try shifted.exp().sum(axes: [-1]).log()
      - isClass.select(shifted, 0).sum(axes: [-1])
  }
}

extension Value {
  /// The cross-entropy of softmax of these logits with a target, one number a sample: see
  /// ``SoftmaxCrossEntropyOp``.
  public func softmaxCrossEntropy(_ target: Value) throws -> Value {
    try apply(SoftmaxCrossEntropyOp(), target)
  }
}
