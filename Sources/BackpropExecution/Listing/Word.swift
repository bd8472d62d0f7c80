import CBackpropKernels

/// What the listing says about a word of pointwise code.
struct Word {
  let name: String
  /// How many operands it reads.
  let operands: Int
  /// Floating-point operations for one element, as its float32 kernel does them: comparisons,
  /// choices and divisions count as one, a fused multiply-add as two.
  let flops: Int

  /// The word of an opcode.
  init(_ opcode: UInt16) {
    self = Self.known[UInt32(opcode)] ?? Word("op-\(opcode)", 3, 1)
  }

  private init(_ name: String, _ operands: Int, _ flops: Int) {
    (self.name, self.operands, self.flops) = (name, operands, flops)
  }

  private static let known: [UInt32: Word] = {
    let words: [(bp_op, Word)] = [
      (BP_OP_COPY, Word("copy", 1, 0)), (BP_OP_NEGATE, Word("negate", 1, 1)),
      (BP_OP_SQRT, Word("sqrt", 1, 1)), (BP_OP_EXP, Word("exp", 1, 21)),
      (BP_OP_EXPM1, Word("expm1", 1, 30)), (BP_OP_LOG, Word("log", 1, 29)),
      (BP_OP_LOG1P, Word("log1p", 1, 36)), (BP_OP_ABS, Word("abs", 1, 1)),
      (BP_OP_SIGN, Word("sign", 1, 2)), (BP_OP_SIN, Word("sin", 1, 20)),
      (BP_OP_COS, Word("cos", 1, 20)), (BP_OP_ERF, Word("erf", 1, 50)),
      (BP_OP_SIGMOID, Word("sigmoid", 1, 26)), (BP_OP_TANH, Word("tanh", 1, 38)),
      (BP_OP_RELU, Word("relu", 1, 1)), (BP_OP_TRUNCATE, Word("truncate", 1, 1)),
      (BP_OP_LOAD_INT32, Word("from-int32", 1, 0)), (BP_OP_STORE_INT32, Word("to-int32", 1, 0)),
      (BP_OP_ADD, Word("add", 2, 1)), (BP_OP_SUBTRACT, Word("subtract", 2, 1)),
      (BP_OP_MULTIPLY, Word("multiply", 2, 1)), (BP_OP_DIVIDE, Word("divide", 2, 1)),
      (BP_OP_POWER, Word("power", 2, 50)), (BP_OP_MINIMUM, Word("minimum", 2, 1)),
      (BP_OP_MAXIMUM, Word("maximum", 2, 1)), (BP_OP_LESS, Word("less", 2, 1)),
      (BP_OP_LESS_EQUAL, Word("less-equal", 2, 1)), (BP_OP_EQUAL, Word("equal", 2, 1)),
      (BP_OP_NOT_EQUAL, Word("not-equal", 2, 1)), (BP_OP_SELECT, Word("select", 3, 1)),
      (BP_OP_FMA, Word("fma", 3, 2)), (BP_OP_FNMA, Word("fnma", 3, 2)),
      (BP_OP_IOTA, Word("iota", 0, 0)), (BP_OP_UNIFORM, Word("uniform", 1, 1)),
      (BP_OP_ROW_SUM, Word("row-sum", 1, 1)), (BP_OP_ROW_MAX, Word("row-max", 1, 1)),
      (BP_OP_ROW_ARGMAX, Word("row-argmax", 1, 1)), (BP_OP_COLUMN_SUM, Word("column-sum", 1, 1)),
      (BP_OP_PAD, Word("pad", 1, 0)),
    ]
    return Dictionary(uniqueKeysWithValues: words.map { (UInt32($0.0.rawValue), $0.1) })
  }()
}
