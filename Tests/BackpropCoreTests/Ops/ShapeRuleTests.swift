import BackpropCore
import Testing

/// What shape rules say when inputs do not fit.
@Suite struct ShapeRuleTests {
  private func message(
    _ inputs: [ValueType], _ build: ([Value]) throws -> Value
  ) -> String {
    let builder = GraphBuilder()
    let values = inputs.enumerated().map { builder.leaf(.input("\($0)"), $1.shape, $1.scalarType) }
    do {
      return "no error, but \(try build(values).type)"
    } catch {
      return "\(error)"
    }
  }

  private func real(_ shapes: Shape...) -> [ValueType] { shapes.map { ValueType($0, .float32) } }

  @Test func `matrices with other inner sizes`() {
    #expect(
      message(real([2, 3], [4, 5])) { try $0[0].matmul($0[1]) }
        == "matmul of [2, 3] and [4, 5]: inner sizes 3 and 4 differ; expected the same")
  }

  @Test func `shapes that do not broadcast`() {
    #expect(
      message(real([2, 3], [2])) { try $0[0] + $0[1] }
        == "add of [2, 3] and [2]: shapes do not broadcast: sizes must be equal, or one of them 1, "
        + "from the last axis")
  }

  @Test func `whole numbers where real ones are due`() {
    #expect(
      message([ValueType([2], .float32), ValueType([2], .int32)]) { try $0[0] * $0[1] }
        == "multiply of [2] and [2]: takes real numbers of one type, not float32 and int32; "
        + "cast(to:) converts")
  }

  @Test func `a target that is none`() {
    #expect(
      message(real([8, 10], [8])) { try $0[0].softmaxCrossEntropy($0[1]) }
        == "softmax-cross-entropy of [8, 10] and [8]: the target is float32[8]; "
        + "expected classes int32[8] or a distribution float32[8, 10]")
  }

  @Test func `other faults name the fault`() {
    #expect(
      message(real([2, 3])) { try $0[0].sum(axes: [1, -1]) }
        == "sum of [2, 3]: axes [1, -1] are not distinct axes of a value of rank 2")
    #expect(
      message(real([2, 3])) { try $0[0].reshaped(to: [4]) }
        == "reshape of [2, 3] and [4]: 6 elements cannot fill the second shape, which has 4")
    #expect(
      message(real([2, 3])) { try $0[0].sliced(axis: -1, 1..<5) }
        == "slice of [2, 3]: places 1..<5 leave axis 1, which has size 3")
    #expect(
      message(real([2, 3])) { try $0[0].transposed([0, 0]) }
        == "transpose of [2, 3]: axes [0, 0] do not name each of the 2 axes once")
    #expect(
      message(real([2, 3])) { try $0[0].broadcast(to: [3]) }
        == "broadcast of [2, 3] and [3]: the first does not broadcast to the second: sizes must be "
        + "equal, or 1, from the last axis")
    #expect(
      message(real([2, 3], [2, 4, 1])) { try $0[0].concatenated(with: [$0[1]], axis: 0) }
        == "concatenate of [2, 3] and [2, 4, 1]: all sizes but that of axis 0 must be equal")
    #expect(
      message(real([2, 3], [2])) { try $0[0].gathered($0[1]) }
        == "gather of [2]: indices are float32; expected int32")
    #expect(
      message(real([2])) { try $0[0].select($0[0], 0) }
        == "where of [2] and [2] and []: the condition is float32, not bool; "
        + "compare it with something")
    #expect(
      message(real([2, 0])) { try $0[0].max(axes: [1]) }
        == "max of [2, 0]: there is no greatest of no elements")
    #expect(
      message(real([2])) { try $0[0].clamp(1, -1) }
        == "clamp of [2]: the lower bound 1.0 is above the upper -1.0")
    #expect(
      message(real([2])) { try $0[0].randomUniform([3], as: .float32) }
        == "random-uniform of [2]: takes a key, int32[2], not float32[2]")
  }

  @Test func `the layer's path stands in front`() throws {
    let scope = Trace(mode: .training, scalarType: .float32).scope
    let x = scope.trace.builder.leaf(.input("x"), [2, 3], .float32)
    let error = #expect(throws: ShapeError.self) {
      try scope("hidden") { try x.matmul($0.parameter("weight", [4, 5], .zeros, role: .weight)) }
    }
    #expect(
      error?.description == "layer 'hidden': matmul of [2, 3] and [4, 5]: "
        + "inner sizes 3 and 4 differ; expected the same")
  }
}
