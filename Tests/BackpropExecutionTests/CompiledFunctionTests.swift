import BackpropCore
import BackpropExecution
import Testing

@Suite struct CompiledFunctionTests {
  /// [1 2; 3 4] · [5; 6] = [17; 39], and the sum of that: once more with other numbers.
  @Test(arguments: [ScalarType.float32, .float64])
  func computesForEachRunsInputs(type: ScalarType) throws {
    let builder = GraphBuilder()
    let a = builder.leaf(.input("a"), [2, 2], type)
    let b = builder.leaf(.input("b"), [2, 1], type)
    let product = try a.matmul(b)
    let function = try CompiledFunction(
      builder, outputs: [product, product.sum(axes: [0])], scalarType: type)
    #expect(function.plan.inputs.map(\.name) == ["a", "b"])
    let x = Tensor([1.0, 2, 3, 4], shape: [2, 2], as: type)
    try function.run([x, Tensor([5.0, 6], shape: [2, 1], as: type)])
    #expect(function.output(0) == Tensor([17.0, 39], shape: [2, 1], as: type))
    #expect(function.output(1) == Tensor([56.0], shape: [1], as: type))
    try function.run([x, Tensor([1.0, 0], shape: [2, 1], as: type)])
    #expect(function.output(0) == Tensor([1.0, 3], shape: [2, 1], as: type))
  }

  /// Rows of a larger tensor stand at an offset that is no multiple of a vector.
  @Test func takesRowsOfALargerTensor() throws {
    let builder = GraphBuilder()
    let a = builder.leaf(.input("a"), [2, 3], .float32)
    let function = try CompiledFunction(builder, outputs: [a + a])
    let table = Tensor((0..<12).map { Float($0) }, shape: [4, 3])
    try function.run([table.rows(1..<3)])
    #expect(function.output(0).array(of: Float.self) == [6, 8, 10, 12, 14, 16])
  }

  @Test func refusesWhatItCannotBind() throws {
    let builder = GraphBuilder()
    let a = builder.leaf(.input("a"), [2], .float32)
    let weight = builder.leaf(.parameter("w"), [2], .float32)
    let rate = builder.leaf(.scalar("rate"), [], .float32)
    #expect(throws: ShapeError.self) { try CompiledFunction(builder, outputs: [a * weight]) }
    #expect(throws: ShapeError.self) { try CompiledFunction(builder, outputs: [a * rate]) }
    let function = try CompiledFunction(builder, outputs: [a * a])
    #expect(throws: ShapeError.self) { try function.run([]) }
    #expect(throws: ShapeError.self) { try function.run([Tensor([1, 2, 3] as [Float])]) }
    #expect(throws: ShapeError.self) { try function.run([Tensor([1, 2] as [Double])]) }
  }
}
