/// What a comparison of somebody's explanation with the right one found.
package struct VerificationReport: Sendable {
  /// A number that is wrong.
  package struct Fault: Sendable {
    /// The name of the figure.
    package let id: String
    /// What was written, and what it should be.
    package let found, expected: Double
    /// Whether it follows from an earlier wrong number by the right formula.
    package let follows: Bool
    /// The formula, and the formula with the right numbers in.
    package let formula, numbers: String?
    /// The wrong numbers that went in.
    package let causes: [String]
    /// What kind of step it is, as in `BP1, the error of the output layer`.
    package let step: String
  }

  /// The file.
  package let file: String
  /// How many numbers were compared.
  package let compared: Int
  /// How many numbers were left open.
  package let open: Int
  package let faults: [Fault]
  /// Names that the explanation does not have.
  package let unknown: [String]

  /// Whether all numbers that are there are right, and have names that are known.
  package var isRight: Bool { faults.isEmpty && unknown.isEmpty && compared > 0 }

  /// The report, line by line.
  package var lines: [String] {
    var lines: [String] = []
    for fault in faults where !fault.follows {
      lines.append(
        "\(fault.id) is wrong: \(Digits.full(fault.found)); it should be "
          + "\(Digits.full(fault.expected)), off by \(Digits.short(fault.found - fault.expected, 3))"
      )
      lines.append("  step: \(fault.step)")
      if let formula = fault.formula, let numbers = fault.numbers {
        lines.append("  \(formula)")
        lines.append("  = \(numbers)")
      }
    }
    for fault in faults where fault.follows {
      lines.append(
        "\(fault.id) is wrong, \(Digits.full(fault.found)) in place of \(Digits.full(fault.expected)), "
          + "but follows by the right formula from \(fault.causes.joined(separator: ", "))")
    }
    if !unknown.isEmpty {
      lines.append("not known here, so not compared: \(unknown.joined(separator: ", "))")
    }
    let left = open > 0 ? "; \(open) left open" : ""
    let verdict =
      compared == 0
      ? "nothing to compare"
      : faults.isEmpty
        ? "all \(compared) numbers are right"
        : faultText
    return lines + ["\(file): \(verdict)\(left)"]
  }

  private var faultText: String {
    let own = faults.count { !$0.follows }
    let all = "\(faults.count) of \(compared) numbers"
    guard faults.count > 1 else {
      return own == 1 ? "\(all) is wrong, by a mistake of its own" : "\(all) is wrong"
    }
    return "\(all) are wrong, \(own) of them by a mistake of their own"
  }

  /// The report as an object.
  package var json: JSONValue {
    let list = faults.map { fault -> JSONValue in
      [
        "id": .string(fault.id), "found": .number(fault.found),
        "expected": .number(fault.expected), "step": .string(fault.step),
        "formula": fault.formula.map { .string($0) } ?? .null,
        "follows_from": .array(fault.causes.map { .string($0) }),
        "own_mistake": .bool(!fault.follows),
      ]
    }
    return [
      "event": "verify", "file": .string(file), "compared": .integer(compared),
      "open": .integer(open), "faults": .array(list),
      "unknown": .array(unknown.map { .string($0) }),
    ]
  }
}

extension Explanation {
  /// Compares an explanation in JSON that somebody else made with this one, number by number.
  ///
  /// Only `figures` is looked at. It is a list as in ``json(_:)``, or an object with the numbers by name;
  /// null is a number left open. A number is right if it is the right one but for rounding of the
  /// calculation, or rounded to as many digits as it has, three or more.
  ///
  /// - Throws: ``FileError`` or ``FormatError`` if the file is no such explanation, or one of
  ///   another network or cost.
  package func verify(
    contentsOf file: String, _ view: ExplanationView = ExplanationView()
  ) throws -> VerificationReport {
    try check(view)
    let value = try JSONText.parse(FileIO.read(file, limit: JSONText.sizeLimit)[...], name: file)
    if let format = value["format"], format.string != Self.format {
      throw FormatError(
        file, .entry("'format'"), expected: "'\(Self.format)'", found: format.text())
    }
    if let number = value["format_version"], number.integer != Self.formatVersion {
      throw FormatError(
        file, .entry("'format_version'"), expected: "\(Self.formatVersion)", found: number.text())
    }
    for (name, own) in [("network", network), ("loss", loss), ("order", order.rawValue)] {
      if let other = value[name]?.string, other != own {
        throw FormatError(
          file, .entry("'\(name)'"),
          expected: "'\(own)', as it is explained here; the same flags "
            + "as those of the file are needed", found: "'\(other)'")
      }
    }
    return try verify(Self.numbers(value, file), view, file: file)
  }

