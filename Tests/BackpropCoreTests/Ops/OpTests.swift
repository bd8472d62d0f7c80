import BackpropCore
import BackpropExecution
import BackpropTesting
import Testing

@Suite struct OpTests {
  @Test(arguments: OpSample.all)
  func `shapes, derivatives and lowering hold`(_ sample: OpSample) throws {
    let report = try checkOp(
      sample.name, inputs: sample.inputs, scalarTypes: sample.scalarTypes,
      evaluators: [LoweredInterpreter.evaluator], build: sample.build)
    #expect(report.passed, "\(report)")
  }

  @Test(arguments: OpSample.all.filter { !$0.mixesRealTypes }, [true, false])
  func `the compiled plan gives the interpreter's numbers`(
    _ sample: OpSample, fuses: Bool
  ) throws {
    var options = PlanOptions()
    options.fuses = fuses
    let report = try checkOp(
      sample.name, inputs: sample.inputs, scalarTypes: sample.scalarTypes,
      evaluators: [.plan(options: options)], build: sample.build)
    #expect(report.passed, "\(report)")
  }

  @Test(arguments: OpSample.all)
  func `single precision gives nearly the same`(_ sample: OpSample) throws {
    let builder = GraphBuilder()
    let leaves = sample.inputs.indices.map { Leaf.input("\($0)") }
    let inputs = sample.inputs.indices.map {
      builder.leaf(leaves[$0], sample.inputs[$0].shape, sample.scalarTypes[$0])
    }
    let output = try sample.build(inputs)
    let double = Dictionary(uniqueKeysWithValues: zip(leaves, sample.inputs))
    let float = double.mapValues { Numbers<Float>($0.shape, $0.values.map { Float($0) }) }
    let expected = try Interpreter(builder.graph).values(of: [output], bindings: double)[0]
    let found = try Interpreter(builder.graph).values(of: [output], bindings: float)[0]
    let worst = try Discrepancy(
      sample.name, found: Numbers(found.shape, found.values.map { Double($0) }),
      expected: expected, tolerance: 2e-5, floor: 1e-2)
    #expect(worst.passed, "\(worst)")
  }

  @Test(arguments: OpSample.all)
  func `a sample uses its op`(_ sample: OpSample) throws {
    let builder = GraphBuilder()
    let inputs = zip(sample.inputs, sample.scalarTypes).enumerated().map { index, input in
      builder.leaf(.input("\(index)"), input.0.shape, input.1)
    }
    _ = try sample.build(inputs)
    let uses = builder.graph.nodes.contains { node in
      if case .op(let op) = node.kind { return type(of: op) == sample.op }
      return false
    }
    #expect(uses)
  }

  @Test(arguments: OpNames.all)
  func `every op has a sample`(_ name: String) {
    #expect(OpSample.all.contains { $0.op.name == name }, "no sample for '\(name)'")
  }

  @Test func `names are distinct and in kebab case`() {
    #expect(Set(OpNames.all).count == OpList.all.count)
    for name in OpNames.all {
      #expect(
        name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
    }
  }

  @Test func `every op file is in the list, and every op has its file`() throws {
    let types = Set(OpList.all.map { "\($0)" })
    let files = try OpSource.files().subtracting(["OpList"])
    #expect(files == types)
  }

  @Test(arguments: OpList.all.map { "\($0)" })
  func `every op says its shapes and its derivative`(_ type: String) throws {
    let documentation = try OpSource.documentation(of: type)
    #expect(documentation.contains("- Shapes: "))
    #expect(documentation.contains("- Derivative: "))
  }

  /// Explanations print the line: it is the one of the documentation, without its marks.
  @Test(arguments: OpList.all.indices)
  func `an op's line about its derivative is that of its documentation`(_ index: Int) throws {
    let type = OpList.all[index]
    let documentation = try OpSource.documentation(of: "\(type)")
    var words: [Substring] = []
    for line in documentation.split(separator: "\n").map({ $0.dropFirst(3) }) {
      let parts = line.split(separator: " ")
      if parts.first == "-" {
        if !words.isEmpty { break }
        if parts.dropFirst().first == "Derivative:" { words += parts.dropFirst(2) }
      } else if !words.isEmpty {
        if parts.isEmpty { break }
        words += parts
      }
    }
    let text = words.joined(separator: " ").filter { $0 != "`" }
    #expect(text == type.derivative + (text.hasSuffix(".") ? "." : ""))
  }
}

enum OpNames {
  static let all = OpList.all.map { $0.name }
}
