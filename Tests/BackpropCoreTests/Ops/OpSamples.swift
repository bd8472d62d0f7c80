import BackpropCore
import BackpropTesting
import Testing

/// One use of an op, with numbers: what `checkOp` runs on.
struct OpSample: Sendable, CustomTestStringConvertible {
  let op: any Op.Type
  let note: String
  let inputs: [Numbers<Double>]
  let scalarTypes: [ScalarType]
  let build: @Sendable ([Value]) throws -> Value

  var name: String { note.isEmpty ? op.name : "\(op.name), \(note)" }
  var testDescription: String { name }

  /// Whether it uses float32 and float64 side by side: a plan holds one real type.
  var mixesRealTypes: Bool { note == "between real types" }

  /// A use on real inputs of the given shapes, with random numbers.
  init(
    _ op: any Op.Type, _ note: String = "", _ shapes: Shape...,
    in range: ClosedRange<Double> = -2...2,
    build: @escaping @Sendable ([Value]) throws -> Value
  ) {
    let inputs = shapes.enumerated().map { index, shape in
      (Numbers<Double>.random(shape, in: range, seed: UInt64(index)), ScalarType.float64)
    }
    self.init(op, note, inputs, build: build)
  }

  /// A use on the given numbers.
  init(
    _ op: any Op.Type, _ note: String, _ inputs: [(Numbers<Double>, ScalarType)],
    build: @escaping @Sendable ([Value]) throws -> Value
  ) {
    (self.op, self.note, self.build) = (op, note, build)
    self.inputs = inputs.map(\.0)
    self.scalarTypes = inputs.map(\.1)
  }
}

extension OpSample {
  static let all = pointwise + activations + reductions + shapes + indices + windows

