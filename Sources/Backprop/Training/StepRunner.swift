import BackpropCore
import BackpropExecution
import CBackpropKernels

/// What one caller needs to run a step: a workspace, and memory for one batch.
///
/// Safety of `@unchecked Sendable`: a runner is taken out of its step's pool while it is used, so one task has it.
final class StepRunner: @unchecked Sendable {
  let workspace: Workspace
  private var input = Storage(byteCount: 0)
  private var target = Storage(byteCount: 0)
  private var weight = Storage(byteCount: 0)

  init(threads: Int) { workspace = Workspace(threads: threads) }

  /// The bytes that it holds for a batch.
  var batchByteCount: Int { input.byteCount + target.byteCount + weight.byteCount }

  /// Binds a batch's rows as the step's inputs: where they are, if they lie there as the step reads them, one behind the
  /// other; else as copies, converted and scaled. The batch must live until the step has run.
  func bind(_ batch: Batch, _ step: StepPlan) {
    workspace.prepare(for: step.plan)
    let dataset = batch.dataset
    batch.order.withUnsafeBufferPointer { order in
      let rows = order.baseAddress.map { $0 + batch.range.lowerBound }
      if let slot = step.inputSlot {
        bind(slot, of: step, dataset.inputs, dataset.scaling, rows, 0, batch.count, &input)
      }
      if let slot = step.targetSlot {
        bind(slot, of: step, dataset.targets, dataset.targetScaling, rows, 0, batch.count, &target)
      }
      if let slot = step.weightSlot, let weights = dataset.weights {
        bind(slot, of: step, weights, nil, rows, 0, batch.count, &weight)
      }
    }
  }

  /// Binds neighbouring rows of inputs alone; if they are fewer than the plan's batch, the last one is repeated.
  func bind(_ inputs: Tensor, _ scaling: Scaling?, _ range: Range<Int>, _ step: StepPlan) {
    workspace.prepare(for: step.plan)
    guard let slot = step.inputSlot else { return }
    if range.count == step.batch {
      bind(slot, of: step, inputs, scaling, nil, range.lowerBound, range.count, &input)
      return
    }
    let type = step.plan.inputs[slot].type.scalarType
    let rowBytes = inputs.shape.count / inputs.shape[0] * type.size
    if input.byteCount < step.batch * rowBytes {
      input = Storage(byteCount: step.batch * rowBytes)
    }
    copy(inputs, scaling, nil, range.lowerBound, range.count, type, into: &input)
    let last = input.address + (range.count - 1) * rowBytes
    for row in range.count..<step.batch {
      (input.address + row * rowBytes).copyMemory(from: last, byteCount: rowBytes)
    }
    workspace.bind(slot, input.address)
  }

  /// Binds the rows whose numbers stand at `rows`, or `first`, first + 1, ….
  private func bind(
    _ slot: Int, of step: StepPlan, _ source: Tensor, _ scaling: Scaling?,
    _ rows: UnsafePointer<Int32>?, _ first: Int, _ count: Int, _ buffer: inout Storage
  ) {
    let type = step.plan.inputs[slot].type.scalarType
    if scaling == nil, source.scalarType == type, Self.areConsecutive(rows, count) {
      let width = source.shape.count / max(source.shape[0], 1)
      let row = rows.map { Int($0[0]) } ?? first
      // Plans read their inputs only.
      source.withBytes { bytes in
        let start = bytes.baseAddress! + row * width * type.size
        workspace.bind(slot, UnsafeMutableRawPointer(mutating: start))
      }
      return
    }
    copy(source, scaling, rows, first, count, type, into: &buffer)
    workspace.bind(slot, buffer.address)
  }

  private static func areConsecutive(_ rows: UnsafePointer<Int32>?, _ count: Int) -> Bool {
    guard let rows else { return true }
    for index in 0..<count where rows[index] != rows[0] &+ Int32(truncatingIfNeeded: index) {
      return false
    }
    return true
  }

  /// Whole numbers stay whole where the plan takes whole numbers; everything else becomes real.
  private func copy(
    _ source: Tensor, _ scaling: Scaling?, _ rows: UnsafePointer<Int32>?, _ first: Int,
    _ count: Int, _ type: ScalarType,
    into buffer: inout Storage
  ) {
    let width = source.shape.count / max(source.shape[0], 1)
    let size = type.size
    if buffer.byteCount < count * width * size { buffer = Storage(byteCount: count * width * size) }
    source.withBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      if type == .int32 {
        bp_rows_to_int32(
          base.assumingMemoryBound(to: Int32.self), Int64(width), rows, Int64(first), Int64(count),
          buffer.pointer(to: Int32.self))
        return
      }
      let sourceType: bp_source =
        switch source.scalarType {
        case .uint8, .bool: BP_SOURCE_UINT8
        case .float64: BP_SOURCE_FLOAT64
        case .int32: BP_SOURCE_INT32
        default: BP_SOURCE_FLOAT32
        }
      let real = type == .float64 ? BP_FLOAT64 : BP_FLOAT32
      guard let scaling else {
        bp_rows_to_real(
          real, sourceType, base, Int64(width), rows, Int64(first), Int64(count), nil, nil, 0,
          buffer.address)
        return
      }
      scaling.offset.withUnsafeBufferPointer { offset in
        scaling.scale.withUnsafeBufferPointer { scale in
          bp_rows_to_real(
            real, sourceType, base, Int64(width), rows, Int64(first), Int64(count),
            offset.baseAddress,
            scale.baseAddress,
            offset.count == 1 ? 0 : 1, buffer.address)
        }
      }
    }
  }
}
