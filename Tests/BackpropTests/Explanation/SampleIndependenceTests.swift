import BackpropCore
import Testing

@testable import Backprop

@Suite struct SampleIndependenceTests {
  /// What a network does to a batch [4, 3], and whether its rows stay apart.
  static let cases: [(String, @Sendable (Value, Value) throws -> Value, SampleIndependence.Kind)] =
    [
      ("a product with weights", { x, w in try x.matmul(w) }, .bySample),
      ("an activation", { x, _ in try x.gelu(.exact) }, .bySample),
      ("softmax", { x, _ in try x.softmax() }, .bySample),
      ("a sum over features", { x, _ in try x.sum(axes: [-1], keepingAxes: true) }, .bySample),
      ("a sum over samples", { x, _ in try x - x.mean(axes: [0]) }, .mixed),
      ("a sum over all", { x, _ in try x * x.sum() }, .mixed),
      ("a product with itself", { x, _ in try x.matmul(x, transposeB: true) }, .mixed),
      ("a transpose", { x, _ in try x.transposed() }, .mixed),
      ("another shape", { x, _ in try x.reshaped(to: [4, 1, 3]) }, .bySample),
      (
        "rows side by side", { x, _ in try x.reshaped(to: [1, 12]).relu().reshaped(to: [4, 3]) },
        .mixed
      ),
      ("weights alone", { _, w in try w * w }, .free),
      ("samples behind each other", { x, _ in try x.concatenated(with: [x], axis: 0) }, .mixed),
      ("features behind each other", { x, _ in try x.concatenated(with: [x], axis: 1) }, .bySample),
    ]

  @Test(arguments: cases.map(\.0))
  func `rows stay apart or mix`(_ name: String) throws {
    let (_, build, kind) = Self.cases.first { $0.0 == name }!
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [4, 3], .float64)
    let w = builder.leaf(.parameter("w"), [3, 3], .float64)
    let y = try build(x, w)
    let found = SampleIndependence(builder.graph, upTo: y.id, batch: 4).kinds[y.id]
    #expect(found == kind)
  }
}
