@testable import Backprop

/// A training step on one batch, interpreted in Double: graph, gradient and update without any
/// compiled plan.
struct ReferenceTrainer {
  private let trace: Trace
  private let interpreter: Interpreter<Double>
  private let optimizer: any Optimizer
  private let regularization: Regularization
  private let schedule: Schedule
  private let trainingSamples: Int
  private let updates: Updates
  private let gradientValues: [(path: String, value: Value)]
  /// The output of the network and the cost of the batch.
  let prediction, cost: Value
  /// Parameters, variables, slots, input and target as they stand now.
  var state: [Leaf: Numbers<Double>]
  /// The number of the next step.
  private(set) var step = 0
  private let seed: UInt64

  init(
    _ layer: any Layer, loss: any Loss, optimizer: any Optimizer = SGD(learningRate: 0.5),
    regularization: Regularization = .init(), schedule: Schedule = .constant,
    trainingSamples: Int = 1, input: Numbers<Double>, target: Numbers<Double>,
    classes: Bool = false, seed: UInt64 = 1
  ) throws {
    trace = Trace(mode: .training, scalarType: .float64)
    let builder = trace.builder
    let x = builder.leaf(.input("x"), input.shape, .float64)
    let y = builder.leaf(.input("y"), target.shape, classes ? .int32 : .float64)
    prediction = try layer(x, trace.scope)
    cost = try loss(prediction, y)
    let trained = trace.declarations.filter { $0.trainedRole != nil }
    let gradients = try gradient(of: cost, withRespectTo: trained.map(\.value))
    gradientValues = zip(trained, gradients).map { ($0.path, $1) }
    let tracer = SlotTracer(builder: builder, scalarType: .float64)
    updates = try buildUpdates(
      parameters: trace.declarations, gradients: gradients, optimizer: optimizer,
      regularization: regularization, tracer: tracer)
    (self.optimizer, self.regularization) = (optimizer, regularization)
    (self.schedule, self.trainingSamples, self.seed) = (schedule, trainingSamples, seed)
    interpreter = Interpreter(builder.graph)
    state = [.input("x"): input, .input("y"): target]
    for item in trace.declarations {
      let key = RandomKey(seed).folded("initial").folded(item.path)
      state[Self.leaf(item)] = Numbers(item.shape, item.initial(item.shape, key: key))
    }
    for slot in updates.slots {
      let key = RandomKey(seed).folded("initial").folded(slot.path)
      state[.variable(slot.path)] = Numbers(slot.shape, slot.initial(slot.shape, key: key))
    }
  }

  private static func leaf(_ item: Declaration) -> Leaf {
    item.kind == .variable ? .variable(item.path) : .parameter(item.path)
  }

  /// What every leaf is bound to at the step that comes next.
  private var bindings: [Leaf: Numbers<Double>] {
    var bindings = state
    stepScalars(
      optimizer, regularization, step: step,
      learningRate: scheduledRate(optimizer, schedule, step: step),
      trainingSamples: trainingSamples
    ) { group, name, value in
      bindings[.scalar(ScalarPlace(group: group, name: name).leaf)] = Numbers([], [value])
    }
    for path in trace.keys.keys {
      let key = RandomKey(seed).folded("step").folded(UInt64(step)).folded(path)
      bindings[.key(path)] = Numbers([2], [Double(key.words[0]), Double(key.words[1])])
    }
    return bindings
  }

  /// The numbers of any values of the graph before the next step.
  func values(of outputs: [Value]) throws -> [Numbers<Double>] {
    try interpreter.values(of: outputs, bindings: bindings)
  }

  /// The gradients of the cost before the next step, by path.
  func gradients() throws -> [String: Numbers<Double>] {
    let numbers = try values(of: gradientValues.map(\.value))
    return Dictionary(uniqueKeysWithValues: zip(gradientValues.map(\.path), numbers))
  }

  /// Makes one step; returns the cost before it.
  @discardableResult
  mutating func run() throws -> Double {
    let slots = updates.slots.compactMap { slot in slot.next.map { (slot.path, $0) } }
    let targets =
      updates.parameters.map { (Leaf.parameter($0.path), $0.next) }
      + (slots + trace.updates.map { ($0.path, $0.value) }).map { (Leaf.variable($0), $1) }
    let numbers = try values(of: [cost] + targets.map(\.1))
    for (target, value) in zip(targets, numbers.dropFirst()) { state[target.0] = value }
    step += 1
    return numbers[0].values[0]
  }

  /// The numbers of a parameter or variable.
  subscript(path: String) -> [Double] {
    get { (state[.parameter(path)] ?? state[.variable(path)])?.values ?? [] }
    set {
      let leaf: Leaf = state[.parameter(path)] == nil ? .variable(path) : .parameter(path)
      state[leaf]?.values = newValue
    }
  }

  /// The values with a label, from input to output.
  func labelled(_ label: Label) -> [(path: String, value: Value)] {
    trace.builder.graph.nodes.enumerated().filter { $0.element.label == label }.map {
      ($0.element.path, Value(builder: trace.builder, id: $0.offset))
    }
  }
}

extension Numbers where R == Double {
  /// A matrix from its rows.
  init(rows: [[Double]]) { self.init([rows.count, rows[0].count], rows.flatMap { $0 }) }
}

/// The value of a graph of inputs, without any network.
func evaluate(
  _ inputs: [Numbers<Double>], types: [ScalarType] = [], _ body: ([Value]) throws -> Value
) throws -> Numbers<Double> {
  let builder = GraphBuilder()
  let leaves = inputs.enumerated().map { index, numbers in
    builder.leaf(
      .input("\(index)"), numbers.shape, types.indices.contains(index) ? types[index] : .float64)
  }
  let output = try body(leaves)
  let bindings = Dictionary(
    uniqueKeysWithValues: inputs.enumerated().map { (Leaf.input("\($0)"), $1) })
  return try Interpreter<Double>(builder.graph).values(of: [output], bindings: bindings)[0]
}
