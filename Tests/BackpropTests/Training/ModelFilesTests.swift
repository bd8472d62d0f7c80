import Foundation
import Testing

@testable import Backprop

@Suite struct ModelFilesTests {
  /// A model of a few steps on some digits.
  static func model(
    _ text: String = "_-12-_ tanh", loss: any Loss = SoftmaxCrossEntropy(),
    bias: Dense.Bias = .unit, precision: ScalarType = .float32
  ) throws -> (model: Model, data: Dataset) {
    let data = try Dataset.digits()[0..<60]
    let specification = try NetworkSpecification(parsing: text)
      .resolved(inputs: 64, outputs: 10, loss: loss, isClassification: true)
    let network = try MultilayerPerceptron(specification, bias: bias)
    let step = try TrainingStep(
      network, loss: loss, optimizer: Adam(), input: .float([64]), target: .classes(10),
      precision: precision)
    return (try trained(step, on: data), data)
  }

  private static func trained(_ step: TrainingStep, on data: Dataset) throws -> Model {
    var state = try step.initialState(seed: 3)
    for batch in data.batches(of: 20) { try step.run(&state, batch) }
    return Model(step: step, state: state, scaling: data.scaling, classNames: data.classNames)
  }

  @Test(arguments: [
    ("_-12-_ tanh", "softmax-cross-entropy", Dense.Bias.unit, ScalarType.float32),
    ("_-12-_ tanh", "softmax-cross-entropy", .unit, .float64),
    ("_-8-6-_ leaky-relu:slope=0.2 sigmoid", "cross-entropy", .layer, .float32),
    ("_-8-_ elu:alpha=0.5", "huber:delta=0.5", .none, .float64),
    ("64-10 softmax", "half-squared-error", .unit, .float32),
  ]) func aSavedModelPredictsTheSameBits(
    text: String, loss: String, bias: Dense.Bias, precision: ScalarType
  ) throws {
    let folder = try TemporaryFolder()
    let (model, data) = try Self.model(
      text, loss: Losses.named(loss), bias: bias, precision: precision)
    try model.save(to: folder.path)
    #expect(folder.names == ["model.json", "model.safetensors"])
    let loaded = try Model(contentsOf: folder.path)
    #expect(try loaded.predict(data.inputs) == model.predict(data.inputs))
    #expect(try loaded.evaluate(on: data).loss == model.evaluate(on: data).loss)
    #expect(loaded.scaling == model.scaling)
    #expect(loaded.classNames == model.classNames)
    // Saved again, both files are the same.
    let second = try TemporaryFolder()
    try loaded.save(to: second.path)
    for name in folder.names {
      #expect(try FileIO.read("\(second.path)/\(name)") == FileIO.read("\(folder.path)/\(name)"))
    }
  }

