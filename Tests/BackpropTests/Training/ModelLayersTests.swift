import Foundation
import Testing

@testable import Backprop

/// Models whose network is a list of layers, in their files.
@Suite struct ModelLayersTests {
  /// A layer of one's own.
  struct Gain: SpecifiedLayer {
    var start = 1.0
    static let templates = [Gain()]
    let kind = "gain"

    mutating func visit(_ options: inout LayerOptions) throws {
      try options.number("start", &start, .positive)
    }

    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      try x * scope.parameter("gain", [x.shape.last], .constant(start), role: .scale)
    }
  }

  private static func model(
    _ network: Sequential, precision: ScalarType = .float32
  ) throws -> (model: Model, data: Dataset) {
    let data = try Dataset.digits()[0..<60]
    let step = try TrainingStep(
      network, loss: .softmaxCrossEntropy, optimizer: Adam(), input: .float([64]),
      target: .classes(10), precision: precision)
    var state = try step.initialState(seed: 3)
    for batch in data.batches(of: 20) { try step.run(&state, batch) }
    let model = Model(
      step: step, state: state, scaling: data.scaling, classNames: data.classNames)
    return (model, data)
  }

  private static let mixed = Sequential([
    ("first", Dense(8, bias: .layer, initializer: .heNormal)), ("norm", BatchNorm(momentum: 0.3)),
    ("leaky", Activation.leakyRelu(slope: 0.2)), ("drop", Dropout(0.2)),
    (
      "inner",
      Sequential([
        ("a", Dense(6, bias: .none)), ("elu", Activation.elu(alpha: 0.5)),
        ("b", Dense(7, freezesBias: true, biasInitializer: .ones)),
      ])
    ), ("silu", Activation.silu), ("output", Dense(10)),
  ])

  @Test(arguments: [ScalarType.float32, .float64])
  func aSequentialMadeInSwiftIsSavedAndLoaded(precision: ScalarType) throws {
    let folder = try TemporaryFolder()
    let (model, data) = try Self.model(Self.mixed, precision: precision)
    try model.save(to: folder.path)
    let loaded = try Model(contentsOf: folder.path)
    #expect(try loaded.predict(data.inputs) == model.predict(data.inputs))
    #expect(try loaded.evaluate(on: data).loss == model.evaluate(on: data).loss)
    #expect(NetworkForm(loaded.step.network) == NetworkForm(Self.mixed))
    let second = try TemporaryFolder()
    try loaded.save(to: second.path)
    for name in folder.names {
      #expect(try FileIO.read("\(second.path)/\(name)") == FileIO.read("\(folder.path)/\(name)"))
    }
    // The loaded network starts anew as the first did.
    #expect(
      try loaded.step.initialState(seed: 5)["inner.b.bias"]
        == model.step.initialState(seed: 5)["inner.b.bias"])
  }

  @Test func aLayerOfOnesOwnNeedsItsType() throws {
    let folder = try TemporaryFolder()
    let network = Sequential([("gain", Gain(start: 2)), ("output", Dense(10))])
    let (model, data) = try Self.model(network)
    try model.save(to: folder.path)
    let found = try #require(message { _ = try Model(contentsOf: folder.path) })
    #expect(found.contains("layer 1: unknown kind of layer 'gain'"), "\(found)")
    for loaded in [
      try Model(contentsOf: folder.path, layers: .standard.adding(Gain.self)),
      try Model(contentsOf: folder.path, network: network),
    ] {
      #expect(try loaded.predict(data.inputs) == model.predict(data.inputs))
    }
  }

  private static let place = "'network': expected "

  @Test(arguments: [
    ("3", "\(place)a network in text, or a list of layers, found 3"),
    ("{}", "\(place)a network in text, or a list of layers, found an object"),
    (
      "[]",
      "\(place)a list of layers with all their options, found expected a list of layers"
    ),
    (
      #"[{"dense": "_"}]"#, "\(place)a list of layers with all their options, found layer 1 'dense'"
    ),
    (#"[{"dense": -1}]"#, "\(place)a list of layers with all their options, found layer 1 'dense'"),
    (#"[{"dense": 1e300}]"#, "\(place)a list of layers with all their options, found layer 1"),
    (#"["\u0007"]"#, "\(place)a list of layers with all their options, found layer 1: expected"),
    (#"[null]"#, "\(place)a list of layers with all their options, found layer 1: expected"),
    (#"[["relu"]]"#, "\(place)a list of layers with all their options, found layer 1: expected"),
    (#"["relu"]"#, "\(place)layers for what 'input' and 'target' say, found the network has 64"),
    (
      #"[{"dense": 2147483648}, {"dense": 2147483648}, {"dense": 10}]"#,
      "\(place)layers for what 'input' and 'target' say, found layer 'dense2.weight': scope"
    ),
    (
      #"[{"dense": 1073741824}, {"dense": 1024}, {"dense": 1073741824}, {"dense": 10}]"#,
      "\(place)layers for what 'input' and 'target' say, found layer 'dense2.weight': scope"
    ),
    (
      #"[{"dense": 1073741824}, {"dense": {"units": 10, "name": "output"}}]"#,
      "\(place)layers that fit each other, the cost and this machine, found the network and its"
    ),
    (
      #"[{"dense": {"units": 10, "name": "other"}}]"#, "tensor 'other.weight': expected float32"
    ),
  ]) func aHostileNetworkIsAFormatError(network: String, error: String) throws {
    let folder = try TemporaryFolder()
    let plain = Sequential([("output", Dense(10))])
    try Self.model(plain).model.save(to: folder.path)
    let file = "\(folder.path)/model.json"
    var members = try JSONText.parse(FileIO.read(file)[...], name: file).members ?? []
    let index = try #require(members.firstIndex { $0.name == "network" })
    members[index] = try .init("network", JSONText.parse(Array(network.utf8)[...], name: "network"))
    try folder.file("model.json", Array(JSONValue.object(members).text().utf8))
    let thrown = #expect(throws: FormatError.self) { try Model(contentsOf: folder.path) }
    #expect(thrown?.description.contains(error) == true, "\(String(describing: thrown))")
  }

  /// Whatever is changed in the list, reading gives a model or a `FormatError`.
  @Test func mutatedNetworks() throws {
    let folder = try TemporaryFolder()
    try Self.model(Self.mixed).model.save(to: folder.path)
    let file = "\(folder.path)/model.json"
    let bytes = try FileIO.read(file)
    let text = String(decoding: bytes, as: UTF8.self)
    let start = try #require(text.range(of: "\"network\""))
    let end = try #require(text.range(of: "\"bias\": null"))
    let list = text.utf8.distance(from: text.startIndex, to: start.upperBound)
    let length = text.utf8.distance(from: start.upperBound, to: end.lowerBound)
    let letters = Array("0919e.-_[]{}:,\"a\u{0}".utf8)
    var loaded = 0
    for round in 0..<400 {
      var mutant = bytes
      let numbers = RandomKey(UInt64(round)).uniforms(6)
      for change in 0...(round % 3) {
        let place = list + Int(numbers[2 * change] * Double(length))
        let letter = letters[Int(numbers[2 * change + 1] * Double(letters.count))]
        if round % 2 == 0 { mutant[place] = letter } else { mutant.insert(letter, at: place) }
      }
      try folder.file("model.json", mutant)
      do {
        _ = try Model(contentsOf: folder.path)
        loaded += 1
      } catch is FormatError {}
    }
    #expect(loaded < 400)
  }

  @Test func layersThatDoNotTakeTheInputAreAFormatError() throws {
    let folder = try TemporaryFolder()
    try Self.model(Sequential([("output", Dense(10))])).model.save(to: folder.path)
    let file = "\(folder.path)/model.json"
    let text = String(decoding: try FileIO.read(file), as: UTF8.self)
    for input in [
      #"{"kind": "index", "shape": [64], "below": 3}"#, #"{"kind": "float", "shape": []}"#,
      #"{"kind": "float", "shape": [4, 16]}"#,
      #"{"kind": "float", "shape": [1073741824, 1073741824]}"#,
    ] {
      var members = try JSONText.parse(Array(text.utf8)[...], name: file).members ?? []
      let index = try #require(members.firstIndex { $0.name == "input" })
      members[index] = try .init("input", JSONText.parse(Array(input.utf8)[...], name: "input"))
      try folder.file("model.json", Array(JSONValue.object(members).text().utf8))
      #expect(throws: FormatError.self, "\(input)") { try Model(contentsOf: folder.path) }
    }
  }
}
