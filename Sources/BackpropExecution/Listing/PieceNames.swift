import BackpropCore
import CBackpropKernels

/// Gives pieces of a plan's memory their names, and remembers who wrote what.
struct PieceNames {
  private let plan: Plan
  private let state: StateLayout
  /// What has been written so far to the arena: the last writers are behind.
  private var written: [(range: Range<Int>, number: Int)] = []

  init(_ plan: Plan, state: StateLayout) { (self.plan, self.state) = (plan, state) }

  /// The piece at a slot and byte offset.
  func piece(slot: UInt16, offset: Int, byteCount: Int) -> PlanListing.Piece {
    let (memory, name) = place(Int(slot), offset)
    return PlanListing.Piece(
      memory: memory, name: name, byteOffset: offset, byteCount: byteCount)
  }

  /// The piece that an instruction leaves behind; from now on it bears the instruction's number.
  mutating func write(
    slot: UInt16, offset: Int, byteCount: Int, by number: Int
  ) -> PlanListing.Piece {
    if Int(slot) == BP_SLOT_ARENA {
      let range = offset..<offset + max(byteCount, 1)
      written.removeAll {
        range.lowerBound <= $0.range.lowerBound && $0.range.upperBound <= range.upperBound
      }
      written.append((range, number))
    }
    return piece(slot: slot, offset: offset, byteCount: byteCount)
  }

  private func place(_ slot: Int, _ offset: Int) -> (PlanListing.Memory, String) {
    switch slot {
    case BP_SLOT_ARENA:
      let writer = written.last { $0.range.contains(offset) }
      return (.arena, writer.map { "#\($0.number)" } ?? "arena")
    case BP_SLOT_STATE:
      let entry = state.entries.last { $0.byteOffset <= offset }
      return (.state, entry?.path ?? "state")
    case BP_SLOT_CONSTANTS: return (.constants, constant(offset))
    case BP_SLOT_SCALARS:
      let index = offset / 8
      let names = plan.scalars + plan.keys
      return (.scalars, names.indices.contains(index) ? names[index] : "scalar")
    case BP_SLOT_INPUTS..<(BP_SLOT_INPUTS + plan.inputs.count):
      return (.input, plan.inputs[slot - BP_SLOT_INPUTS].name)
    default: return (.other, "memory")
    }
  }

  private func constant(_ offset: Int) -> String {
    guard offset + 8 <= plan.constants.byteCount else { return "constant" }
    return plan.scalarType == .float64
      ? "\(plan.constants.pointer(to: Double.self, at: offset).pointee)"
      : "\(plan.constants.pointer(to: Float.self, at: offset).pointee)"
  }
}
