import BackpropCore

extension Model {
  /// The names of the two files.
  package static let fileNames = (parameters: "model.safetensors", description: "model.json")

  /// Saves the model as two files in a folder that is there; each is written in whole or not at
  /// all.
  ///
  /// A model is a folder of two files. `model.safetensors` has every parameter and variable by
  /// path, as in `hidden.weight` ([inputs, outputs]) and `hidden.bias`, in the precision it was
  /// trained in; not the slots of the optimiser. `model.json` has what it takes to use them:
  ///
  /// ```json
  /// {
  ///   "format": "backprop-model",
  ///   "format_version": 1,
  ///   "library_version": "0.1.0",
  ///   "network": "64-128-10 relu identity",
  ///   "bias": "unit",
  ///   "freeze_biases": false,
  ///   "loss": "softmax-cross-entropy",
  ///   "precision": "float32",
  ///   "input": {"kind": "float", "shape": [64]},
  ///   "target": {"kind": "classes", "count": 10},
  ///   "scaling": {"offset": [0], "scale": [0.0625]},
  ///   "target_scaling": null,
  ///   "class_names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  ///   "preprocessing": null
  /// }
  /// ```
  ///
  /// - `network` is resolved. For a ``MultilayerPerceptron`` it is text: all sizes, and the
  ///   activations of hidden layers and output. For a ``Sequential`` of ``SpecifiedLayer``s it is
  ///   the list of the layers with their names and all their options, as in
  ///   `[{"dense": {"name": "dense1", "units": 128, …}}, {"relu": {"name": "relu1"}}, …]`; see
  ///   ``LayerSpecification``. `bias` is null then, and `freeze_biases` false: each layer says its
  ///   own. For any other network it is null; ``Model/init(contentsOf:network:loss:)`` reads such a
  ///   model.
  /// - `bias` is `unit`, `layer` or `none`; `loss` a name of ``Losses``, with options as in
  ///   `huber:delta=0.5`.
  /// - A network sees (x − offset) · scale, with one number for all features or one for each; null
  ///   for no scaling. `target_scaling` is the same for numeric targets: predictions are
  ///   y / scale + offset.
  /// - `input` may also be `{"kind": "index", "shape": [128], "below": 65}`, `target`
  ///   `{"kind": "values", "shape": [3]}`; `class_names` may be null.
  /// - `preprocessing` is null but for a model that learnt from a table: then it has `inputs`, a
  ///   column each, with `mean` and `deviation` of a number or the `levels` of a text; `target`,
  ///   `missing` and `ignored`. See `Preprocessing+JSON.swift`.
  ///
  /// - Throws: ``FileError`` if a file cannot be written.
  public func save(to folder: String) throws {
    var tensors: [String: Tensor] = [:]
    for declaration in step.declarations {
      tensors[declaration.path] = state[declaration.path]
    }
    try Safetensors.write(tensors, to: "\(folder)/\(Self.fileNames.parameters)")
    let text = ModelDescription(self).json.text(pretty: true) + "\n"
    try FileIO.writeAtomically(Array(text.utf8), to: "\(folder)/\(Self.fileNames.description)")
  }

  /// Reads a model of a ``MultilayerPerceptron``, or of a ``Sequential`` of ``SpecifiedLayer``s, from
  /// its folder, such as a run's.
  ///
  /// Its ``step`` predicts and evaluates; a file holds no optimiser, so the step has plain SGD.
  ///
  /// - Parameters:
  ///   - folder: where the files are.
  ///   - layers: the kinds of layers that a file may name.
  /// - Throws: ``FileError`` if a file cannot be read; ``FormatError``, with the file and the place
  ///   in it, if one is not complete, has something unknown, or does not fit the other.
  public init(contentsOf folder: String, layers: LayerRegistry = .standard) throws {
    try self.init(ModelDescription(folder: folder, layers: layers), in: folder) {
      try FileIO.read(Self.fileNames.parameters, in: folder)
    }
  }

  /// Puts a model together of a description and the bytes of its parameters, which are not asked for
  /// if the description makes no network; `folder` stands for the place of both in errors.
  init(
    _ description: ModelDescription, in folder: String, parameters: () throws -> [UInt8]
  ) throws {
    let file = "\(folder)/\(Self.fileNames.description)"
    do {
      switch description.network {
      case .text(let network):
        let perceptron = try MultilayerPerceptron(
          network, bias: description.bias ?? .unit, freezesBias: description.freezesBias)
        try self.init(folder, description, perceptron, nil, parameters)
        return
      case .layers:
        try self.init(
          folder, description, description.sequential ?? Sequential([]), nil, parameters)
        return
      case nil: break
      }
    } catch let error where error is ShapeError || error is ConfigurationError {
      throw FormatError(
        file, .entry("'network'"),
        expected: "layers that fit each other, the cost and this machine",
        found: "\(error)")
    }
    throw FormatError(
      file, .entry("'network'"), expected: "a network in text, or a list of layers",
      found: "null, for a network of other layers; give the network to read this model")
  }

  /// Reads a model whose network, or whose cost, has no name in a file.
  ///
  /// - Parameters:
  ///   - folder: where the files are.
  ///   - network: the same network that the model was made with.
  ///   - loss: the cost; nil for the one that the file names.
  /// - Throws: as ``init(contentsOf:layers:)``, and `ShapeError` if the network does not take the file's
  ///   input.
  public init(contentsOf folder: String, network: some Layer, loss: (any Loss)? = nil) throws {
    let description = try ModelDescription(folder: folder, layers: nil)
    try self.init(folder, description, network, loss) {
      try FileIO.read(Self.fileNames.parameters, in: folder)
    }
  }

  private init(
    _ folder: String, _ description: ModelDescription, _ network: some Layer, _ loss: (any Loss)?,
    _ parameters: () throws -> [UInt8]
  ) throws {
    let cost = try loss ?? description.namedLoss()
    let step = try TrainingStep(
      network, loss: cost, optimizer: SGD(), input: description.input, target: description.target,
      precision: description.precision.scalarType, options: description.precision.options)
    let file = "\(folder)/\(Self.fileNames.parameters)"
    let tensors = try Safetensors.decode(parameters(), name: file).tensors
    try Self.check(tensors, step, file)
    // Only now: what the description asks for is as large as the file says.
    var state = TrainingState(layout: step.layout, key: RandomKey(0))
    for (path, tensor) in tensors { try state.set(path, to: tensor) }
    self.init(
      step: step, state: state, scaling: description.scaling,
      targetScaling: description.targetScaling, classNames: description.classNames,
      preprocessing: description.preprocessing)
  }

  /// Checks that a file has what the network declares, and nothing else.
  private static func check(
    _ tensors: [String: Tensor], _ step: TrainingStep, _ file: String
  ) throws(FormatError) {
    for declaration in step.declarations {
      let place = FormatError.Place.entry("tensor \(FormatError.quoted(declaration.path))")
      let expected = "\(step.precision) \(declaration.shape)"
      guard let tensor = tensors[declaration.path] else {
        throw FormatError(file, place, expected: expected, found: "nothing")
      }
      guard tensor.shape == declaration.shape, tensor.scalarType == step.precision else {
        throw FormatError(
          file, place, expected: expected, found: "\(tensor.scalarType) \(tensor.shape)")
      }
    }
    let known = Set(step.declarations.map(\.path))
    if let other = tensors.keys.filter({ !known.contains($0) }).min() {
      throw FormatError(
        file, .entry("tensor \(FormatError.quoted(other))"),
        expected: "only what the network declares", found: "a tensor it does not know")
    }
  }
}
