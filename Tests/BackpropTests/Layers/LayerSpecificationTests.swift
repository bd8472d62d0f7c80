import Testing

@testable import Backprop

@Suite struct LayerSpecificationTests {
  /// Every layer with each of its options off its default.
  private static let layers: [(layer: any SpecifiedLayer, text: String)] =
    [
      (
        Dense(
          7, bias: .layer, freezesBias: true, initializer: .constant(0.1),
          biasInitializer: .normal(deviation: 1e-7)),
        #"{"dense":{"units":7,"bias":"layer","freeze-biases":true,"initializer":"constant:0.1","bias-initializer":"normal:1e-07"}}"#
      ),
      (Activation.leakyRelu(slope: 0.3), #"{"leaky-relu":{"slope":0.3}}"#),
      (Activation.elu(alpha: 2), #"{"elu":{"alpha":2.0}}"#),
      (Activation.celu(alpha: 2), #"{"celu":{"alpha":2.0}}"#),
      (Activation.hardtanh(lower: -2), #"{"hardtanh":{"lower":-2.0,"upper":1.0}}"#),
      (Activation.softshrink(lambda: 0.25), #"{"softshrink":{"lambda":0.25}}"#),
      (Activation.hardshrink(lambda: 0.25), #"{"hardshrink":{"lambda":0.25}}"#),
      (Activation.threshold(at: 1, value: 2), #"{"threshold":{"at":1.0,"value":2.0}}"#),
      (GatedLinearUnit(), #""glu""#),
      (ParametricRelu(start: 0.5), #"{"prelu":{"start":0.5,"per-feature":false}}"#),
      (RandomizedRelu(lower: 0.25, upper: 0.5), #"{"rrelu":{"lower":0.25,"upper":0.5}}"#),
      (Dropout(0.7), #"{"dropout":{"rate":0.7}}"#),
      (
        BatchNorm(epsilon: 0.001, momentum: 0.01),
        #"{"batch-norm":{"epsilon":0.001,"momentum":0.01}}"#
      ),
      (ChannelDropout(0.3), #"{"channel-dropout":{"rate":0.3}}"#),
      (
        LayerNorm(axes: 2, epsilon: 0.001, parameters: .scale),
        #"{"layer-norm":{"epsilon":0.001,"axes":2,"parameters":"scale"}}"#
      ),
      (
        RMSNorm(epsilon: 0.001, parameters: .none),
        #"{"rms-norm":{"epsilon":0.001,"parameters":"none"}}"#
      ),
      (
        GroupNorm(3, epsilon: 0.001, parameters: .scale),
        #"{"group-norm":{"groups":3,"epsilon":0.001,"parameters":"scale"}}"#
      ),
      (
        InstanceNorm(epsilon: 0.001, parameters: .none),
        #"{"instance-norm":{"epsilon":0.001,"parameters":"none"}}"#
      ),
      (
        Embedding(5, features: 3, padding: 0, initializer: .constant(0.1)),
        #"{"embedding":{"count":5,"features":3,"padding":0,"initializer":"constant:0.1"}}"#
      ),
      (
        Embedding(5, features: 3),
        #"{"embedding":{"count":5,"features":3,"padding":"none","initializer":"standard-normal"}}"#
      ),
      (
        LearnedPositions(7, initializer: .zeros),
        #"{"learned-positions":{"length":7,"initializer":"zeros"}}"#
      ),
      (SinusoidalPositions(base: 50), #"{"sinusoidal-positions":{"base":50.0}}"#),
      (
        Recurrent(
          .rnn, 3, layers: 2, isBidirectional: true, output: .last, dropout: 0.1, function: .relu,
          initializer: .zeros),
        #"{"rnn":{"units":3,"layers":2,"bidirectional":true,"output":"last","dropout":0.1,"function":"relu","initializer":"zeros"}}"#
      ),
      (
        Recurrent(.lstm, 3),
        #"{"lstm":{"units":3,"layers":1,"bidirectional":false,"output":"sequence","dropout":0.0,"initializer":"glorot-uniform"}}"#
      ),
      (
        Recurrent(.gru, 3),
        #"{"gru":{"units":3,"layers":1,"bidirectional":false,"output":"sequence","dropout":0.0,"initializer":"glorot-uniform"}}"#
      ),
      (
        MultiHeadAttention(
          heads: 2, isCausal: true, dropout: 0.1, hasBias: false, rotary: .halves,
          initializer: .zeros),
        #"{"multi-head-attention":{"heads":2,"causal":true,"dropout":0.1,"biases":false,"rotary":"halves","initializer":"zeros"}}"#
      ),
      (
        TransformerEncoderBlock(
          heads: 2, hidden: 8, isCausal: true, activation: .leakyRelu(slope: 0.2), dropout: 0.1,
          normalization: .before, rotary: .neighbors, epsilon: 0.001),
        #"{"transformer-block":{"heads":2,"hidden":8,"causal":true,"activation":"leaky-relu:slope=0.2","dropout":0.1,"normalization":"before","rotary":"neighbors","epsilon":0.001}}"#
      ),
      (
        Conv2D(
          4, kernel: [3, 2], stride: 2, padding: .places([1, 0]), dilation: [1, 2], groups: 2,
          bias: .none,
          initializer: .zeros),
        #"{"conv-2d":{"channels":4,"kernel":[3,2],"stride":2,"padding":[1,0],"dilation":[1,2],"groups":2,"bias":"none","initializer":"zeros"}}"#
      ),
      (
        Conv1D(4, kernel: 3, stride: 2, padding: .same, dilation: 2, groups: 2, bias: .layer),
        #"{"conv-1d":{"channels":4,"kernel":3,"stride":2,"padding":"same","dilation":2,"groups":2,"bias":"layer","initializer":"he-uniform"}}"#
      ),
      (
        ConvTransposed2D(
          4, kernel: 3, stride: [2, 3], padding: 1, extra: [0, 1], dilation: 2, bias: .none),
        #"{"conv-transposed-2d":{"channels":4,"kernel":3,"stride":[2,3],"padding":1,"extra":[0,1],"dilation":2,"bias":"none","initializer":"he-uniform"}}"#
      ),
      (
        MaxPool2D(3, stride: [1, 2], padding: .same, dilation: 2),
        #"{"max-pool-2d":{"size":3,"stride":[1,2],"padding":"same","dilation":2}}"#
      ),
      (
        MaxPool1D(3, padding: 1),
        #"{"max-pool-1d":{"size":3,"stride":3,"padding":1,"dilation":1}}"#
      ),
      (
        AveragePool2D([2, 3], padding: 1, countsPadding: false),
        #"{"average-pool-2d":{"size":[2,3],"stride":[2,3],"padding":1,"count-padding":false}}"#
      ),
      (
        AveragePool1D(2, stride: 1),
        #"{"average-pool-1d":{"size":2,"stride":1,"padding":0,"count-padding":true}}"#
      ),
      (
        AdaptivePool2D([3, 4], .max), #"{"adaptive-pool-2d":{"size":[3,4],"pooling":"max"}}"#
      ),
      (GlobalPool(.max), #"{"global-pool":{"pooling":"max"}}"#),
      (Flatten(), #""flatten""#),
      (Reshape([4, 3, 2]), #"{"reshape":{"sizes":[4,3,2]}}"#),
      (
        Pad2D([1, 0], .reflect, value: -1.5),
        #"{"pad-2d":{"places":[1,0],"filling":"reflect","value":-1.5}}"#
      ),
      (
        Residual([("a", Activation.tanh)]), #"{"residual":{"layers":[{"tanh":{"name":"a"}}]}}"#
      ),
      (
        Parallel([("a", Activation.tanh)], combination: .add),
        #"{"parallel":{"layers":[{"tanh":{"name":"a"}}],"combination":"add"}}"#
      ),
      (
        Sequential([("a", Dense(2)), ("b", Sequential([("c", Activation.tanh)]))]),
        #"{"sequential":{"layers":[{"dense":{"name":"a","units":2,"bias":"unit","freeze-biases":false,"initializer":"glorot-uniform","bias-initializer":"zeros"}},{"sequential":{"name":"b","layers":[{"tanh":{"name":"c"}}]}}]}}"#
      ),
    ]
    + Activation.templates.filter { !withOptions.contains($0.kind) }.map {
      ($0, "\"\($0.kind)\"")
    }

  private static let withOptions = [
    "leaky-relu", "elu", "celu", "hardtanh", "softshrink", "hardshrink", "threshold",
  ]

  @Test func aLayerIsWrittenAndReadBack() throws {
    for (layer, text) in Self.layers {
      let specification = try LayerSpecification(layer)
      #expect(specification.json.text() == text)
      let network = try Sequential(parsing: "[\(text)]")
      let back = try #require(network.layers[0].layer as? any SpecifiedLayer)
      #expect(try LayerSpecification(back) == specification)
    }
    #expect(Set(Self.layers.map(\.layer.kind)) == Set(LayerRegistry.standard.kinds))
  }

  @Test func shortFormsAndNames() throws {
    let network = try Sequential(
      parsing: """
        [{"dense": 5}, "batch_norm", {"relu": null}, {"dense": {"units": "_", "name": "relu2"}},
         "relu", {"dropout": 0.5}, {"leaky-relu": {}}, {"dense": {"units": 3, "freeze_biases": true}}]
        """, outputs: 4)
    #expect(
      network.layers.map(\.name) == [
        "dense1", "batch-norm1", "relu1", "relu2", "relu3", "dropout1", "leaky-relu1", "dense3",
      ])
    let text = network.specifications.map { $0.map(\.description).joined(separator: ", ") }
    #expect(text == "dense 5, batch-norm, relu, dense 4, relu, dropout 0.5, leaky-relu, dense 3")
    #expect((network.layers[7].layer as? Dense)?.freezesBias == true)
    #expect(network.outputActivation == .identity)
  }

  @Test func theOutputActivationIsTheLast() throws {
    for (end, activation) in [
      (#""softmax""#, Activation.softmax), (#""sigmoid", {"dropout": 0.1}"#, .sigmoid),
      (#"{"sequential": [{"dense": 2}, "tanh"]}"#, .tanh), (#""relu", {"dense": 3}"#, .identity),
    ] {
      let network = try Sequential(parsing: "[{\"dense\": 4}, \(end)]")
      #expect(network.outputActivation == activation)
    }
  }

  @Test(arguments: [
    ("{}", "expected a list of layers, as in [dense: 128, relu, dense: _], found an object"),
    ("[]", "expected a list of layers, as in [dense: 128, relu, dense: _], found an empty one"),
    (
      "[3]",
      "layer 1: expected the kind of a layer, as in relu, or with options, as in dense: 128; found 3"
    ),
    (
      #"["relu", {"dense": 3, "bias": "none"}]"#,
      "layer 2: 'dense' and 'bias' stand side by side; write the options of a layer in braces, as in dense: {units: 64, bias: none}"
    ),
    (
      #"[{"dropout": {}}]"#,
      "layer 1 'dropout': rate is missing; expected a number of at least 0 and below 1"
    ),
    (
      #"[{"dropout": {"rate": 1, "name": "d"}}]"#,
      "layer 1 'd' (dropout): rate: expected a number of at least 0 and below 1, found 1"
    ),
    (
      #"[{"dense": "_"}]"#,
      "layer 1 'dense': units: expected a whole number of at least 1, found '_'"
    ),
    (
      #"[{"dense": 4294967296}]"#,
      "layer 1 'dense': units: expected a whole number of at least 1, found 4294967296"
    ),
    (
      #"[{"dense": {"units": 3, "bias": 1}}]"#,
      "layer 1 'dense': bias: expected unit, layer, none, found 1"
    ),
    (
      #"[{"dense": {"units": 3, "bias": "units"}}]"#,
      "layer 1 'dense': bias: unknown bias 'units'; did you mean 'unit'? Known: unit, layer, none"
    ),
    (
      #"[{"dense": {"units": 3, "freeze-biases": "yes"}}]"#,
      "layer 1 'dense': freeze-biases: expected true or false, found 'yes'"
    ),
    (
      #"[{"dense": {"units": 3, "initializer": "normal"}}]"#,
      "layer 1 'dense': initializer: initializer 'normal': it needs a number, as in normal:0.1"
    ),
    (
      #"[{"batch-norm": {"epsilom": 3}}]"#,
      "layer 1 'batch-norm': unknown option 'epsilom'; did you mean 'epsilon'? Known: epsilon, momentum, name"
    ),
    (#"[{"relu": 3}]"#, "layer 1 'relu': it takes no number or text, found 3"),
    (
      #"[{"dense": {"units": 1, "freeze-biases": true, "freeze_biases": true}}]"#,
      "layer 1 'dense': the option 'freeze-biases' is given twice"
    ),
    (
      #"[{"relu": {"name": "a"}}, {"tanh": {"name": "a"}}]"#,
      "layer 2 'a' (tanh): the name is that of layer 1 already"
    ),
    (
      #"[{"relu": {"name": "a.b"}}]"#,
      "layer 1 'relu': name: expected a text of at most 100 letters without a dot, found 'a.b'"
    ),
    (
      #"[{"sequential": ["relu", {"dropout": -1}]}]"#,
      "layer 1.2 'dropout': rate: expected a number of at least 0 and below 1, found -1"
    ),
    (
      #"[{"embedding": {"count": 3, "features": 2, "padding": -1}}]"#,
      "layer 1 'embedding': padding: expected a whole number of at least 0, or none, found -1"
    ),
    (
      #"[{"transformer-block": {"heads": 3, "hidden": 2, "activation": "rel"}}]"#,
      "layer 1 'transformer-block': activation: unknown activation 'rel'; did you mean 'relu'? Known: \(Activation.allNames.joined(separator: ", "))"
    ),
    (
      #"[{"sequential": []}]"#,
      "layer 1 'sequential': layers: expected a list of layers, found an array of 0"
    ),
  ]) func refusesALayer(text: String, error: String) {
    expectError(error) { _ = try Sequential(parsing: text) }
  }

  @Test func refusesAnUnknownKind() {
    let known = LayerRegistry.standard.kinds.joined(separator: ", ")
    expectError(
      "layer 1: unknown kind of layer 'dens'; did you mean 'dense'? Known: \(known)"
    ) {
      _ = try Sequential(parsing: #"["dens"]"#)
    }
  }

  @Test func anErrorHasThePlaceInTheText() throws {
    for (text, place) in [
      (#"["relu", {"dense": {"units": 1, "unit": 1}}]"#, ["1", "dense", "unit"]),
      (#"["relu", {"dense": 0}]"#, ["1", "dense"]), (#"["rel"]"#, ["0"]),
      (
        #"[{"sequential": {"layers": [{"dropout": {"rate": 3}}]}}]"#,
        ["0", "sequential", "layers", "0", "dropout", "rate"]
      ),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try Sequential(parsing: text) }
      #expect(error?.place == place)
    }
  }

  @Test func whatCannotBeWrittenHasNoForm() {
    struct Plain: Layer {
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value { x }
    }
    let own = Initializer("own") { shape, _ in [Double](repeating: 1, count: shape.count) }
    for layer: any Layer in [Plain(), Dense(3, initializer: own), Dropout(2), Dense(0)] {
      #expect(Sequential([("a", layer)]).specifications == nil)
      #expect(NetworkForm(Sequential([("a", layer)])) == nil)
    }
    #expect(Sequential([("a.b", Activation.relu)]).specifications == nil)
    #expect(Sequential([("", Activation.relu)]).specifications == nil)
  }

  @Test func validatesOutputsAndCost() throws {
    let network = try Sequential(parsing: #"[{"dense": 3}, "softmax"]"#)
    try network.validate(input: .float([2]), target: .classes(3), loss: .crossEntropy)
    expectError(
      "the network has 3 outputs, but the data has 4; end it with dense: 4 or dense: _"
    ) {
      try network.validate(input: .float([2]), target: .values([4]), loss: .crossEntropy)
    }
    expectError("the network gives [5, 3] for a sample; expected [3]") {
      try network.validate(input: .float([5, 2]), target: .classes(3), loss: .crossEntropy)
    }
    expectError(
      "softmax-cross-entropy takes logits, not the output of softmax; leave the output activation out, or use cross-entropy or binary-cross-entropy, which take activations"
    ) {
      try network.validate(input: .float([2]), target: .classes(3), loss: .softmaxCrossEntropy)
    }
    let plain = try Sequential(parsing: #"["softmax", {"dense": 3}]"#)
    let error = message {
      try plain.validate(input: .float([2]), target: .classes(3), loss: .crossEntropy)
    }
    #expect(
      error?.contains("takes activations between 0 and 1, not the output of identity") == true)
  }
}
