/// Other settings for the parameters whose paths fit a pattern.
///
/// In text, as behind `--rule`: `"encoder.*:rate=0.1,weight-decay=0"`, `"*.bias:freeze=1"`.
public struct ParameterRule: Sendable, Hashable, CustomStringConvertible {
  /// Which paths it is for: `*` stands for any characters, dots too; all else for itself.
  public var pattern: String
  /// What multiplies the learning rate; above 0.
  public var rateFactor: Double
  /// The decoupled decay of weights in place of every other; nil for no change.
  public var weightDecay: Double?
  /// Whether the optimiser leaves the parameters as they are.
  public var isFrozen: Bool

  /// Makes a rule.
  public init(
    _ pattern: String, rateFactor: Double = 1, weightDecay: Double? = nil, isFrozen: Bool = false
  ) {
    (self.pattern, self.rateFactor) = (pattern, rateFactor)
    (self.weightDecay, self.isFrozen) = (weightDecay, isFrozen)
  }

  /// Reads a rule: a pattern, and behind a colon `rate`, `weight-decay`, `freeze`.
  ///
  /// - Throws: ``ConfigurationError`` for an unknown option or a number out of range.
  public init(parsing text: String) throws {
    let text = try OptionText(text, kind: "rule")
    self.init(text.name)
    try text.requireOptions(["rate", "weight-decay", "freeze"])
    try text.set("rate", &rateFactor, .positive)
    weightDecay = try text.number("weight-decay", .notNegative)
    isFrozen = try text.number("freeze", .flag) == 1
  }

  /// The text form; ``init(parsing:)`` reads it back.
  public var description: String {
    let options = [
      rateFactor == 1 ? nil : ("rate", shortest(rateFactor)),
      weightDecay.map { ("weight-decay", shortest($0)) },
      isFrozen ? ("freeze", "1") : nil,
    ]
    return OptionText.text(pattern, options.compactMap { $0 })
  }

  /// Whether a path fits the pattern.
  public func fits(_ path: String) -> Bool {
    let (pattern, path) = (Array(pattern.utf8), Array(path.utf8))
    let star = UInt8(ascii: "*")
    // The last star, and where what it stands for may end.
    var (p, s, mark, end) = (0, 0, -1, 0)
    while s < path.count {
      if p < pattern.count, pattern[p] == star {
        (mark, end) = (p, s)
        p += 1
      } else if p < pattern.count, pattern[p] == path[s] {
        (p, s) = (p + 1, s + 1)
      } else if mark >= 0 {
        end += 1
        (p, s) = (mark + 1, end)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }

  func validate() throws {
    let all: [(String, Double, NumberRange)] = [
      ("rate", rateFactor, .positive), ("weight-decay", weightDecay ?? 0, .notNegative),
    ]
    for (name, value, range) in all where !range.contains(value) {
      throw ConfigurationError(
        "rule", "rule '\(pattern)': \(name) is \(shortest(value)); expected \(range.rawValue)")
    }
    guard pattern.isEmpty else { return }
    throw ConfigurationError("rule", "a rule needs a pattern of paths, as in encoder.*:rate=0.1")
  }
}

/// What parameters have in common that a rule, or none, is for.
struct ParameterGroup: Sendable, Equatable {
  var rateFactor = 1.0
  var weightDecay: Double?
}
