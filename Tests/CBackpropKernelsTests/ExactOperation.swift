import CBackpropKernels

/// A word of code whose result is exact or correctly rounded, and what it should give.
struct ExactOperation<T: Real>: Sendable {
  let name: String
  let op: bp_op
  let inputs: Int
  let value: @Sendable (T, T, T) -> T

  init(_ name: String, _ op: bp_op, _ inputs: Int, _ value: @escaping @Sendable (T, T, T) -> T) {
    (self.name, self.op, self.inputs, self.value) = (name, op, inputs, value)
  }

  static var all: [ExactOperation] {
    [
      .init("copy", BP_OP_COPY, 1) { x, _, _ in x },
      .init("negate", BP_OP_NEGATE, 1) { x, _, _ in -x },
      .init("sqrt", BP_OP_SQRT, 1) { x, _, _ in x.squareRoot() },
      .init("abs", BP_OP_ABS, 1) { x, _, _ in abs(x) },
      .init("sign", BP_OP_SIGN, 1) { x, _, _ in x.isNaN ? x : x > 0 ? 1 : x < 0 ? -1 : 0 },
      .init("relu", BP_OP_RELU, 1) { x, _, _ in x < 0 ? 0 : x },
      .init("truncate", BP_OP_TRUNCATE, 1) { x, _, _ in x.rounded(.towardZero) },
      .init("add", BP_OP_ADD, 2) { x, y, _ in x + y },
      .init("subtract", BP_OP_SUBTRACT, 2) { x, y, _ in x - y },
      .init("multiply", BP_OP_MULTIPLY, 2) { x, y, _ in x * y },
      .init("divide", BP_OP_DIVIDE, 2) { x, y, _ in x / y },
      .init("minimum", BP_OP_MINIMUM, 2) { x, y, _ in x.isNaN ? x : x < y ? x : y },
      .init("maximum", BP_OP_MAXIMUM, 2) { x, y, _ in x.isNaN ? x : x > y ? x : y },
      .init("less", BP_OP_LESS, 2) { x, y, _ in x < y ? 1 : 0 },
      .init("lessEqual", BP_OP_LESS_EQUAL, 2) { x, y, _ in x <= y ? 1 : 0 },
      .init("equal", BP_OP_EQUAL, 2) { x, y, _ in x == y ? 1 : 0 },
      .init("notEqual", BP_OP_NOT_EQUAL, 2) { x, y, _ in x != y ? 1 : 0 },
      .init("select", BP_OP_SELECT, 3) { x, y, z in x != 0 ? y : z },
      .init("fma", BP_OP_FMA, 3) { x, y, z in z.addingProduct(x, y) },
      .init("fnma", BP_OP_FNMA, 3) { x, y, z in z.addingProduct(-x, y) },
    ]
  }
}
