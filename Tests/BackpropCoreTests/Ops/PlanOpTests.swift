import BackpropCore
import BackpropExecution
import BackpropTesting
import Testing

/// Every op as every instruction set computes it, against the interpreter: results and first
/// derivatives, fused and not, in both precisions, with the work shared by threads.
@Suite struct PlanOpTests {
  /// A sample's result and its gradient, in float64 as the samples are written.
  private struct Traced {
    let builder = GraphBuilder()
    var outputs: [Value]
    var bindings: [Leaf: Numbers<Double>] = [:]

    init(_ sample: OpSample) throws {
      var inputs: [Value] = []
      for (index, (numbers, type)) in zip(sample.inputs, sample.scalarTypes).enumerated() {
        bindings[.input("\(index)")] = numbers
        inputs.append(builder.leaf(.input("\(index)"), numbers.shape, type))
      }
      outputs = [try sample.build(inputs)]
      let varied = inputs.filter(\.scalarType.isReal)
      guard outputs[0].scalarType.isReal, !varied.isEmpty else { return }
      let adjoint = builder.leaf(.input("adjoint"), outputs[0].shape, .float64)
      bindings[.input("adjoint")] = .random(adjoint.shape, seed: 77)
      outputs += try gradient(of: outputs[0], withRespectTo: varied, adjoint: adjoint)
    }
  }

  /// The same graph with float32 in the place of float64.
  private static func narrowed(_ traced: Traced) throws -> Traced {
    func narrowed(_ type: ScalarType) -> ScalarType { type == .float64 ? .float32 : type }
    func add(_ op: some Op, _ inputs: [Value], to builder: GraphBuilder) throws -> Value {
      switch op {
      case let cast as Cast: try builder.add(Cast(to: narrowed(cast.scalarType)), inputs)
      case let iota as Iota: try builder.add(Iota(iota.shape, narrowed(iota.scalarType)), inputs)
      case let hot as OneHot:
        try builder.add(OneHot(depth: hot.depth, scalarType: narrowed(hot.scalarType)), inputs)
      case let uniform as RandomUniform:
        try builder.add(RandomUniform(uniform.shape, narrowed(uniform.scalarType)), inputs)
      default: try builder.add(op, inputs)
      }
    }
    var copy = traced
    let builder = GraphBuilder()
    var values: [Value] = []
    for node in traced.builder.graph.nodes {
      switch node.kind {
      case .leaf(let leaf):
        values.append(builder.leaf(leaf, node.type.shape, narrowed(node.type.scalarType)))
      case .op(let op):
        values.append(try add(op, node.inputs.map { values[$0] }, to: builder))
      }
    }
    copy.outputs = traced.outputs.map { values[$0.id] }
    // Inputs that float32 holds, so that both see the same numbers.
    copy.bindings = traced.bindings.mapValues { $0.map { Double(Float($0)) } }
    return copy
  }

  private static let samples = OpSample.all.filter { !$0.mixesRealTypes }

  @Test(arguments: samples, [ScalarType.float64, .float32])
  func `every instruction set gives the interpreter's numbers`(
    _ sample: OpSample, _ type: ScalarType
  ) throws {
    var traced = try Traced(sample)
    if type == .float32 { traced = try Self.narrowed(traced) }
    let (outputs, bindings) = (traced.outputs, traced.bindings)
    let builder = outputs[0].builder
    let expected = try Interpreter(builder.graph).values(of: outputs, bindings: bindings)
    var first: [Bool: [Numbers<Double>]] = [:]
    for path in KernelPath.supported {
      for fuses in [true, false] {
        var options = PlanOptions()
        (options.path, options.fuses, options.serialThreshold) = (path, fuses, 0)
        let found = try PlanEvaluator(type, options: options, threads: 2)
          .values(of: outputs, in: builder, bindings: bindings).outputs
        for (index, (found, expected)) in zip(found, expected).enumerated() {
          let worst = try Discrepancy(
            "\(path), fused \(fuses), output \(index)", found: found, expected: expected,
            tolerance: type == .float64 ? 1e-12 : 2e-5, floor: type == .float64 ? 1e-3 : 1e-2)
          #expect(worst.passed, "\(worst)")
        }
        // Every instruction set gives the same bits.
        let bits = found.map { $0.values.map(\.bitPattern) }
        #expect(first[fuses, default: found].map { $0.values.map(\.bitPattern) } == bits, "\(path)")
        first[fuses] = first[fuses] ?? found
      }
    }
  }
}
