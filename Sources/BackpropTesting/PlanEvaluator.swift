public import BackpropCore
public import BackpropExecution

/// Computes values of a graph with a compiled plan: the counterpart of `Interpreter` in tests.
public struct PlanEvaluator {
  /// The real type of the plan: values of the other real type cannot be evaluated.
  public var scalarType: ScalarType
  /// How the plan is made.
  public var options: PlanOptions
  /// The threads that run it.
  public var threads: Int

  /// Makes an evaluator.
  public init(_ scalarType: ScalarType = .float64, options: PlanOptions = PlanOptions(), threads: Int = 1) {
    (self.scalarType, self.options, self.threads) = (scalarType, options, threads)
  }

  /// The values of `outputs`, and of the state arrays that `updates` name after one run.
  ///
  /// - Parameters:
  ///   - outputs: values of `builder`'s graph.
  ///   - updates: new values of parameters or variables, by path.
  ///   - builder: the traced graph.
  ///   - bindings: the numbers of every leaf but constants; parameters and variables make the state.
  ///   - runs: how often the plan runs; updates add up.
  public func values(
    of outputs: [Value], updates: [(path: String, value: Value)] = [], in builder: GraphBuilder,
    bindings: [Leaf: Numbers<Double>], runs: Int = 1
  ) throws -> (outputs: [Numbers<Double>], state: [String: Numbers<Double>], plan: Plan) {
    var arrays: [(String, Numbers<Double>)] = []
    for (leaf, numbers) in bindings {
      switch leaf {
      case .parameter(let path), .variable(let path): arrays.append((path, numbers))
      default: break
      }
    }
    arrays.sort { $0.0 < $1.0 }
    let layout = StateLayout(arrays.map { ($0.0, $0.1.shape) }, scalarType: scalarType)
    let state = Storage(byteCount: layout.byteCount)
    for (path, numbers) in arrays {
      write(numbers.values, scalarType, to: state.address + layout[path]!.byteOffset)
    }
    let plan = try Plan(builder, outputs: outputs, updates: updates, state: layout, options: options)
    let workspace = Workspace(threads: threads)
    workspace.prepare(for: plan)
    var inputs: [Storage] = []
    for (index, input) in plan.inputs.enumerated() {
      guard let numbers = bindings[.input(input.name)] else {
        throw ShapeError("plan evaluator", [input.type.shape], "input '\(input.name)' is not bound")
      }
      let storage = Storage(byteCount: input.type.shape.count * input.type.scalarType.size)
      write(numbers.values, input.type.scalarType, to: storage.address)
      workspace.bind(index, storage.address)
      inputs.append(storage)
    }
    for (index, name) in plan.scalars.enumerated() {
      workspace.setScalar(index, of: plan, to: bindings[.scalar(name)]?.values[0] ?? .nan)
    }
    for (index, path) in plan.keys.enumerated() {
      let words = bindings[.key(path)]?.values ?? [0, 0]
      workspace.setKey(index, of: plan, to: RandomKey(UInt64(words[0]) | UInt64(words[1]) << 32))
    }
    for _ in 0..<runs { workspace.run(plan, state: state) }
    let results = plan.outputs.indices.map { Numbers<Double>(workspace.output($0, of: plan)) }
    var after: [String: Numbers<Double>] = [:]
    for entry in layout.entries {
      let tensor = Tensor(
        shape: entry.shape, scalarType: scalarType, storage: state, byteOffset: entry.byteOffset)
      after[entry.path] = Numbers(tensor)
    }
    withExtendedLifetime(inputs) {}
    return (results, after, plan)
  }

  private func write(_ values: [Double], _ scalarType: ScalarType, to address: UnsafeMutableRawPointer) {
    Tensor(values, as: scalarType).withBytes {
      if let base = $0.baseAddress { address.copyMemory(from: base, byteCount: $0.count) }
    }
  }
}
