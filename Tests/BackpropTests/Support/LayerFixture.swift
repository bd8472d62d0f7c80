import BackpropTesting
import Testing

@testable import Backprop

/// One layer in the reference numbers of `Fixtures`; the schema is in its README.
struct LayerFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name, form, layer, masks: String
  let inputs, indices, parameters, seeds, outputs, gradients, inputGradients: [String: Nested]
  let variables: [String: Nested]?

  var testDescription: String { name }

  /// The layer that the text says.
  func make() throws -> any Layer {
    try #require(!layer.isEmpty)
    return try Sequential(parsing: "[\(layer)]").layers[0].layer
  }

  /// What the layer gives for values by name.
  func outputs(_ x: [String: Value], _ scope: Scope) throws -> [String: Value] {
    func inner(_ body: (Scope) throws -> Value) throws -> [String: Value] {
      ["y": try scope("layer", body)]
    }
    switch form {
    case "unary":
      let layer = try make()
      return try inner { try layer(x["x"]!, $0) }
    case "recurrent": return try recurrent(x, scope)
    case "tied":
      let embedding = Embedding(5, features: 3)
      let place = scope.shared("shared")
      return ["y": try embedding.logits(of: embedding(x["x"]!, place).tanh(), place)]
    case "rotary-halves": return ["y": try x["x"]!.rotated(pairing: .halves)]
    case "rotary-neighbors": return ["y": try x["x"]!.rotated(pairing: .neighbors)]
    case "dot-product", "dot-product-causal":
      let isCausal = form == "dot-product-causal"
      let y = try scaledDotProductAttention(
        x["q"]!, x["k"]!, x["v"]!, mask: x["mask"], isCausal: isCausal)
      return ["y": y]
    case "self-masked":
      let layer = try #require(try make() as? MultiHeadAttention)
      let x0 = x["x"]!
      return try inner { try layer(query: x0, key: x0, value: x0, keyMask: x["keep"], $0) }
    case "cross":
      let layer = try #require(try make() as? MultiHeadAttention)
      return try inner { try layer(query: x["q"]!, key: x["k"]!, value: x["v"]!, $0) }
    case "encoder-masked":
      let layer = try #require(try make() as? TransformerEncoderBlock)
      return try inner { try layer(x["x"]!, keyMask: x["keep"], $0) }
    case "decoder":
      let encoder = try #require(try make() as? TransformerEncoderBlock)
      let decoder = TransformerDecoderBlock(
        heads: encoder.attention.heads, hidden: encoder.hidden, activation: encoder.activation,
        normalization: encoder.normalization)
      return try inner {
        try decoder(x["x"]!, memory: x["memory"]!, memoryMask: x["keep"], $0)
      }
    default: throw ConfigurationError.unknown("form", form, known: [])
    }
  }

  private func recurrent(_ x: [String: Value], _ scope: Scope) throws -> [String: Value] {
    let layer = try #require(try make() as? Recurrent)
    func list(_ name: String) -> [Value] { (0..<9).compactMap { x["\(name)\($0)"] } }
    let initial = Recurrent.State(hidden: list("hidden"), cell: list("cell"))
    let (y, last) = try scope("layer") { try layer(x["x"]!, initial: initial, $0) }
    var outputs = ["y": y]
    for (number, value) in last.hidden.enumerated() { outputs["hidden\(number)"] = value }
    for (number, value) in last.cell.enumerated() { outputs["cell\(number)"] = value }
    return outputs
  }
}

/// A layer of the reference numbers as a graph: its outputs, and the derivatives of their weighted sum.
struct TracedLayer {
  let trace = Trace(mode: .training, scalarType: .float64)
  /// Names of numbers, as the fixture has them, with their values and what they must be.
  private(set) var expectations: [(name: String, value: Value, expected: Nested)] = []
  private(set) var bindings: [Leaf: Numbers<Double>] = [:]

  init(_ fixture: LayerFixture) throws {
    let builder = trace.builder
    var leaves: [String: Value] = [:]
    func bind(_ name: String, _ numbers: Numbers<Double>, _ type: ScalarType) -> Value {
      bindings[.input(name)] = numbers
      return builder.leaf(.input(name), numbers.shape, type)
    }
    for (name, numbers) in fixture.inputs { leaves[name] = bind(name, numbers.numbers, .float64) }
    var values = leaves
    for name in fixture.masks.split(separator: " ").map(String.init) {
      values[name] = try leaves[name]?.greater(than: 0.5)
    }
    for (name, numbers) in fixture.indices { values[name] = bind(name, numbers.numbers, .int32) }
    let outputs = try fixture.outputs(values, trace.scope)
    #expect(Set(outputs.keys) == Set(fixture.outputs.keys))
    var total = builder.constant(0, .float64)
    for (name, seed) in fixture.seeds {
      let output = try #require(outputs[name])
      expectations.append((name, output, fixture.outputs[name]!))
      total = try total + (output * bind("seed \(name)", seed.numbers, .float64)).sum()
    }
    let trained = trace.declarations.filter { $0.kind != .variable }
    #expect(Set(trained.map(\.path)) == Set(fixture.parameters.keys))
    let sources = fixture.inputGradients.keys.sorted()
    let all = try gradient(
      of: total, withRespectTo: trained.map(\.value) + sources.map { leaves[$0]! })
    for (declaration, value) in zip(trained, all) {
      let path = declaration.path
      bindings[.parameter(path)] = fixture.parameters[path]?.numbers
      if let expected = fixture.gradients[path] {
        expectations.append(("∂C/∂\(path)", value, expected))
      }
    }
    for (name, value) in zip(sources, all.dropFirst(trained.count)) {
      expectations.append(("∂C/∂\(name)", value, fixture.inputGradients[name]!))
    }
    for declaration in trace.declarations where declaration.kind == .variable {
      let start = declaration.initial(declaration.shape, key: RandomKey(0))
      bindings[.variable(declaration.path)] = Numbers(declaration.shape, start)
    }
    for (path, value) in trace.updates {
      if let expected = fixture.variables?[path] { expectations.append((path, value, expected)) }
    }
  }

  /// Compares numbers with the fixture's.
  func expect(_ numbers: [Numbers<Double>], _ way: String) {
    // Some gradients are zero but for rounding, hence the absolute part.
    let close = Tolerance(relative: 1e-10, absolute: 1e-13)
    for (item, found) in zip(expectations, numbers) {
      #expect(found.shape == item.expected.numbers.shape, "\(way): \(item.name)")
      expectClose(found.values, item.expected.values, close, "\(way): \(item.name)")
    }
  }
}
