import BackpropCore
import BackpropExecution
import BackpropTesting
import Testing

@Suite struct PlanTests {
  /// Sizes 5-4-3, batch 7, sigmoid, half squared error: forward, gradient and SGD in one graph.
  static func network(_ type: ScalarType) throws -> (
    builder: GraphBuilder, outputs: [Value], updates: [(path: String, value: Value)], bindings: [Leaf: Numbers<Double>]
  ) {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [7, 5], type)
    let t = builder.leaf(.input("t"), [7], .int32)
    let rate = builder.leaf(.scalar("rate"), [], type)
    let shapes: [(String, Shape)] = [("w1", [5, 4]), ("b1", [4]), ("w2", [4, 3]), ("b2", [3])]
    let p = shapes.map { builder.leaf(.parameter($0.0), $0.1, type) }
    let h = try (x.matmul(p[0]) + p[1]).sigmoid()
    let y = try (h.matmul(p[2]) + p[3]).sigmoid()
    let error = try y - t.oneHot(depth: 3, as: type)
    let cost = try (0.5 * (error * error).sum(axes: [1])).mean()
    let loss2 = try h.matmul(p[2]).softmaxCrossEntropy(t).mean()
    let total = try cost + loss2
    let gradients = try gradient(of: total, withRespectTo: p)
    let updates = try zip(shapes, zip(p, gradients)).map { ($0.0, try $1.0 - rate * $1.1) }
    var bindings: [Leaf: Numbers<Double>] = [
      .input("x"): Numbers([7, 5], RandomKey(1).normals(35)),
      .input("t"): Numbers([7], [0, 1, 2, 0, 1, 2, 2]), .scalar("rate"): Numbers([], [0.5]),
    ]
    for (index, (name, shape)) in shapes.enumerated() {
      bindings[.parameter(name)] = Numbers(shape, RandomKey(UInt64(index + 10)).normals(shape.count))
    }
    return (builder, [total, y] + gradients, updates, bindings)
  }

  @Test(arguments: KernelPath.supported, [ScalarType.float64, .float32])
  func matchesTheInterpreter(path: KernelPath, type: ScalarType) throws {
    let (builder, outputs, updates, bindings) = try Self.network(type)
    let expected = try Interpreter<Double>(builder.graph).values(
      of: outputs + updates.map(\.value), bindings: bindings)
    for fuses in [true, false] {
      var options = PlanOptions()
      options.path = path
      options.fuses = fuses
      options.serialThreshold = 0
      let (got, state, _) = try PlanEvaluator(type, options: options, threads: 3).values(
        of: outputs, updates: updates, in: builder, bindings: bindings)
      let all = got + updates.map { state[$0.path]! }
      for (index, (a, b)) in zip(expected, all).enumerated() {
        let worst = zip(a.values, b.values).map { abs($0 - $1) / max(1, abs($0)) }.max() ?? 0
        #expect(worst <= (type == .float64 ? 1e-14 : 1e-6), "\(path), fused \(fuses), value \(index): \(b.values.prefix(3)) \(a.values.prefix(3))")
      }
    }
  }
}
