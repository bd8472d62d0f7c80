extension Schedule {
  /// Every name that ``init(parsing:stepsPerEpoch:)`` knows.
  public static let allNames = [
    "constant", "step", "exponential", "cosine", "warmup", "cosine-restarts", "one-cycle",
    "polynomial", "inverse-square-root", "plateau",
  ]

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
  /// | `cosine-restarts:steps=1000,growth=2,minimum=0` | ``cosineRestarts(first:growth:minimum:)``; `epochs` in place of `steps` |
  /// | `one-cycle:steps=5000,rise=0.3,start=0.04,end=4e-6` | ``oneCycle(over:rise:start:end:)``; `epochs` in place of `steps` |
  /// | `polynomial:steps=5000,power=1,minimum=0` | ``polynomial(over:power:minimum:)``; `epochs` in place of `steps` |
  /// | `inverse-square-root:steps=4000` | ``inverseSquareRoot(_:)``; `epochs` in place of `steps` |
  /// | `plateau:factor=0.1,patience=10,threshold=0.0001,cooldown=0,minimum=0` | ``plateau(_:)``, counting epochs |
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
    case "cosine-restarts":
      try text.requireOptions(["steps", "epochs", "growth", "minimum"])
      return .cosineRestarts(
        first: try text.steps("steps", stepsPerEpoch),
        growth: Int(try text.number("growth", .count) ?? 1),
        minimum: try text.number("minimum", .unit) ?? 0)
    case "one-cycle":
      try text.requireOptions(["steps", "epochs", "rise", "start", "end"])
      return .oneCycle(
        over: try text.steps("steps", stepsPerEpoch),
        rise: try text.number("rise", .unit) ?? 0.3,
        start: try text.number("start", .unit) ?? 0.04, end: try text.number("end", .unit) ?? 4e-6)
    case "polynomial":
      try text.requireOptions(["steps", "epochs", "power", "minimum"])
      let power = try text.number("power", .positive) ?? 1
      guard isHalfInteger(power) else {
        throw text.error("power is \(shortest(power)); expected a multiple of 0.5, at most 1000")
      }
      return .polynomial(
        over: try text.steps("steps", stepsPerEpoch), power: power,
        minimum: try text.number("minimum", .unit) ?? 0)
    case "inverse-square-root":
      try text.requireOptions(["steps", "epochs"])
      return .inverseSquareRoot(try text.steps("steps", stepsPerEpoch))
    case "plateau": return .plateau(try plateau(text))
    default:
      try text.requireOptions([])
      return .constant
    }
  }
}

extension Schedule {
  private static func plateau(_ text: OptionText) throws -> Plateau {
    var rule = Plateau()
    try text.requireOptions(["factor", "patience", "threshold", "cooldown", "minimum"])
    try text.set("factor", &rule.factor, .fraction)
    guard rule.factor > 0 else { throw text.error("factor is 0; expected a number above 0") }
    try text.set("threshold", &rule.threshold, .fraction)
    try text.set("minimum", &rule.minimum, .unit)
    rule.patience = try text.number("patience", .index).map { Int($0) } ?? rule.patience
    rule.cooldown = try text.number("cooldown", .index).map { Int($0) } ?? rule.cooldown
    return rule
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
