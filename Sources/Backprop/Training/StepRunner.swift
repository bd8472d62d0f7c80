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

  /// Copies a batch's rows into the step's inputs, converted and scaled, and binds them.
  func bind(_ batch: Batch, _ step: StepPlan) {
    workspace.prepare(for: step.plan)
    let dataset = batch.dataset
    batch.order.withUnsafeBufferPointer { order in
      let rows = order.baseAddress.map { $0 + batch.range.lowerBound }
      if let slot = step.inputSlot {
        copy(
          dataset.inputs, dataset.scaling, rows, batch.count,
          step.plan.inputs[slot].type.scalarType, into: &input)
        workspace.bind(slot, input.address)
      }
      if let slot = step.targetSlot {
        copy(
          dataset.targets, dataset.targetScaling, rows, batch.count,
          step.plan.inputs[slot].type.scalarType, into: &target)
        workspace.bind(slot, target.address)
      }
      if let slot = step.weightSlot, let weights = dataset.weights {
        copy(weights, nil, rows, batch.count, step.plan.inputs[slot].type.scalarType, into: &weight)
        workspace.bind(slot, weight.address)
      }
    }
  }

  /// Whole numbers stay whole where the plan takes whole numbers; everything else becomes real.
  private func copy(
    _ source: Tensor, _ scaling: Scaling?, _ rows: UnsafePointer<Int32>?, _ count: Int,
    _ type: ScalarType,
    into buffer: inout Storage
  ) {
    let width = source.shape.count / max(source.shape[0], 1)
    let size = type.size
    if buffer.byteCount < count * width * size { buffer = Storage(byteCount: count * width * size) }
    source.withBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      if type == .int32 {
        bp_rows_to_int32(
          base.assumingMemoryBound(to: Int32.self), Int64(width), rows, 0, Int64(count),
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
          real, sourceType, base, Int64(width), rows, 0, Int64(count), nil, nil, 0, buffer.address)
        return
      }
      scaling.offset.withUnsafeBufferPointer { offset in
        scaling.scale.withUnsafeBufferPointer { scale in
          bp_rows_to_real(
            real, sourceType, base, Int64(width), rows, 0, Int64(count), offset.baseAddress,
            scale.baseAddress,
            offset.count == 1 ? 0 : 1, buffer.address)
        }
      }
    }
  }
}
