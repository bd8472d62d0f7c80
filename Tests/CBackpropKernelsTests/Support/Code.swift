import CBackpropKernels

extension bp_operand {
  /// An operand over rows `stride` elements apart; one row for all with stride 0.
  static func rows(_ slot: Int, stride: Int, offset: Int = 0) -> bp_operand {
    bp_operand(
      offset: Int64(offset), stride: Int32(stride), slot: UInt16(slot), splat: 0, local: 0)
  }

  /// One element a row, repeated along it; one for all with stride 0.
  static func repeated(_ slot: Int, stride: Int, offset: Int = 0) -> bp_operand {
    bp_operand(
      offset: Int64(offset), stride: Int32(stride), slot: UInt16(slot), splat: 1, local: 0)
  }

  /// A virtual register, at a byte offset in scratch.
  static func register(_ offset: Int, stride: Int, splat: Bool = false) -> bp_operand {
    bp_operand(
      offset: Int64(offset), stride: Int32(stride), slot: UInt16(BP_SLOT_SCRATCH),
      splat: splat ? 1 : 0, local: 1)
  }
}

extension bp_code {
  init(
    _ op: bp_op, _ d: bp_operand, _ a: bp_operand? = nil, _ b: bp_operand? = nil,
    _ c: bp_operand? = nil, column: Bool = false
  ) {
    self.init(
      op: UInt16(op.rawValue), column: column ? 1 : 0, chain: 0, d: d, a: a ?? d, b: b ?? d,
      c: c ?? d)
  }
}

/// A count rounded up to whole rows of a register.
func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