  private static let pointwise: [OpSample] = [
    OpSample(Add.self, "row and column", [3, 1], [5]) { try $0[0] + $0[1] },
    OpSample(Add.self, "constants", [7]) { try (1.5 + $0[0]) + 2 },
    OpSample(Subtract.self, "row and column", [5], [3, 1]) { try $0[0] - $0[1] },
    OpSample(Subtract.self, "constants", [7]) { try 1.5 - ($0[0] - 2) },
    OpSample(Multiply.self, "scalar and matrix", [], [3, 5]) { try $0[0] * $0[1] },
    OpSample(Multiply.self, "by itself", [3, 5]) { try $0[0].square() },
    OpSample(Multiply.self, "no elements", [0, 3], [3]) { try $0[0] * $0[1] },
    OpSample(Divide.self, "row and column", [3, 1], [5], in: 0.5...3) { try $0[0] / $0[1] },
    OpSample(Divide.self, "constants", [7], in: 0.5...3) { try 2 / ($0[0] / 3) },
    OpSample(Negate.self, "", [2, 3]) { try -$0[0] },
    OpSample(Power.self, "broadcast", [3, 1], [5], in: 0.3...2.5) { try $0[0].power($0[1]) },
    OpSample(ConstantPower.self, "fraction", [7], in: 0.3...2.5) { try $0[0].power(1.7) },
    OpSample(ConstantPower.self, "square at 0", [(Numbers([4], [-1.5, 0, 1, 2]), .float64)]) {
      try $0[0].power(2)
    },
    OpSample(ConstantPower.self, "cube at 0", [(Numbers([4], [-1.5, 0, 1, 2]), .float64)]) {
      try $0[0].power(3)
    },
    OpSample(ConstantPower.self, "1 at 0", [(Numbers([2], [-1.5, 0]), .float64)]) {
      try $0[0].power(1)
    },
    OpSample(ConstantPower.self, "0 at 0", [(Numbers([2], [-1.5, 0]), .float64)]) {
      try $0[0].power(0)
    },
    OpSample(ConstantPower.self, "inverse", [5], in: 0.5...3) { try $0[0].power(-1) },
    OpSample(ConstantPower.self, "root", [5], in: 0.5...3) { try $0[0].power(0.5) },
    OpSample(ConstantPower.self, "fourth", [5]) { try $0[0].power(4) },
    OpSample(LogAddExp.self, "row and column", [3, 1], [5]) { try $0[0].logAddExp($0[1]) },
    OpSample(Minimum.self, "row and column", [3, 1], [5]) { try $0[0].minimum($0[1]) },
    OpSample(Minimum.self, "some ties", someTies) {
      try ($0[0] * $0[1].cast(to: .float64)).minimum($0[0]) * $0[2]
    },
    OpSample(Maximum.self, "row and column", [3, 1], [5]) { try $0[0].maximum($0[1]) },
    OpSample(Maximum.self, "some ties", someTies) {
      try ($0[0] * $0[1].cast(to: .float64)).maximum($0[0]) * $0[2]
    },
    OpSample(Maximum.self, "constant", [7]) { try $0[0].square().maximum(0.5) },
    OpSample(Less.self, "", [3, 1], [5]) { try $0[0].less(than: $0[1]) },
    OpSample(Less.self, "greater than a constant", [5]) { try $0[0].greater(than: 0.25) },
    OpSample(LessOrEqual.self, "", [3, 1], [5]) { try $0[0].lessOrEqual(to: $0[1]) },
    OpSample(LessOrEqual.self, "greater or equal", [5]) { try $0[0].greaterOrEqual(to: 0.25) },
    OpSample(Equal.self, "", [5]) { try $0[0].equal(to: 0.25) },
    OpSample(NotEqual.self, "", [5]) { try $0[0].notEqual(to: 0.25) },
    OpSample(Select.self, "broadcast", [3, 1], [5]) {
      try $0[0].less(than: $0[1]).select($0[0].square(), $0[1].exp())
    },
    OpSample(Select.self, "constants", [7]) {
      try $0[0].less(than: -0.5).select(1, $0[0].less(than: 0.5).select($0[0].exp(), 2))
    },
    OpSample(Sqrt.self, "", [3, 5], in: 0.5...4) { try $0[0].sqrt() },
    OpSample(Exp.self, "", [3, 5]) { try $0[0].exp() },
    OpSample(Expm1.self, "", [3, 5]) { try $0[0].expm1() },
    OpSample(Log.self, "", [3, 5], in: 0.5...4) { try $0[0].log() },
    OpSample(Log1p.self, "", [3, 5], in: -0.5...4) { try $0[0].log1p() },
    OpSample(Abs.self, "", [3, 5]) { try $0[0].abs() },
    OpSample(Sign.self, "", [3, 5]) { try $0[0].sign() },
    OpSample(Sin.self, "", [3, 5]) { try $0[0].sin() },
    OpSample(Cos.self, "", [3, 5]) { try $0[0].cos() },
    OpSample(Erf.self, "", [3, 5]) { try $0[0].erf() },
    OpSample(Clamp.self, "", [3, 5]) { try $0[0].square().clamp(0.5, 2) },
    OpSample(Cast.self, "between real types", [7]) { try $0[0].cast(to: .float32).exp() },
    OpSample(Cast.self, "to int32", [(Numbers([4], [-2.7, -0.4, 0.6, 9.5]), .float64)]) {
      try $0[0].cast(to: .int32)
    },
    OpSample(Cast.self, "to int32, far out", [(Numbers([3], [3e9, -4e9, .nan]), .float64)]) {
      try $0[0].cast(to: .int32)
    },
    OpSample(Cast.self, "to uint8", [(Numbers([5], [-2.7, 0.4, 254.6, 300, .nan]), .float64)]) {
      try $0[0].cast(to: .uint8)
    },
    OpSample(Cast.self, "to bool", [7]) { try $0[0].cast(to: .bool) },
    OpSample(Cast.self, "int32 to float64", [(Numbers([3], [-7, 0, 70_000]), .int32)]) {
      try $0[0].cast(to: .float64)
    },
    OpSample(
      Cast.self, "int32 to uint8",
      [(Numbers([4], [-7, 0, 200, 70_000]), .int32), (.random([4], seed: 0), .float64)]
    ) { try $0[1] * $0[0].cast(to: .uint8).cast(to: .float64) },
    OpSample(
      Cast.self, "int32 to bool and on",
      [(Numbers([4], [-7, 0, 1, 70_000]), .int32), (.random([4], seed: 0), .float64)]
    ) { try $0[1] * $0[0].cast(to: .bool).cast(to: .int32).cast(to: .bool).cast(to: .float64) },
    OpSample(Cast.self, "uint8 to int32", [(Numbers([3], [0, 1, 255]), .uint8)]) {
      try $0[0].cast(to: .int32)
    },
    OpSample(Cast.self, "uint8 to float64", [(Numbers([3], [0, 1, 255]), .uint8)]) {
      try $0[0].cast(to: .float64)
    },
    // Only where nothing is lost by stopping it do differences agree; SubgradientTests has the
    // rest.
    OpSample(StopGradient.self, "", [7]) { try $0[0] * $0[0].sign().stoppingGradient() },
  ]

  /// x, whole factors of it and another number: x and its product with 1 are equal and stay so
  /// while x moves, which is smooth.
  private static let someTies: [(Numbers<Double>, ScalarType)] = [
    (.random([6], seed: 0), .float64), (Numbers([6], [1, 2, 1, 0, 1, -1]), .int32),
    (.random([6], seed: 2), .float64),
  ]

