public import BackpropCore
import CBackpropKernels

/// What one caller needs to run plans: arena, scratch, run-time scalars and threads.
///
/// A workspace serves any plans, one run at a time. It grows to what the largest plan needs, and then allocates nothing.
public final class Workspace {
  /// The number of threads, the caller's own included.
  public let threads: Int
  private let pool: OpaquePointer?
  private var arena = Storage(byteCount: 0)
  private var scratch = Storage(byteCount: 0)
  private var scalars = Storage(byteCount: 0)
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private static let slots = 64

  /// Makes a workspace.
  ///
  /// - Parameter threads: 1 or more; if the system refuses threads, the workspace works with the caller's alone.
  public init(threads: Int = 1) {
    pool = threads > 1 ? bp_pool_create(Int32(threads)) : nil
    self.threads = pool == nil ? 1 : threads
    bases = .allocate(capacity: Self.slots)
    bases.initialize(repeating: nil, count: Self.slots)
  }

  deinit {
    bp_pool_destroy(pool)
    bases.deallocate()
  }

  /// The bytes that it holds: arena, scratch of all threads, and run-time scalars.
  public var byteCount: Int { arena.byteCount + scratch.byteCount + scalars.byteCount }

  /// Makes room for a plan, so that its first run allocates nothing either.
  public func prepare(for plan: Plan) {
    let scratchBytes = plan.scratchByteCount * threads
    if arena.byteCount < plan.arenaByteCount { arena = Storage(byteCount: plan.arenaByteCount) }
    if scratch.byteCount < scratchBytes { scratch = Storage(byteCount: scratchBytes) }
    let scalarBytes = (plan.scalars.count + plan.keys.count) * 8
    if scalars.byteCount < scalarBytes { scalars = Storage(byteCount: scalarBytes) }
  }

  /// Sets the run-time scalar with a number in ``Plan/scalars``. Call ``prepare(for:)`` before.
  public func setScalar(_ index: Int, of plan: Plan, to value: Double) {
    if plan.scalarType == .float64 {
      scalars.pointer(to: Double.self)[index] = value
    } else {
      scalars.pointer(to: Float.self)[2 * index] = Float(value)
    }
  }

  /// Sets the random key with a number in ``Plan/keys``. Call ``prepare(for:)`` before.
  public func setKey(_ index: Int, of plan: Plan, to key: RandomKey) {
    let words = scalars.pointer(to: UInt32.self, at: (plan.scalars.count + index) * 8)
    (words[0], words[1]) = (key.words[0], key.words[1])
  }

  /// Binds an input: memory that holds the plan's elements and ``Storage/slack`` readable bytes more.
  package func bind(_ index: Int, _ address: UnsafeMutableRawPointer) {
    bases[BP_SLOT_INPUTS + index] = address
  }

  /// Runs a plan over a state, which its updates change.
  package func run(_ plan: Plan, state: Storage) {
    run(plan, state: state, plan.tables.instructions.indices)
  }

  /// Runs some of a plan's instructions: all before them must have run on the same inputs and state.
  package func run(_ plan: Plan, state: Storage, _ instructions: Range<Int>) {
    prepare(for: plan)
    bases[BP_SLOT_ARENA] = arena.address
    bases[BP_SLOT_STATE] = state.address
    bases[BP_SLOT_CONSTANTS] = plan.constants.address
    bases[BP_SLOT_SCALARS] = scalars.address
    plan.withProgram { program in
      bp_program_run(
        program, Int32(instructions.lowerBound), Int32(instructions.count), bases, scratch.address,
        pool)
    }
  }

  /// A result of the last run, which must have been of `plan`.
  public func output(_ index: Int, of plan: Plan) -> Tensor {
    let output = plan.outputs[index]
    let count = output.type.shape.count
    switch output.element {
    case .int32:
      return copy(Int32.self, count, output).converted(to: output.type.scalarType)
    case .real where plan.scalarType == .float64:
      return copy(Double.self, count, output).converted(to: output.type.scalarType)
    case .real:
      return copy(Float.self, count, output).converted(to: output.type.scalarType)
    }
  }

  private func copy<T: TensorScalar>(_: T.Type, _ count: Int, _ output: Plan.Output) -> Tensor {
    let source = UnsafeBufferPointer(
      start: arena.pointer(to: T.self, at: output.byteOffset), count: count)
    return Tensor(Array(source), shape: output.type.shape)
  }

  /// A real result of one element, read without allocating.
  public func scalarOutput(_ index: Int, of plan: Plan) -> Double {
    let offset = plan.outputs[index].byteOffset
    return plan.scalarType == .float64
      ? arena.pointer(to: Double.self, at: offset).pointee
      : Double(arena.pointer(to: Float.self, at: offset).pointee)
  }

  /// The memory of a result of the last run.
  package func outputAddress(_ index: Int, of plan: Plan) -> UnsafeMutableRawPointer {
    arena.address + plan.outputs[index].byteOffset
  }
}

extension Plan {
  /// The tables as the kernels take them, for the time of a call.
  func withProgram(_ body: (UnsafePointer<bp_program>) -> Void) {
    tables.instructions.withUnsafeBufferPointer { instructions in
      tables.maps.withUnsafeBufferPointer { maps in
        tables.codes.withUnsafeBufferPointer { codes in
          tables.gemms.withUnsafeBufferPointer { gemms in
            tables.copies.withUnsafeBufferPointer { copies in
              tables.indices.withUnsafeBufferPointer { indices in
                tables.windows.withUnsafeBufferPointer { windows in
                  var program = bp_program(
                    path: options.path.code, real: real,
                    flushDenormals: options.flushesDenormals && scalarType == .float32 ? 1 : 0,
                    slotCount: Int32(slotCount), instructionCount: Int32(instructions.count),
                    instructions: instructions.baseAddress, maps: maps.baseAddress,
                    codes: codes.baseAddress, gemms: gemms.baseAddress,
                    copies: copies.baseAddress, indices: indices.baseAddress,
                    windows: windows.baseAddress, scratchBytes: scratchByteCount)
                  body(&program)
                }
              }
            }
          }
        }
      }
    }
  }
}