  /// The numbers of a file by name; nil for those left open.
  private static func numbers(
    _ value: JSONValue, _ file: String
  ) throws -> [(id: String, value: Double?)] {
    func number(_ value: JSONValue?, _ id: String) throws -> Double? {
      guard let value, value != .null else { return nil }
      guard let number = value.double else {
        throw FormatError(
          file, .entry("the value of '\(id)'"), expected: "a number or null", found: value.text())
      }
      return number
    }
    if let members = value["figures"]?.members {
      return try members.map { ($0.name, try number($0.value, $0.name)) }
    }
    guard let elements = value["figures"]?.elements else {
      throw FormatError(
        file, .entry("'figures'"), expected: "a list of figures, or an object of numbers by name",
        found: value["figures"]?.text().prefix(40).description ?? "nothing")
    }
    return try elements.map { element in
      guard let id = element["id"]?.string else {
        throw FormatError(
          file, .entry("'figures'"), expected: "an 'id' in each figure", found: "one without")
      }
      return (id, try number(element["value"], id))
    }
  }

  private func verify(
    _ numbers: [(id: String, value: Double?)], _ view: ExplanationView, file: String
  ) throws -> VerificationReport {
    let figures = figures(view)
    let known = Dictionary(figures.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let byAlias = Dictionary(aliases.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var given: [String: Double] = [:]
    var unknown: [String] = []
    var open = 0
    for (name, value) in numbers {
      let id = known[name] == nil ? byAlias[name] ?? name : name
      guard known[id] != nil else {
        unknown.append(name)
        continue
      }
      if let value { given[id] = value } else { open += 1 }
    }
    let wrong = Set(
      figures.filter { figure in
        guard let found = given[figure.id] else { return false }
        return !isRight(found, figure, given)
      }.map(\.id))
    let faults = figures.filter { wrong.contains($0.id) }.map { figure in
      let found = given[figure.id]!
      let causes = figure.uses.filter(wrong.contains)
      let derived = causes.isEmpty ? nil : figure.recomputed { given[$0] }
      // What was computed from rounded numbers has their accuracy, not more.
      let follows = derived.map {
        Self.agrees(found, $0) || ($0 - found).magnitude <= 1e-3 * ($0 - figure.value).magnitude
      }
      return VerificationReport.Fault(
        id: figure.id, found: found, expected: figure.value, follows: follows ?? false,
        formula: figure.formulaText.map { "\(figure.symbolText) = \($0)" },
        numbers: figure.numbersText, causes: causes, step: step(figure))
    }
    return VerificationReport(
      file: file, compared: given.count, open: open, faults: faults, unknown: unknown)
  }

  /// Whether a number is right. What another order of sums makes of it is: then it is near, and
  /// follows from the file's own numbers.
  private func isRight(_ found: Double, _ figure: Figure, _ given: [String: Double]) -> Bool {
    let terms = figure.uses.count
    if Self.agrees(found, figure.value, terms: terms) { return true }
    guard (found - figure.value).magnitude <= 1e-12 * figure.value.magnitude,
      let own = figure.recomputed({ given[$0] })
    else { return false }
    return Self.agrees(found, own, terms: terms)
  }

  /// Whether a number is the right one up to rounding, or rounded to its own digits.
  ///
  /// - Parameter terms: how many numbers went in; each may round the result by an ulp.
  static func agrees(_ found: Double, _ expected: Double, terms: Int = 0) -> Bool {
    guard found.isFinite else { return false }
    let difference = (found - expected).magnitude
    if difference <= Double(3 + terms) * Double.ulpOfOne * expected.magnitude { return true }
    let digits = found.magnitude.description.prefix { $0 != "e" }.drop { $0 == "0" || $0 == "." }
      .count(where: \.isNumber)
    return difference <= 0.5000001 * lastPlace(found) && digits >= 3
  }

  /// The unit of the last decimal that a number is written with.
  private static func lastPlace(_ value: Double) -> Double {
    let text = value.magnitude.description
    let parts = text.split(separator: "e")
    let decimals =
      parts[0].split(separator: ".").dropFirst().first.map { $0 == "0" ? 0 : $0.count } ?? 0
    let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - decimals
    return Double("1e\(exponent)") ?? 0
  }

  /// Which of the equations a figure is a step of, in words.
  private func step(_ figure: Figure) -> String {
    guard figure.pass == .backward else { return "\(figure.pass.rawValue) pass, \(figure.title)" }
    for dense in parts.dense.values where figure.id.hasSuffix("].gradient") {
      if figure.id.hasPrefix("\(dense.weightPath)[") { return "BP4, \(figure.title)" }
      if let bias = dense.biasPath, figure.id.hasPrefix("\(bias)[") {
        return "BP3, \(figure.title)"
      }
    }
    let isOutput = outputLayer.map { figure.isOf($0) } ?? false
    return "\(isOutput ? "BP1" : "BP2"), \(figure.title)"
  }
}
