import BackpropCore
import BackpropExecution

extension TrainingStep {
  /// Samples that are predicted together, at most.
  static let predictionBatch = 512

  /// The outputs of the network for raw inputs, in evaluation mode.
  ///
  /// The plan has the forward pass alone. Plans are made for few sizes: batches of 512, and powers of two for what is
  /// left; what such a batch lacks are copies of its last sample.
  ///
  /// - Parameters:
  ///   - inputs: [n, features…], checked; read where they are if they need no conversion.
  ///   - scaling: how the network sees them.
  /// - Returns: [n, outputs], or for classes with positions [n, positions…, classes].
  func predict(_ state: TrainingState, _ inputs: Tensor, scaling: Scaling?) throws -> Tensor {
    let (count, width) = (inputs.shape[0], target.predictionShape.count)
    var result = Tensor(
      zeros: Shape([count] + target.predictionShape.sizes), scalarType: precision)
    let rowBytes = width * precision.size
    try result.withMutableBytes { bytes in
      for first in stride(from: 0, to: count, by: Self.predictionBatch) {
        let rows = min(Self.predictionBatch, count - first)
        var size = 1
        while size < rows { size *= 2 }
        let plan = try plan(.prediction, batch: size)
        let runner = takeRunner()
        defer { giveBack(runner) }
        runner.bind(inputs, scaling, first..<first + rows, plan)
        setKeys(runner.workspace, plan, state)
        runner.workspace.run(plan.plan, state: state.readableStorage)
        let outputs = UnsafeRawBufferPointer(
          start: runner.workspace.outputAddress(0, of: plan.plan), count: rows * rowBytes)
        UnsafeMutableRawBufferPointer(rebasing: bytes[(first * rowBytes)...]).copyMemory(
          from: outputs)
      }
    }
    return result
  }
}
