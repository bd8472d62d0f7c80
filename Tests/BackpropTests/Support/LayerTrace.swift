@testable import Backprop

/// A layer traced in float64 under the path `layer`, on an input `x`.
struct LayerTrace {
  let trace: Trace
  let input, output: Value

  init(
    _ layer: any Layer, _ shape: Shape, type: ScalarType = .float64, mode: Mode = .training
  ) throws {
    trace = Trace(mode: mode, scalarType: .float64)
    let x = trace.builder.leaf(.input("x"), shape, type)
    input = x
    output = try trace.scope("layer") { try layer(x, $0) }
  }

  /// Numbers of values of the graph, for an input, and parameters as they start but where told.
  func values(
    of outputs: [Value], x: [Double], _ parameters: [String: [Double]] = [:], seed: UInt64 = 7
  ) throws -> [[Double]] {
    var bindings: [Leaf: Numbers<Double>] = [.input("x"): Numbers(input.shape, x)]
    for item in trace.declarations {
      let start =
        parameters[item.path] ?? item.initial(item.shape, key: RandomKey(seed).folded(item.path))
      let leaf: Leaf = item.kind == .variable ? .variable(item.path) : .parameter(item.path)
      bindings[leaf] = Numbers(item.shape, start)
    }
    for path in trace.keys.keys {
      let key = RandomKey(seed).folded(path)
      bindings[.key(path)] = Numbers([2], [Double(key.words[0]), Double(key.words[1])])
    }
    return try Interpreter<Double>(trace.builder.graph).values(of: outputs, bindings: bindings)
      .map(\.values)
  }

  /// The output for an input.
  func output(_ x: [Double], _ parameters: [String: [Double]] = [:]) throws -> [Double] {
    try values(of: [output], x: x, parameters)[0]
  }
}

/// Numbers that differ from each other, the same each time.
func someNumbers(_ count: Int, seed: UInt64 = 11) -> [Double] { RandomKey(seed).normals(count) }
