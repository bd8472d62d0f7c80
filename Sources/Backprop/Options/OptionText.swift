/// A name with options, as the command line and run files write them: `huber:delta=0.5`,
/// `adam:beta1=0.8,epsilon=1e-6`, several numbers in one option as in `class-weights=1:2:5`, or with
/// one unnamed number, `constant:0.1`.
package struct OptionText: Sendable {
  /// What the name stands for in messages, as in `schedule`.
  let kind: String
  /// The part before the colon.
  let name: String
  /// The number of a text such as `constant:0.1`.
  private(set) var unnamed: Double?
  private var values: [String: Value] = [:]

  /// What stands behind an equals sign, or a number given in code.
  private enum Value { case text(String), number(Double) }

  /// Reads a text.
  ///
  /// - Throws: ``ConfigurationError`` for an option without a value, or given twice.
  init(_ text: String, kind: String, adding more: [String: Double] = [:]) throws {
    self.kind = kind
    let parts = text.trimmed.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0]).trimmed
    for item in parts.count == 2 ? parts[1].split(separator: ",") : [] {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { String($0).trimmed }
      guard !pair.contains("") else { throw notANumber(String(item)) }
      if pair.count == 2 {
        try add(pair[0], .text(pair[1]))
        continue
      }
      guard let number = Double(pair[0]), number.isFinite,
        !parts[1].contains(where: { $0 == "=" || $0 == "," })
      else { throw notANumber(String(item)) }
      unnamed = number
    }
    for (key, value) in more.sorted(by: { $0.key < $1.key }) { try add(key, .number(value)) }
  }

  private func notANumber(_ item: String) -> ConfigurationError {
    error("'\(item)' is not an option with a number, such as key=0.5")
  }

  private mutating func add(_ key: String, _ value: Value) throws {
    guard values.updateValue(value, forKey: key) == nil else {
      throw error("the option '\(key)' is given twice")
    }
  }

  /// The text of a name with options; ``init(_:kind:adding:)`` reads it back.
  package static func text(_ name: String, _ options: [(name: String, value: String)]) -> String {
    let items = options.map { "\($0.name)=\($0.value)" }
    return items.isEmpty ? name : "\(name):\(items.joined(separator: ","))"
  }

  /// An error that begins with what the text is about: `schedule 'step': …`.
  func error(_ message: String) -> ConfigurationError {
    ConfigurationError(kind, "\(kind) '\(name)': \(message)")
  }

  /// Checks that every option is one of the known ones, and that there is no unnamed number.
  func requireOptions(_ known: [String]) throws {
    if let unnamed { throw error("the number \(unnamed) needs a name: \(listed(known))") }
    try requireNames(known)
  }

  /// Checks that there is one unnamed number at most, and nothing else.
  func requireUnnamedOnly() throws { try requireNames([]) }

  private func requireNames(_ known: [String]) throws {
    for key in values.keys.sorted() where !known.contains(key) {
      if known.isEmpty { throw error("it has no option '\(key)'") }
      let guess = nearest(to: key, among: known).map { "; did you mean '\($0)'?" }
      throw error(
        "unknown option '\(key)'\(guess.map { $0 + " Known" } ?? "; known"): \(listed(known))")
    }
  }

  private func listed(_ names: [String]) -> String {
    names.isEmpty ? "it has no options" : names.joined(separator: ", ")
  }

  /// The number of an option, or nil if it is not given.
  ///
  /// - Throws: ``ConfigurationError`` if it is outside the range.
  func number(_ key: String, _ range: NumberRange) throws -> Double? {
    guard let numbers = try numbers(key, range) else { return nil }
    guard numbers.count == 1 else {
      throw error("\(key) is \(numbers.count) numbers; expected \(range.rawValue)")
    }
    return numbers[0]
  }

  /// The numbers of an option, with colons between, or nil if it is not given.
  ///
  /// - Throws: ``ConfigurationError`` if one is outside the range.
  func numbers(_ key: String, _ range: NumberRange) throws -> [Double]? {
    let numbers: [Double]
    switch values[key] {
    case nil: return nil
    case .number(let value): numbers = [value]
    case .text(let text):
      numbers = try text.split(separator: ":", omittingEmptySubsequences: false).map { part in
        guard let number = Double(String(part).trimmed), number.isFinite else {
          throw notANumber("\(key)=\(text)")
        }
        return number
      }
    }
    if let value = numbers.first(where: { !range.contains($0) }) {
      throw error("\(key) is \(shortest(value)); expected \(range.rawValue)")
    }
    return numbers
  }

  /// The word of an option, or nil if it is not given.
  ///
  /// - Throws: ``ConfigurationError`` if it is a number.
  func word(_ key: String) throws -> String? {
    switch values[key] {
    case nil: return nil
    case .text(let text): return text
    case .number(let value): throw error("\(key) is \(shortest(value)); expected a name")
    }
  }

  /// Gives a variable the number of an option, if it is given.
  func set(_ key: String, _ target: inout Double, _ range: NumberRange) throws {
    if let value = try number(key, range) { target = value }
  }
}

/// What a number may be, in the words of messages.
public enum NumberRange: String, Sendable {
  /// Above 0.
  case positive = "a number above 0"
  /// At least 0.
  case notNegative = "a number of at least 0"
  /// At least 0, below 1.
  case fraction = "a number of at least 0 and below 1"
  /// From 0 to 1.
  case unit = "a number from 0 to 1"
  /// A whole number from 1 to 2⁵³.
  case count = "a whole number of at least 1"
  /// A whole number from 0 to 2³¹ − 1.
  case index = "a whole number of at least 0"
  /// 0 or 1: no or yes.
  case flag = "0 or 1"
  /// Any number.
  case finite = "a number"
  /// Above 1.
  case aboveOne = "a number above 1"

  /// Whether a number is allowed; infinities and NaN never are.
  public func contains(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    return switch self {
    case .positive: value > 0
    case .notNegative: value >= 0
    case .fraction: value >= 0 && value < 1
    case .unit: value >= 0 && value <= 1
    case .count: value >= 1 && value <= 0x1p53 && value == value.rounded()
    case .index: value >= 0 && value < 0x1p31 && value == value.rounded()
    case .flag: value == 0 || value == 1
    case .finite: true
    case .aboveOne: value > 1
    }
  }
}

/// A number as one would write it: `3`, not `3.0`.
func shortest(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}

extension String {
  /// Without white space at either end.
  var trimmed: String {
    let rest = drop(while: \.isWhitespace)
    return String(rest.prefix(rest.count - rest.reversed().prefix(while: \.isWhitespace).count))
  }
}
