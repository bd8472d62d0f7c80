public import BackpropCore
import CBackpropKernels

/// A compiled graph: a flat table of kernel calls over one arena, for one set of shapes.
///
/// A plan is immutable and holds no address, so any number of tasks can run it at once, each with a ``Workspace`` and
/// a state of its own.
public final class Plan: Sendable {
  /// What must be bound before a run, in the order of the slots.
  public struct Input: Sendable {
    /// The name given to the input.
    public let name: String
    /// Its shape and type; uint8 inputs are bound as int32, truth values as reals.
    public let type: ValueType
  }
  /// Where a result stands in the arena after a run.
  public struct Output: Sendable {
    /// Shape and type.
    public let type: ValueType
    let byteOffset: Int
    let element: Element
  }

  /// The real type of all arithmetic.
  public let scalarType: ScalarType
  /// The inputs to bind.
  public let inputs: [Input]
  /// The run-time scalars to bind, by name.
  public let scalars: [String]
  /// The random keys to bind, by path.
  public let keys: [String]
  /// The results.
  public let outputs: [Output]
  /// The size of the arena.
  public let arenaByteCount: Int
  /// What the arena would take if no two values shared memory.
  public let unsharedByteCount: Int
  /// One line for each instruction: kernel, domain, code.
  public let instructionList: [String]
  let scratchByteCount: Int
  let options: PlanOptions
  let tables: Tables
  let constants: Storage
  let slotCount: Int

  /// The instruction tables, as the kernels read them.
  struct Tables: Sendable {
    var instructions: [bp_instruction] = []
    var maps: [bp_map] = []
    var codes: [bp_code] = []
    var gemms: [bp_gemm] = []
    var copies: [bp_copy] = []
    var indices: [bp_index] = []
    var windows: [bp_window] = []
  }

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - builder: the traced graph. Expanding ops adds nodes to it.
  ///   - outputs: values to read after a run.
  ///   - updates: values that replace arrays of the state, by path, all computed from the state before the run.
  ///   - state: where parameters and variables stand.
  ///   - options: how the plan is made and run.
  /// - Throws: `ShapeError` if the graph mixes real types, reads a state array that `state` lacks, or writes one that
  ///   it lacks or of another shape.
  public init(
    _ builder: GraphBuilder, outputs: [Value], updates: [(path: String, value: Value)] = [],
    state: StateLayout,
    options: PlanOptions = PlanOptions()
  ) throws {
    var emitter = try Emitter(
      builder, outputs: outputs, updates: updates, state: state, options: options)
    try emitter.emit()
    scalarType = state.scalarType
    inputs = emitter.inputs
    scalars = emitter.scalars
    keys = emitter.keys
    self.outputs = emitter.results
    arenaByteCount = emitter.memory.byteCount
    unsharedByteCount = emitter.memory.unsharedByteCount
    instructionList = emitter.descriptions
    scratchByteCount = (emitter.scratchByteCount + 63) / 64 * 64
    self.options = options
    tables = emitter.tables
    constants = emitter.constantStorage()
    slotCount = BP_SLOT_INPUTS + emitter.inputs.count
  }

  /// The table as text, one instruction a line.
  public var listing: String { instructionList.joined(separator: "\n") }

  var real: bp_real { scalarType == .float64 ? BP_FLOAT64 : BP_FLOAT32 }
}
