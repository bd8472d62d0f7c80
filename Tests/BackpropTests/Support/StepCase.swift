@testable import Backprop

/// A compiled step with a state and one batch: what tests of training run.
struct StepCase {
  let step: TrainingStep
  var state: TrainingState
  let batch: Batch

  /// The cost of the batch before the step.
  @discardableResult
  mutating func run() throws -> Double { try step.run(&state, batch) }

  /// Steps until so many have been taken.
  mutating func run(to steps: Int) throws {
    while state.step < steps { try run() }
  }

  /// The cost of the batch as the state is.
  func cost() throws -> Double { try step.costAndGradient(state, batch).cost }

  /// ∂C/∂θ by path.
  func gradients() throws -> [String: [Double]] {
    try step.costAndGradient(state, batch).gradients.mapValues { $0.array(of: Double.self) }
  }

  /// The numbers of an array of the state.
  subscript(path: String) -> [Double] { state[path]?.array(of: Double.self) ?? [] }

  /// Puts numbers into an array of the state.
  mutating func set(_ path: String, _ values: [Double]) throws {
    guard let shape = state[path]?.shape else { throw ShapeError("state", path: path, "none") }
    try state.set(path, to: Tensor(values, shape: shape))
  }
}

extension Dataset {
  /// Rows of numbers with rows of numbers for targets.
  static func rows(_ inputs: [[Double]], targets: [[Double]]) throws -> Dataset {
    try Dataset(
      name: "rows", inputs: Numbers(rows: inputs).tensor(.float64),
      targets: Numbers(rows: targets).tensor(.float64))
  }

  /// Random inputs, with classes for targets or with random numbers between 0 and 1.
  static func random(
    _ count: Int, inputs: Int, outputs: Int, isClass: Bool = true, seed: UInt64 = 5
  ) throws -> Dataset {
    let x = RandomKey(seed).folded("inputs").normals(count * inputs)
    let y = RandomKey(seed).folded("targets").uniforms(count * outputs)
    return try Dataset(
      name: "random", inputs: Tensor(x, shape: [count, inputs]),
      targets: isClass
        ? Tensor((0..<count).map { Int32(y[$0] * Double(outputs)) })
        : Tensor(y, shape: [count, outputs]),
      classCount: isClass ? outputs : nil)
  }

  /// All samples as one batch, in their own order.
  var whole: Batch { batches(of: count)[0] }
}