  @Test func optimizerSlotsAreNotSaved() throws {
    let folder = try TemporaryFolder()
    try Self.model().model.save(to: folder.path)
    let tensors = try Safetensors.read("\(folder.path)/model.safetensors").tensors
    #expect(
      tensors.keys.sorted() == ["hidden.bias", "hidden.weight", "output.bias", "output.weight"])
    #expect(tensors["hidden.weight"]?.shape == [64, 12])
  }

  /// Variables of a layer are saved too.
  struct Normalized: Layer {
    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      let h = try scope("norm", BatchNorm(), scope("hidden", Dense(7), x))
      return try scope("output", Dense(10), h.relu())
    }
  }

  @Test func aModelOfOtherLayersTakesTheNetwork() throws {
    let folder = try TemporaryFolder()
    let data = try Dataset.digits()[0..<60]
    let step = try TrainingStep(
      Normalized(), loss: .softmaxCrossEntropy, optimizer: SGD(), input: .float([64]),
      target: .classes(10))
    let model = try Self.trained(step, on: data)
    try model.save(to: folder.path)
    #expect(
      message { _ = try Model(contentsOf: folder.path) }
        == "\(folder.path)/model.json: 'network': expected a network in text, or a list of layers, found null, for a "
        + "network of other layers; give the network to read this model")
    let loaded = try Model(contentsOf: folder.path, network: Normalized())
    #expect(try loaded.predict(data.inputs) == model.predict(data.inputs))
    #expect(
      message { _ = try Model(contentsOf: folder.path, network: Dense(10)) }?
        .contains("tensor 'weight': expected float32 [64, 10], found nothing") == true)
  }

  @Test(arguments: [
    ("\"backprop-model\"", "\"other\"", "'format': expected 'backprop-model', found 'other'"),
    (
      "\"format_version\": 1", "\"format_version\": 2",
      "'format_version': expected 1, the version that this library reads, found 2"
    ),
    ("\"loss\"", "\"cost\"", "'loss': expected the name of a cost, found nothing"),
    (
      "64-12-10 tanh identity", "64-12-10 tanh",
      "'network': expected a resolved network, "
        + "as in '4-8-3 relu identity', found '64-12-10 tanh': sizes or the output activation are "
        + "open"
    ),
    (
      "64-12-10", "63-12-10",
      "'network': expected 64 inputs, as 'input' says, found '63-12-10 tanh identity'"
    ),
    (
      "64-12-10", "64-12-11",
      "'network': expected 10 outputs, as 'target' says, found '64-12-11 tanh identity'"
    ),
    ("\"unit\"", "\"each\"", "'bias': expected unit, layer or none, found 'each'"),
    (
      "\"float32\"", "\"float16\"",
      "'precision': expected float32, float64 or bfloat16, found 'float16'"
    ),
    (
      "\"shape\": [64]", "\"shape\": [-64]",
      "'input.shape': expected a list of whole numbers of at least 1, with a product of at most 2^31, "
        + "found an array of 1"
    ),
    (
      "\"kind\": \"float\"", "\"kind\": \"text\"",
      "'input.kind': expected float or index, found 'text'"
    ),
    (
      "\"count\": 10", "\"count\": 0",
      "'target.count': expected a whole number of at least 1, at most 1048576, found 0"
    ),
    (
      "\"offset\": [0.0]", "\"offset\": []",
      "'scaling.scale': expected 0 finite numbers, as many as offset, 1 or more, found an array "
        + "of 1"
    ),
    ("\"0\", \"1\"", "\"1\"", "'class_names': expected 10 names, one for each class, found 9"),
    (
      "\"loss\"", "\"extra\": 1, \"loss\"",
      "'extra': expected one of the members bias, class_names, format, format_version, "
        + "freeze_biases, input, "
        + "library_version, loss, network, precision, preprocessing, scaling, target, target_scaling, found another"
    ),
    (
      "softmax-cross-entropy", "softmax",
      "'loss': expected the name of a cost, found 'softmax': unknown loss 'softmax'"
    ),
    ("\"format\"", "format", "line 2, column 3: expected a name in quotes, found 'f'"),
  ]) func malformedDescriptions(old: String, new: String, error: String) throws {
    let folder = try TemporaryFolder()
    try Self.model().model.save(to: folder.path)
    let file = "\(folder.path)/model.json"
    let text = String(decoding: try FileIO.read(file), as: UTF8.self)
    #expect(text.contains(old))
    try folder.file("model.json", Array(text.replacingOccurrences(of: old, with: new).utf8))
    let found = try #require(message { _ = try Model(contentsOf: folder.path) })
    #expect(found.hasPrefix("\(file): \(error)"), "\(found)")
  }

  @Test func parametersMustFitTheNetwork() throws {
    let folder = try TemporaryFolder()
    try Self.model().model.save(to: folder.path)
    let file = "\(folder.path)/model.safetensors"
    let good = try Safetensors.read(file).tensors
    let cases: [(String, Tensor?, String)] = [
      ("hidden.bias", nil, "'hidden.bias': expected float32 [12], found nothing"),
      (
        "hidden.bias", Tensor(zeros: [13]),
        "'hidden.bias': expected float32 [12], found float32 [13]"
      ),
      (
        "hidden.bias", Tensor(zeros: [12], scalarType: .float64),
        "'hidden.bias': expected float32 [12], found float64 [12]"
      ),
      (
        "more", Tensor(zeros: [1]),
        "'more': expected only what the network declares, found a tensor it does not know"
      ),
    ]
    for (name, tensor, error) in cases {
      var tensors = good
      tensors[name] = tensor
      try Safetensors.write(tensors, to: file)
      #expect(message { _ = try Model(contentsOf: folder.path) } == "\(file): tensor \(error)")
    }
  }
}
