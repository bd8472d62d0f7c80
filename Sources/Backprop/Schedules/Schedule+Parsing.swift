extension Schedule {
  /// Every name that ``init(parsing:stepsPerEpoch:)`` knows.
  public static let allNames = ["constant", "step", "exponential", "cosine", "warmup"]

  /// Reads a schedule as the command line writes it.
  ///
  /// | text | schedule |
  /// |---|---|
  /// | `constant` | ``constant`` |
  /// | `step:every=1000,factor=0.5` | ``step(every:factor:)``; `epochs=10` in place of `every` |
  /// | `exponential:factor=0.999` | ``exponential(factor:)``, per step |
  /// | `cosine:steps=5000,minimum=0` | ``cosine(over:minimum:)``; `epochs=30` in place of `steps` |
  /// | `warmup:steps=500` | ``warmup(_:then:)``; `epochs=1` in place of `steps` |
  /// | `warmup:steps=500 then cosine:steps=4500` | one after the other |
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - stepsPerEpoch: what `epochs` stands for. Fractions of an epoch are rounded to whole steps.
  /// - Throws: ``ConfigurationError`` for an unknown name or option, or a number out of range.
  public init(parsing text: String, stepsPerEpoch: Int? = nil) throws {
    let parts = text.separated(by: " then ")
    guard parts.count <= Self.partLimit else {
      throw ConfigurationError(
        "schedule", "schedule: expected at most \(Self.partLimit) parts, found \(parts.count)")
    }
    var schedule = try Self.one(parts[parts.count - 1], stepsPerEpoch: stepsPerEpoch, then: nil)
    for part in parts.dropLast().reversed() {
      schedule = try Self.one(part, stepsPerEpoch: stepsPerEpoch, then: schedule)
    }
    self = schedule
  }

  /// The most schedules one after the other: each stands within the one before it.
  private static let partLimit = 16

  private static func one(
    _ text: String, stepsPerEpoch: Int?, then next: Schedule?
  ) throws -> Schedule {
    let text = try OptionText(text, kind: "schedule")
    guard allNames.contains(text.name) else {
      throw ConfigurationError.unknown("schedule", text.name, known: allNames)
    }
    if next != nil, text.name != "warmup" {
      throw text.error("only warmup can be followed by another schedule")
    }
    switch text.name {
    case "step":
      try text.requireOptions(["every", "epochs", "factor"])
      let factor = try text.required("factor", .positive)
      return .step(every: try text.steps("every", stepsPerEpoch), factor: factor)
    case "exponential":
      try text.requireOptions(["factor"])
      return .exponential(factor: try text.required("factor", .positive))
    case "cosine":
      try text.requireOptions(["steps", "epochs", "minimum"])
      let minimum = try text.number("minimum", .unit) ?? 0
      return .cosine(over: try text.steps("steps", stepsPerEpoch), minimum: minimum)
    case "warmup":
      try text.requireOptions(["steps", "epochs"])
      return .warmup(try text.steps("steps", stepsPerEpoch), then: next ?? .constant)
    default:
      try text.requireOptions([])
      return .constant
    }
  }
}

extension OptionText {
  fileprivate func required(_ key: String, _ range: NumberRange) throws -> Double {
    guard let value = try number(key, range) else { throw error("\(key) is missing") }
    return value
  }

  /// A number of steps, given as such or in epochs.
  fileprivate func steps(_ key: String, _ stepsPerEpoch: Int?) throws -> Int {
    let steps = try number(key, .count)
    let epochs = try number("epochs", .positive)
    switch (steps, epochs) {
    case (let steps?, nil): return Int(steps)
    case (nil, nil): throw error("\(key) or epochs is missing")
    case (_?, _?): throw error("\(key) and epochs are both given; leave one out")
    case (nil, let epochs?):
      guard let stepsPerEpoch else {
        throw error("the number of steps in an epoch is not known here; give \(key)")
      }
      let count = (epochs * Double(stepsPerEpoch)).rounded()
      guard count <= 0x1p53 else { throw error("epochs is \(shortest(epochs)): too many") }
      return max(1, Int(count))
    }
  }
}

extension String {
  /// The pieces between occurrences of a separator.
  fileprivate func separated(by separator: String) -> [String] {
    var pieces = [""]
    var rest = self[...]
    while let first = rest.first {
      if rest.hasPrefix(separator) {
        pieces.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        pieces[pieces.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return pieces
  }
}
