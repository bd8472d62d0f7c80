/// A name with options, as the command line and run files write them: `huber:delta=0.5`,
/// `adam:beta1=0.8,epsilon=1e-6`, or with one unnamed number, `constant:0.1`.
package struct OptionText: Sendable {
  /// What the name stands for in messages, as in `schedule`.
  let kind: String
  /// The part before the colon.
  let name: String
  /// The number of a text such as `constant:0.1`.
  private(set) var unnamed: Double?
  private var values: [String: Double] = [:]

  /// Reads a text.
  ///
  /// - Throws: ``ConfigurationError`` for an option without a number, or given twice.
  init(_ text: String, kind: String, adding more: [String: Double] = [:]) throws {
    self.kind = kind
    let parts = text.trimmed.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0]).trimmed
    for item in parts.count == 2 ? parts[1].split(separator: ",") : [] {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { String($0).trimmed }
      guard let number = Double(pair[pair.count - 1]), number.isFinite, pair[0] != "",
        pair.count == 2 || !parts[1].contains(where: { $0 == "=" || $0 == "," })
      else { throw error("'\(item)' is not an option with a number, such as key=0.5") }
      if pair.count == 2 { try add(pair[0], number) } else { unnamed = number }
    }
    for (key, value) in more.sorted(by: { $0.key < $1.key }) { try add(key, value) }
  }

  private mutating func add(_ key: String, _ value: Double) throws {
    guard values.updateValue(value, forKey: key) == nil else {
      throw error("the option '\(key)' is given twice")
    }
  }

  /// The text of a name with options; ``init(_:kind:adding:)`` reads it back.
  package static func text(_ name: String, _ options: [(name: String, value: Double)]) -> String {
    let items = options.map { "\($0.name)=\(shortest($0.value))" }
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
    guard let value = values[key] else { return nil }
    guard range.contains(value) else {
      throw error("\(key) is \(shortest(value)); expected \(range.rawValue)")
    }
    return value
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
  /// Any number.
  case finite = "a number"
  /// A whole number from 1 to 2⁵³.
  case count = "a whole number of at least 1"

  /// Whether a number is allowed; infinities and NaN never are.
  public func contains(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    return switch self {
    case .positive: value > 0
    case .notNegative: value >= 0
    case .fraction: value >= 0 && value < 1
    case .unit: value >= 0 && value <= 1
    case .finite: true
    case .count: value >= 1 && value <= 0x1p53 && value == value.rounded()
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
