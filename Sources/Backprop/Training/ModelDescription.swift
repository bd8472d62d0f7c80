import BackpropCore

/// What `model.json` says; see `Model+Files.swift` for the format.
struct ModelDescription {
  static let format = "backprop-model"
  static let formatVersion = 1

  private let file: String
  /// Resolved; nil for a network without a form in files.
  let network: NetworkForm?
  /// The network of a list of layers, once read.
  private(set) var sequential: Sequential?
  let bias: Dense.Bias?
  let freezesBias: Bool
  let loss: String
  let precision: Precision
  let input: InputSpecification
  let target: TargetSpecification
  let scaling: Scaling?
  let targetScaling: Scaling?
  let classNames: [String]?
  let preprocessing: Preprocessing?

  /// Describes a model.
  init(_ model: Model) {
    let step = model.step
    let perceptron = step.network as? MultilayerPerceptron
    file = Model.fileNames.description
    (network, bias) = (NetworkForm(step.network), perceptron?.bias)
    freezesBias = perceptron?.freezesBias ?? false
    loss = step.loss.text
    (precision, input, target) = (step.namedPrecision, step.input, step.target)
    (scaling, classNames) = (model.scaling, model.classNames)
    (targetScaling, preprocessing) = (model.targetScaling, model.preprocessing)
  }

  /// The cost by its name.
  func namedLoss() throws -> any Loss {
    do {
      return try Losses.named(loss)
    } catch let error as ConfigurationError {
      throw FormatError(
        file, .entry("'loss'"), expected: "the name of a cost",
        found: "\(FormatError.quoted(loss)): \(error.message)")
    }
  }

  /// The file's content.
  var json: JSONValue {
    func sizes(_ shape: Shape) -> JSONValue { .array(shape.sizes.map { .integer($0) }) }
    func numbers(_ values: [Float]) -> JSONValue { .array(values.map { JSONValue($0) }) }
    let input: JSONValue =
      switch self.input {
      case .float(let shape): ["kind": "float", "shape": sizes(shape)]
      case .index(let shape, let below):
        ["kind": "index", "shape": sizes(shape), "below": .integer(below)]
      }
    let target: JSONValue =
      switch self.target {
      case .classes(let count, []): ["kind": "classes", "count": .integer(count)]
      case .classes(let count, let positions):
        ["kind": "classes", "count": .integer(count), "positions": sizes(positions)]
      case .values(let shape): ["kind": "values", "shape": sizes(shape)]
      }
    return [
      "format": .string(Self.format), "format_version": .integer(Self.formatVersion),
      "library_version": .string(version),
      "network": network?.json ?? .null,
      "bias": bias.map { .string($0.rawValue) } ?? .null,
      "freeze_biases": .bool(freezesBias), "loss": .string(loss),
      "precision": .string(precision.rawValue), "input": input, "target": target,
      "scaling": scaling.map { ["offset": numbers($0.offset), "scale": numbers($0.scale)] }
        ?? .null,
      "target_scaling": targetScaling.map {
        ["offset": numbers($0.offset), "scale": numbers($0.scale)]
      } ?? .null,
      "class_names": classNames.map { .array($0.map { .string($0) }) } ?? .null,
      "preprocessing": preprocessing?.json ?? .null,
    ]
  }
}

extension ModelDescription {
  /// Reads and checks the file of a folder.
  ///
  /// - Parameters:
  ///   - folder: where it is.
  ///   - layers: the kinds that it may name; nil if its list of layers is not read.
  /// - Throws: ``FileError``, ``FormatError``.
  init(folder: String, layers: LayerRegistry?) throws {
    let name = Model.fileNames.description
    try self.init(
      FileIO.read(name, in: folder, limit: JSONText.sizeLimit), file: "\(folder)/\(name)",
      layers: layers)
  }

  /// Reads and checks a file's bytes; `file` stands for it in errors.
  init(_ bytes: [UInt8], file: String, layers: LayerRegistry?) throws {
    let value = try JSONText.parse(bytes[...], name: file)
    var members = try JSONMembers(value, file: file)
    self.file = file
    try members.checkFormat(Self.format, version: Self.formatVersion)
    _ = try members.required("library_version", "a text", \.string)
    (network, sequential) = try Self.network(&members, layers)
    bias = try members.optional("bias", "unit, layer or none") {
      $0.string.flatMap(Dense.Bias.init(rawValue:))
    }
    freezesBias = try members.required("freeze_biases", "true or false", \.bool)
    loss = try members.required("loss", "the name of a cost", \.string)
    precision = try members.required("precision", "float32, float64 or bfloat16") {
      $0.string.flatMap { Precision(rawValue: $0) }
    }
    input = try Self.input(members.object("input"))
    target = try Self.target(members.object("target"))
    scaling = try members.optionalObject("scaling").map { try Self.scaling($0) }
    targetScaling = try members.optionalObject("target_scaling").map { try Self.scaling($0) }
    classNames = try members.optional("class_names", "a list of texts", \.strings)
    if let classNames, case .classes(let count, _) = target, classNames.count != count {
      throw members.error(
        "class_names", expected: "\(count) names, one for each class", found: "\(classNames.count)")
    }
    preprocessing = try members.optional("preprocessing", "a JSON object") { $0 }.map {
      try Preprocessing(json: $0, file: file, path: "preprocessing")
    }
    try checkFit(members)
    try members.finish()
  }

