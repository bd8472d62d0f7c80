extension Preprocessing {
  /// This preprocessing as JSON:
  ///
  /// ```json
  /// {
  ///   "inputs": [
  ///     {"column": "age", "kind": "number", "mean": 41.5, "deviation": 12.25, "fill": null,
  ///      "indicator": false},
  ///     {"column": "colour", "kind": "levels", "levels": ["blue", "red"], "numbers": false,
  ///      "indicator": false}
  ///   ],
  ///   "targets": ["price"],
  ///   "target": {"kind": "values", "mean": [20.5], "deviation": [8.125]},
  ///   "missing": "error",
  ///   "ignored": ["name"]
  /// }
  /// ```
  ///
  /// A target of `classes` has `levels` and `numbers`, one of `labels` nothing more. Numbers have
  /// the digits that read back to the same bits.
  package var json: JSONValue {
    let target: JSONValue =
      switch self.target {
      case .classes(let levels): .object([.init("kind", "classes")] + Self.members(levels))
      case .labels: ["kind": "labels"]
      case .values(let scaling):
        [
          "kind": "values", "mean": .array(scaling.map { .number($0.mean) }),
          "deviation": .array(scaling.map { .number($0.deviation) }),
        ]
      }
    return [
      "inputs": .array(inputs.map(Self.json)), "targets": .array(targets.map { .string($0) }),
      "target": target, "missing": .string(missing.rawValue),
      "ignored": .array(ignored.map { .string($0) }),
    ]
  }

  private static func members(_ levels: Levels) -> [JSONValue.Member] {
    [
      .init("levels", .array(levels.names.map { .string($0) })),
      .init("numbers", .bool(levels.areNumbers)),
    ]
  }

  private static func json(_ input: Input) -> JSONValue {
    var members: [JSONValue.Member] = [.init("column", .string(input.name))]
    switch input.encoding {
    case .number(let scaling, let fill):
      members += [
        .init("kind", "number"), .init("mean", .number(scaling.mean)),
        .init("deviation", .number(scaling.deviation)),
        .init("fill", fill.map { .number($0) } ?? .null),
      ]
    case .levels(let levels): members += [.init("kind", "levels")] + Self.members(levels)
    }
    return .object(members + [.init("indicator", .bool(input.hasIndicator))])
  }

  /// Reads a preprocessing.
  ///
  /// - Throws: ``FormatError`` if a member is missing, unknown or of the wrong kind, or they do not
  ///   fit each other.
  package init(_ object: JSONMembers) throws(FormatError) {
    var members = object
    let elements = try members.required("inputs", "a list of inputs, one or more") {
      $0.elements.flatMap { $0.isEmpty ? nil : $0 }
    }
    var inputs: [Input] = []
    for (index, element) in elements.enumerated() {
      let input = try Self.input(members.element(element, "inputs[\(index)]"))
      inputs.append(input)
    }
    targets = try members.required("targets", "a list of names, one or more") {
      $0.strings.flatMap { $0.isEmpty ? nil : $0 }
    }
    target = try Self.target(members.object("target"), count: targets.count)
    missing = try members.required("missing", "error, mean, median or drop") {
      $0.string.flatMap(MissingPolicy.init(rawValue:))
    }
    ignored = try members.required("ignored", "a list of names", \.strings)
    self.inputs = inputs
    let names = inputs.map(\.name) + targets
    guard Set(names).count == names.count else {
      throw members.error("inputs", expected: "names of columns that differ", found: "one twice")
    }
    try members.finish()
  }

  private static func input(_ object: JSONMembers) throws(FormatError) -> Input {
    var members = object
    let name = try members.required("column", "the name of a column", \.string)
    let hasIndicator = try members.required("indicator", "true or false", \.bool)
    let encoding: Encoding
    switch try members.required("kind", "number or levels", \.string) {
    case "number":
      let mean = try members.required("mean", "a number", \.double)
      let scaling = try members.required("deviation", "a number above 0") {
        $0.double.flatMap { Standardization(mean: mean, deviation: $0) }
      }
      encoding = .number(scaling, fill: try members.optional("fill", "a number", \.double))
    case "levels": encoding = .levels(try levels(&members))
    case let other:
      throw members.error("kind", expected: "number or levels", found: FormatError.quoted(other))
    }
    try members.finish()
    return Input(name: name, encoding: encoding, hasIndicator: hasIndicator)
  }

  private static func target(
    _ object: JSONMembers, count: Int
  ) throws(FormatError) -> Target {
    var members = object
    let target: Target
    switch try members.required("kind", "classes, values or labels", \.string) {
    case "classes":
      guard count == 1 else {
        throw members.error(
          "kind", expected: "values or labels for \(count) targets", found: "classes")
      }
      target = .classes(try levels(&members))
    case "labels": target = .labels
    case "values":
      let means = try members.required("mean", "\(count) numbers", numbers(count))
      let deviations = try members.required("deviation", "\(count) numbers", numbers(count))
      let scaling = zip(means, deviations).compactMap { Standardization(mean: $0, deviation: $1) }
      guard scaling.count == count else {
        throw members.error("deviation", expected: "numbers above 0", found: "another")
      }
      target = .values(scaling)
    case let other:
      throw members.error(
        "kind", expected: "classes, values or labels", found: FormatError.quoted(other))
    }
    try members.finish()
    return target
  }

  private static func numbers(_ count: Int) -> (JSONValue) -> [Double]? {
    { value in
      let numbers = value.elements?.compactMap(\.double)
      return numbers?.count == count && value.elements?.count == count ? numbers : nil
    }
  }

  private static func levels(_ members: inout JSONMembers) throws(FormatError) -> Levels {
    let areNumbers = try members.required("numbers", "true or false", \.bool)
    return try members.required("levels", "names that differ") {
      $0.strings.flatMap { Levels($0, areNumbers: areNumbers) }
    }
  }
}