  private static let activations: [OpSample] = [
    OpSample(Sigmoid.self, "", [3, 5]) { try $0[0].sigmoid() },
    OpSample(Sigmoid.self, "far out", [(farOut, .float64)]) { try $0[0].sigmoid() },
    OpSample(Tanh.self, "", [3, 5]) { try $0[0].tanh() },
    OpSample(Relu.self, "", [3, 5]) { try $0[0].relu().square() },
    OpSample(Relu.self, "times a value", [3, 5], [5]) { try $0[0].relu() * $0[1] },
    OpSample(LeakyRelu.self, "times a value", [3, 5], [5]) { try $0[0].leakyRelu() * $0[1] },
    OpSample(LeakyRelu.self, "", [3, 5]) { try $0[0].leakyRelu(slope: 0.2).square() },
    OpSample(Elu.self, "", [3, 5]) { try $0[0].elu() },
    OpSample(Elu.self, "times a value", [3, 5], [5]) { try $0[0].elu(alpha: 0.7) * $0[1] },
    OpSample(Elu.self, "no overflow", [(Numbers([2], [800, 1_000]), .float64)]) {
      try $0[0].elu()
    },
    OpSample(Elu.self, "α = 0.3", [3, 5]) { try $0[0].elu(alpha: 0.3) },
    OpSample(Gelu.self, "exact", [3, 5]) { try $0[0].gelu() },
    OpSample(Gelu.self, "tanh", [3, 5]) { try $0[0].gelu(.tanh) },
    OpSample(Silu.self, "", [3, 5]) { try $0[0].silu() },
    OpSample(Softplus.self, "", [3, 5]) { try $0[0].softplus() },
    OpSample(Softplus.self, "far out", [(farOut, .float64)]) { try $0[0].softplus() },
    OpSample(Softmax.self, "", [3, 5]) { try $0[0].softmax() },
    OpSample(Softmax.self, "one wide", [3, 1]) { try $0[0].softmax() },
    OpSample(Softmax.self, "three axes", [2, 3, 4]) { try $0[0].softmax() },
    OpSample(LogSoftmax.self, "", [3, 5]) { try $0[0].logSoftmax() },
    OpSample(
      SoftmaxCrossEntropyOp.self, "classes",
      [(.random([3, 5], seed: 0), .float64), (classes, .int32)]
    ) { try $0[0].softmaxCrossEntropy($0[1]) },
    OpSample(
      SoftmaxCrossEntropyOp.self, "one class",
      [(.random([5], seed: 0), .float64), (Numbers([], [2]), .int32)]
    ) { try $0[0].softmaxCrossEntropy($0[1]) },
    OpSample(SoftmaxCrossEntropyOp.self, "distribution", [2, 3, 4], [2, 3, 4], in: 0.1...1) {
      try $0[0].softmaxCrossEntropy($0[1])
    },
    OpSample(SigmoidCrossEntropyOp.self, "", [3, 5], [3, 5]) {
      try $0[0].sigmoidCrossEntropy($0[1])
    },
    OpSample(SigmoidCrossEntropyOp.self, "broadcast", [3, 1], [5]) {
      try $0[0].sigmoidCrossEntropy($0[1])
    },
  ]

  private static let farOut = Numbers<Double>([5], [-30, -3, 0.5, 3, 30])
  private static let classes = Numbers<Double>([3], [4, 0, 2])