  private static func network(
    _ members: inout JSONMembers, _ layers: LayerRegistry?
  ) throws -> (NetworkForm?, Sequential?) {
    let value = try members.optional("network", "a network in text, or a list of layers") {
      $0.string == nil && $0.elements == nil ? nil : $0
    }
    guard let value else { return (nil, nil) }
    do {
      if value.elements != nil {
        guard let layers else { return (nil, nil) }
        let network = try Sequential(json: value, outputs: nil, registry: layers)
        return (NetworkForm(network), network)
      }
      let network = try NetworkSpecification(parsing: value.string ?? "")
      if network.isResolved { return (.text(network), nil) }
      throw ConfigurationError("network", "sizes or the output activation are open")
    } catch let error as ConfigurationError {
      let text = value.string.map { FormatError.quoted($0) + ": " } ?? ""
      throw members.error(
        "network",
        expected: value.string == nil
          ? "a list of layers with all their options"
          : "a resolved network, as in '4-8-3 relu identity'", found: text + error.message)
    }
  }

  private static func input(_ object: JSONMembers) throws -> InputSpecification {
    var members = object
    let kind = try members.required("kind", "float or index", \.string)
    let shape = try Self.shape(&members)
    guard kind == "index" else {
      guard kind == "float" else {
        throw members.error("kind", expected: "float or index", found: FormatError.quoted(kind))
      }
      try members.finish()
      return .float(shape)
    }
    let below = try members.required("below", "a whole number from 1 to 2^31") {
      $0.integer.flatMap { (1...1 << 31).contains($0) ? $0 : nil }
    }
    try members.finish()
    return .index(shape, below: below)
  }

  private static func target(_ object: JSONMembers) throws -> TargetSpecification {
    var members = object
    let kind = try members.required("kind", "classes or values", \.string)
    switch kind {
    case "classes":
      let count = try members.required(
        "count", "a whole number of at least 1, at most \(Dataset.classLimit)"
      ) { $0.integer.flatMap { (1...Dataset.classLimit).contains($0) ? $0 : nil } }
      let positions = try Self.optionalShape(&members, "positions") ?? []
      try members.finish()
      return .classes(count, positions: positions)
    case "values":
      let shape = try Self.shape(&members)
      try members.finish()
      return .values(shape)
    default:
      throw members.error("kind", expected: "classes or values", found: FormatError.quoted(kind))
    }
  }

  private static func shape(_ members: inout JSONMembers) throws -> Shape {
    try members.required("shape", shapeText, saneShape)
  }

  private static func optionalShape(_ members: inout JSONMembers, _ name: String) throws -> Shape? {
    try members.optional(name, shapeText, saneShape)
  }

  private static let shapeText =
    "a list of whole numbers of at least 1, with a product of at most 2^31"

  private static func saneShape(_ value: JSONValue) -> Shape? {
    value.counts.flatMap { sizes in
      let size = Shape.byteCount(sizes, .uint8)
      let isSane = sizes.allSatisfy { $0 >= 1 } && sizes.count <= NPY.axisLimit
      return isSane && size.map { $0 <= 1 << 31 } == true ? Shape(sizes) : nil
    }
  }

  private static func scaling(_ object: JSONMembers) throws -> Scaling {
    var members = object
    let offset = try members.required("offset", "a list of finite numbers", \.floats)
    let scale = try members.required(
      "scale", "\(offset.count) finite numbers, as many as offset, 1 or more"
    ) { $0.floats.flatMap { $0.count == offset.count && !$0.isEmpty ? $0 : nil } }
    try members.finish()
    return try Scaling(offset: offset, scale: scale)
  }

  /// Checks that network, input, target and scaling have the same sizes.
  private func checkFit(_ members: JSONMembers) throws {
    if case .text(let network) = network {
      for (what, size, number, name) in [
        ("inputs", network.sizes.first, input.shape.count, "input"),
        ("outputs", network.sizes.last, target.outputs, "target"),
      ] where size != number {
        throw members.error(
          "network", expected: "\(number) \(what), as '\(name)' says",
          found: FormatError.quoted(network.description))
      }
    }
    do {
      try sequential?.checkOutputs(input: input, target: target)
    } catch let error where error is ShapeError || error is ConfigurationError {
      throw members.error(
        "network", expected: "layers for what 'input' and 'target' say", found: "\(error)")
    }
    if let scaling, scaling.offset.count != 1, scaling.offset.count != input.shape.count {
      throw members.error(
        "scaling", expected: "1 or \(input.shape.count) numbers",
        found: "\(scaling.offset.count)")
    }
    try checkTarget(members)
    if let preprocessing {
      let isFit =
        preprocessing.featureCount == input.shape.count
        && preprocessing.targetSpecification == target && preprocessing.classNames == classNames
        && preprocessing.networkTargetScaling == targetScaling
      guard isFit else {
        throw members.error(
          "preprocessing", expected: "what 'input', 'target' and 'class_names' say",
          found: "other sizes, names or scalings")
      }
    }
  }
  /// Checks that what is said of outputs goes with the kind of target.
  private func checkTarget(_ members: JSONMembers) throws(FormatError) {
    guard case .values(let shape) = target else {
      guard targetScaling == nil else {
        throw members.error(
          "target_scaling", expected: "null, as 'target' is classes", found: "an object")
      }
      return
    }
    if let classNames {
      throw members.error(
        "class_names", expected: "null, as 'target' is values", found: "\(classNames.count) names")
    }
    if let count = targetScaling?.offset.count, count != 1, count != shape.count {
      throw members.error(
        "target_scaling", expected: "1 or \(shape.count) numbers", found: "\(count)")
    }
  }
}
