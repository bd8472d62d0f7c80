public import BackpropCore

/// A graph without parameters, compiled, with what it takes to run it: for measuring kernels, and
/// for arithmetic beside a training.
///
/// ```swift
/// let builder = GraphBuilder()
/// let a = builder.leaf(.input("a"), [2, 3], .float32)
/// let b = builder.leaf(.input("b"), [3, 4], .float32)
/// let product = try CompiledFunction(builder, outputs: [a.matmul(b)])
/// try product.run([x, y])
/// let z = product.output(0)
/// ```
///
/// After the first run, ``run(_:)`` allocates nothing. One caller at a time may use a function.
public final class CompiledFunction {
  /// The instructions.
  public let plan: Plan
  private let workspace: Workspace
  private let state = Storage(byteCount: 0)

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - builder: the traced graph.
  ///   - outputs: what to compute.
  ///   - scalarType: the real type of the whole graph.
  ///   - options: how the plan is made and run.
  ///   - threads: the threads that share the work of a run.
  /// - Throws: `ShapeError` if the graph mixes real types, or reads parameters, variables, run-time
  ///   scalars or random keys.
  public init(
    _ builder: GraphBuilder, outputs: [Value], scalarType: ScalarType = .float32,
    options: PlanOptions = PlanOptions(), threads: Int = 1
  ) throws {
    plan = try Plan(
      builder, outputs: outputs, state: StateLayout([], scalarType: scalarType), options: options)
    guard plan.scalars.isEmpty, plan.keys.isEmpty else {
      throw ShapeError("compiled function", [], "run-time scalars and random keys cannot be bound")
    }
    workspace = Workspace(threads: threads)
    workspace.prepare(for: plan)
  }

  /// Computes the outputs.
  ///
  /// - Parameter inputs: in the order of ``Plan/inputs`` and of the types told there, so int32 for
  ///   every kind of whole numbers.
  /// - Throws: `ShapeError` if there is another number of inputs, or one has another number or type
  ///   of elements.
  public func run(_ inputs: [Tensor]) throws {
    guard inputs.count == plan.inputs.count else {
      throw ShapeError(
        "compiled function", inputs.map(\.shape),
        "\(inputs.count) inputs; expected \(plan.inputs.count)")
    }
    for (index, input) in inputs.enumerated() {
      let type = plan.inputs[index].type
      guard input.shape.count == type.shape.count, input.scalarType == type.scalarType else {
        throw ShapeError(
          "compiled function", [input.shape, type.shape],
          "input '\(plan.inputs[index].name)' has another size or type")
      }
      // Safe: a tensor's storage has the slack that kernels may read, plans never write to inputs,
      // and the tensors live until the run is over.
      workspace.bind(index, input.storage.address + input.byteOffset)
    }
    withExtendedLifetime(inputs) { workspace.run(plan, state: state) }
  }

  /// A result of the last run.
  public func output(_ index: Int) -> Tensor { workspace.output(index, of: plan) }
}
