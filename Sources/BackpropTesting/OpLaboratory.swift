import Backprop
package import BackpropCore

/// A piece of graph with numbers for its leaves, and its derivatives.
package struct OpLaboratory {
  /// A scalar and its derivatives by the real inputs.
  package struct Pass {
    package let order: DerivativeOrder
    package let scalar: Value
    package let derivatives: [Value]
    /// The nodes that the derivatives added to the graph.
    package let nodes: Range<Int>
  }

  private let builder = GraphBuilder()
  /// The numbers of the inputs, and of the random weights.
  package private(set) var bindings: [Leaf: Numbers<Double>] = [:]
  package private(set) var passes: [Pass] = []
  package let result: Value
  /// The nodes that `build` added.
  package let opNodes: Range<Int>
  private let varied: [Value]

  /// Builds the graph: the op, `Σ c ⊙ f` and its gradient, `Σ d ⊙ ∇` and its gradient.
  package init(
    inputs: [Numbers<Double>], scalarTypes: [ScalarType]?,
    orders: Set<DerivativeOrder> = [.first, .second], build: ([Value]) throws -> Value
  ) throws {
    let types = scalarTypes ?? inputs.map { _ in .float64 }
    precondition(types.count == inputs.count, "\(inputs.count) inputs have \(types.count) types")
    var bindings: [Leaf: Numbers<Double>] = [:]
    let builder = builder
    let values = zip(inputs, types).map { numbers, type in
      Self.bind(numbers, type, builder, &bindings)
    }
    let start = builder.graph.nodes.count
    result = try build(values)
    opNodes = start..<builder.graph.nodes.count
    varied = values.filter(\.scalarType.isReal)
    guard !varied.isEmpty, let last = orders.map(\.rawValue).max() else {
      self.bindings = bindings
      return
    }
    var differentiated = [result]
    for order in DerivativeOrder.allCases where order.rawValue <= last {
      let scalar = try Self.weighted(differentiated, builder, &bindings)
      let first = builder.graph.nodes.count
      differentiated = try gradient(of: scalar, withRespectTo: varied)
      let nodes = first..<builder.graph.nodes.count
      guard orders.contains(order) else { continue }
      passes.append(
        Pass(order: order, scalar: scalar, derivatives: differentiated, nodes: nodes))
    }
    self.bindings = bindings
  }

  /// The graph as it is now.
  package var graph: Graph { builder.graph }

  /// A new input with numbers.
  private static func bind(
    _ numbers: Numbers<Double>, _ scalarType: ScalarType, _ builder: GraphBuilder,
    _ bindings: inout [Leaf: Numbers<Double>]
  ) -> Value {
    let leaf = Leaf.input("input \(bindings.count)")
    bindings[leaf] = numbers
    return builder.leaf(leaf, numbers.shape, scalarType)
  }

  /// Σ c ⊙ v over all values, with random weights c for each.
  private static func weighted(
    _ values: [Value], _ builder: GraphBuilder, _ bindings: inout [Leaf: Numbers<Double>]
  ) throws -> Value {
    var total = builder.constant(0, .float64)
    for value in values {
      let real = value.scalarType.isReal ? value : try value.cast(to: .float64)
      let key = RandomKey(UInt64(bindings.count))
      let weights = bind(
        Numbers(value.shape, key.normals(value.shape.count)), real.scalarType, builder, &bindings)
      total = try total + (weights * real).sum().cast(to: .float64)
    }
    return total
  }

  private func name(of value: Value) -> String { builder.graph.nodes[value.id].name }

  /// The numbers of values of the graph.
  package func values(of outputs: [Value]) throws -> [Numbers<Double>] {
    try Interpreter(builder.graph).values(of: outputs, bindings: bindings)
  }
}

extension OpLaboratory {
  /// What compares derivatives of a pass with differences of its scalar.
  ///
  /// - Parameter keepsLines: whether points of the scalar are kept for further checks.
  package func checker(
    _ pass: Pass, mode: CheckMode = .full, keepsLines: Bool = false
  ) throws -> DerivativeChecker {
    let marks = try branches(of: pass.scalar, movedBy: varied)
    let interpreter = Interpreter<Double>(builder.graph)
    let bindings = bindings
    let subjects = varied.map {
      DerivativeChecker.Subject(
        path: name(of: $0), shape: $0.shape,
        values: bindings[.input(name(of: $0))]?.values ?? [])
    }
    return try DerivativeChecker(
      subjects, joint: "all inputs", mode: mode, seed: 0, keepsLines: keepsLines
    ) { move, distance in
      var moved = bindings
      for part in move.parts {
        for (index, amount) in part.elements {
          moved[.input(part.path)]?.values[index] += distance * amount
        }
      }
      let found = try interpreter.values(of: [pass.scalar] + marks, bindings: moved)
      return FunctionPoint(found[0].values[0], sides: found.dropFirst().map { $0.values[0] })
    }
  }

  /// Compares numbers for the derivatives of a pass with differences.
  package func check(
    _ pass: Pass, _ checker: DerivativeChecker, _ derivatives: [Numbers<Double>], tolerance: Double
  ) throws -> [DerivativeCheck] {
    let gradients = zip(varied, derivatives).map { (name(of: $0), $1.values) }
    return try checker.checks(
      Dictionary(uniqueKeysWithValues: gradients), tolerance: tolerance,
      prefix: pass.order == .first ? "first by " : "second by ")
  }

  /// The derivatives of a pass that have another type than their input.
  func typeFaults(_ pass: Pass) -> [String] {
    zip(varied, pass.derivatives).compactMap { input, derivative in
      guard derivative.type != input.type else { return nil }
      return "derivative of order \(pass.order.rawValue): an adjoint is \(derivative.type); "
        + "expected \(input.type)"
    }
  }

  /// The nodes whose numbers have another shape than their rule says.
  func shapeFaults(_ outputs: [Value]) throws -> [String] {
    let numbers = try Interpreter(builder.graph).allValues(
      of: outputs.map(\.id), bindings: bindings)
    return numbers.sorted { $0.key < $1.key }.compactMap { id, numbers in
      let node = builder.graph.nodes[id]
      guard numbers.shape != node.type.shape else { return nil }
      return "\(node.name) evaluates to \(numbers.shape); its rule says \(node.type.shape)"
    }
  }

  /// Another evaluator's numbers against the interpreter's.
  func compare(_ evaluator: Evaluator, _ outputs: [Value]) throws -> [Discrepancy] {
    let expected = try values(of: outputs)
    let found = try evaluator.evaluate(builder.graph, outputs, bindings)
    precondition(found.count == expected.count, "\(evaluator.name) left outputs out")
    return try zip(found, expected).enumerated().map { index, pair in
      try Discrepancy(
        "\(evaluator.name), output \(index)", found: pair.0, expected: pair.1,
        tolerance: evaluator.tolerance, floor: 1e-3)
    }
  }
}