  private static let reductions: [OpSample] = [
    OpSample(MatMul.self, "", [3, 4], [4, 5]) { try $0[0].matmul($0[1]) },
    OpSample(MatMul.self, "aᵀ", [4, 3], [4, 5]) { try $0[0].matmul($0[1], transposeA: true) },
    OpSample(MatMul.self, "bᵀ", [3, 4], [5, 4]) { try $0[0].matmul($0[1], transposeB: true) },
    OpSample(MatMul.self, "aᵀ bᵀ", [4, 3], [5, 4]) {
      try $0[0].matmul($0[1], transposeA: true, transposeB: true)
    },
    OpSample(MatMul.self, "leading axes", [2, 1, 3, 4], [7, 4, 1]) { try $0[0].matmul($0[1]) },
    OpSample(MatMul.self, "bᵀ, leading axes", [2, 3, 4], [5, 4]) {
      try $0[0].matmul($0[1], transposeB: true)
    },
    OpSample(Sum.self, "all", [3, 5]) { try $0[0].square().sum() },
    OpSample(Sum.self, "negative axis", [3, 5]) { try $0[0].square().sum(axes: [-2]) },
    OpSample(Sum.self, "two axes kept", [3, 5, 2]) {
      try $0[0].square().sum(axes: [2, 0], keepingAxes: true)
    },
    OpSample(Sum.self, "no axis", [3]) { try $0[0].square().sum(axes: []) },
    OpSample(Mean.self, "all", [3, 5]) { try $0[0].square().mean() },
    OpSample(Mean.self, "negative axis kept", [3, 5, 2]) {
      try $0[0].square().mean(axes: [-2], keepingAxes: true)
    },
    OpSample(Variance.self, "all", [3, 5]) { try $0[0].square().variance() },
    OpSample(Variance.self, "first and last axis", [3, 5, 2]) {
      try $0[0].square().variance(axes: [0, -1]) * $0[0].sum(axes: [0, 2])
    },
    OpSample(Variance.self, "middle axis kept", [3, 5, 2]) {
      try $0[0].square().variance(axes: [-2], keepingAxes: true) * $0[0]
    },
    OpSample(Max.self, "all", [3, 5]) { try $0[0].square().max() },
    OpSample(Max.self, "first and last axis", [3, 5, 2]) { try $0[0].exp().max(axes: [0, -1]) },
    OpSample(Max.self, "equal elements", [3, 5]) {
      try $0[0].exp().concatenated(with: [$0[0].exp()], axis: 1).max(axes: [1])
    },
    OpSample(Max.self, "kept", [3, 5]) { try $0[0].exp().max(axes: [1], keepingAxes: true) },
    OpSample(Argmax.self, "last axis", [3, 5]) { try $0[0].argmax(axis: -1) },
    OpSample(Argmax.self, "middle axis", [3, 5, 2]) { try $0[0].argmax(axis: 1) },
    OpSample(Argmax.self, "first axis", [3, 5]) { try $0[0].argmax(axis: 0) },
  ]

  private static let shapes: [OpSample] = [
    OpSample(Reshape.self, "", [3, 4]) { try $0[0].exp().reshaped(to: [2, 1, 6]) },
    OpSample(Transpose.self, "matrix", [3, 5]) { try $0[0].exp().transposed() },
    OpSample(Transpose.self, "turned", [2, 3, 4]) { try $0[0].exp().transposed([1, -1, 0]) },
    OpSample(Broadcast.self, "new and old axes", [3, 1]) {
      try $0[0].exp().broadcast(to: [2, 3, 4])
    },
    OpSample(Broadcast.self, "scalar", Shape([])) { try $0[0].exp().broadcast(to: [3]) },
    OpSample(Concatenate.self, "last axis", [3, 1], [3, 2], [3, 4]) {
      try $0[0].exp().concatenated(with: [$0[1].square(), $0[2]], axis: -1)
    },
    OpSample(Concatenate.self, "first axis", [1, 2, 3], [4, 2, 3]) {
      try $0[0].exp().concatenated(with: [$0[1].square()], axis: 0)
    },
    OpSample(Concatenate.self, "one value", [3]) {
      try $0[0].exp().concatenated(with: [], axis: 0)
    },
    OpSample(Slice.self, "middle", [3, 7]) { try $0[0].exp().sliced(axis: -1, 2..<5) },
    OpSample(Slice.self, "first axis, front", [3, 2]) { try $0[0].exp().sliced(axis: 0, 0..<1) },
    OpSample(Slice.self, "first axis, middle", [5, 3]) { try $0[0].exp().sliced(axis: -2, 2..<4) },
    OpSample(Slice.self, "all of it", [3, 2]) { try $0[0].exp().sliced(axis: 1, 0..<2) },
    OpSample(Slice.self, "nothing", [3, 2]) { try $0[0].exp().sliced(axis: 0, 1..<1) },
  ]

  private static let indices: [OpSample] = [
    OpSample(Iota.self, "", [2, 5]) { try $0[0] * $0[0].builder.iota(5, .float64) },
    OpSample(OneHot.self, "", [(Numbers([2, 2], [0, 2, -1, 3]), .int32)]) {
      try $0[0].oneHot(depth: 3, as: .float64)
    },
    OpSample(
      Gather.self, "twice the same row",
      [(.random([4, 3], seed: 0), .float64), (Numbers([2, 2], [3, 0, 3, 1]), .int32)]
    ) { try $0[0].exp().gathered($0[1]) },
    OpSample(
      Gather.self, "vector, one index",
      [(.random([4], seed: 0), .float64), (Numbers([], [2]), .int32)]
    ) { try $0[0].exp().gathered($0[1]) },
    OpSample(
      ScatterAdd.self, "two to one row",
      [(.random([2, 2, 3], seed: 0), .float64), (Numbers([2, 2], [3, 0, 3, 1]), .int32)]
    ) { try $0[0].exp().scatterAdded($0[1], rows: 5) },
    OpSample(
      RandomUniform.self, "",
      [(Numbers([2], [0x21b2_c300, 0x29c5_f800]), .int32), (.random([7], seed: 0), .float64)]
    ) { try $0[1] * $0[0].randomUniform([7], as: .float64) },
  ]
}
