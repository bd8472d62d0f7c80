/// # Preprocessing in a file
///
/// ```json
/// {
///   "missing": "mean",
///   "inputs": [
///     {"column": "age", "kind": "number", "mean": 38.5, "deviation": 13.2, "fill": 38.5,
///      "indicator": true},
///     {"column": "colour", "kind": "levels", "levels": ["blue", "red"], "numbers": false,
///      "indicator": false}
///   ],
///   "target": {"kind": "classes", "columns": ["kind"], "classes": ["a", "b"], "numbers": false},
///   "ignored": ["id"]
/// }
/// ```
///
/// `fill` is null where a missing field is an error or leaves its row out. `numbers` says that
/// names are told apart as numbers. A target may also be `{"kind": "values", "columns": ["y"],
/// "mean": [3.5], "deviation": [1.25]}` or `{"kind": "labels", "columns": ["a", "b"]}`.
extension Preprocessing {
  /// What a file stores.
  package var json: JSONValue {
    func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    let inputs = inputs.map { input -> JSONValue in
      let indicator = JSONValue.bool(input.hasIndicator)
      switch input.encoding {
      case .number(let scaling, let fill):
        return [
          "column": .string(input.name), "kind": "number", "mean": .number(scaling.mean),
          "deviation": .number(scaling.deviation), "fill": fill.map { .number($0) } ?? .null,
          "indicator": indicator,
        ]
      case .levels(let levels):
        return [
          "column": .string(input.name), "kind": "levels", "levels": texts(levels.names),
          "numbers": .bool(levels.areNumbers), "indicator": indicator,
        ]
      }
    }
    let target: JSONValue =
      switch self.target {
      case .classes(let levels):
        [
          "kind": "classes", "columns": texts(targets), "classes": texts(levels.names),
          "numbers": .bool(levels.areNumbers),
        ]
      case .values(let scaling):
        [
          "kind": "values", "columns": texts(targets), "mean": numbers(scaling.map(\.mean)),
          "deviation": numbers(scaling.map(\.deviation)),
        ]
      case .labels: ["kind": "labels", "columns": texts(targets)]
      }
    return [
      "missing": .string(missing.rawValue), "inputs": .array(inputs), "target": target,
      "ignored": texts(ignored),
    ]
  }

  /// Reads what ``json`` wrote.
  ///
  /// - Parameters:
  ///   - file: the file, for errors.
  ///   - path: where in it this stands.
  /// - Throws: ``FormatError`` if something is missing, left over, or makes no sense.
  package init(json: JSONValue, file: String, path: String = "") throws(FormatError) {
    var members = try JSONMembers(json, file: file, path: path)
    let policies = MissingPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    let missing = try members.required("missing", "one of \(policies)") {
      $0.string.flatMap(MissingPolicy.init(rawValue:))
    }
    let prefix = path.isEmpty ? "" : "\(path)."
    let elements = try members.required("inputs", "a list of at least one input") {
      $0.elements.flatMap { $0.isEmpty ? nil : $0 }
    }
    var inputs: [Input] = []
    for (index, element) in elements.enumerated() {
      let members = try JSONMembers(element, file: file, path: "\(prefix)inputs[\(index)]")
      inputs.append(try Self.input(members, missing))
    }
    let (target, targets) = try Self.target(members.object("target"))
    ignored = try members.required("ignored", "a list of texts", \.strings)
    try members.finish()
    let names = inputs.map(\.name) + targets
    guard Set(names).count == names.count else {
      throw members.error(
        "inputs", expected: "columns that differ from each other and from the targets",
        found: "one that comes twice")
    }
    (self.inputs, self.target, self.targets, self.missing) = (inputs, target, targets, missing)
  }

  private static func input(
    _ object: JSONMembers, _ missing: MissingPolicy
  ) throws(FormatError) -> Input {
    var members = object
    let name = try members.required("column", "a text", \.string)
    let kind = try members.required("kind", "number or levels") {
      $0.string.flatMap { $0 == "number" || $0 == "levels" ? $0 : nil }
    }
    let hasIndicator = try members.required("indicator", "true or false", \.bool)
    let encoding: Encoding
    if kind == "levels" {
      encoding = .levels(try levels("levels", &members, atLeast: 0))
    } else {
      let mean = try members.required("mean", "a finite number", \.finite)
      let scaling = try members.required("deviation", "a finite number above 0") { value in
        value.finite.flatMap { Standardization(mean: mean, deviation: $0) }
      }
      let fills = missing == .mean || missing == .median
      let fill = try members.optional("fill", "a finite number", \.finite)
      guard (fill != nil) == fills else {
        throw members.error(
          "fill", expected: fills ? "a finite number" : "null, as 'missing' is \(missing.rawValue)",
          found: fills ? "nothing" : "a number")
      }
      encoding = .number(scaling, fill: fill)
    }
    try members.finish()
    return Input(name: name, encoding: encoding, hasIndicator: hasIndicator)
  }

  private static func target(
    _ object: JSONMembers
  ) throws(FormatError) -> (Target, [String]) {
    var members = object
    let kind = try members.required("kind", "classes, values or labels") {
      $0.string.flatMap(TableSchema.Target.init(rawValue:))
    }
    let columns = try members.required(
      "columns", kind == .classes ? "a list of one text" : "a list of texts that differ"
    ) { value in
      value.strings.flatMap { names in
        let isGood = kind == .classes ? names.count == 1 : !names.isEmpty
        return isGood && Set(names).count == names.count ? names : nil
      }
    }
    let target: Target
    switch kind {
    case .classes: target = .classes(try levels("classes", &members, atLeast: 2))
    case .labels: target = .labels
    case .values:
      let expected = "\(columns.count) finite numbers, one for each column"
      let means = try members.required("mean", expected) { $0.finites(columns.count) }
      let deviations = try members.required("deviation", "\(expected), above 0") {
        $0.finites(columns.count).flatMap { $0.allSatisfy { $0 > 0 } ? $0 : nil }
      }
      target = .values(
        zip(means, deviations).compactMap { Standardization(mean: $0, deviation: $1) })
    }
    try members.finish()
    return (target, columns)
  }

  private static func levels(
    _ name: String, _ members: inout JSONMembers, atLeast count: Int
  ) throws(FormatError) -> Levels {
    let areNumbers = try members.required("numbers", "true or false", \.bool)
    let what = areNumbers ? "numbers in texts" : "texts"
    return try members.required(name, "\(count > 0 ? "two or more " : "")\(what) that differ") {
      $0.strings.flatMap {
        $0.count >= count ? Levels($0, areNumbers: areNumbers) : nil
      }
    }
  }
}

extension JSONValue {
  fileprivate var finite: Double? { double.flatMap { $0.isFinite ? $0 : nil } }

  fileprivate func finites(_ count: Int) -> [Double]? {
    let numbers = elements?.compactMap(\.finite)
    return numbers?.count == count && elements?.count == count ? numbers : nil
  }
}
