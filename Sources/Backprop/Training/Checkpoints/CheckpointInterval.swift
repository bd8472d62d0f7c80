/// How often a checkpoint is written, beside the ends of epochs.
public enum CheckpointInterval: Hashable, Sendable, CustomStringConvertible {
  /// After every so many steps, 1 or more.
  case steps(Int)
  /// When so much time has passed since the last, in seconds, more than 0.
  case seconds(Double)

  /// Reads a text: `500` or `500 steps`, `30 seconds`, `10 minutes`; `s` and `min` are short for the
  /// last two.
  ///
  /// - Throws: ``ConfigurationError`` for anything else.
  public init(parsing text: String) throws {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).filter { $0 != " " }
    let number = Double(digits) ?? 0
    switch unit {
    case "", "step", "steps":
      guard let count = Int(digits), count >= 1 else { break }
      self = .steps(count)
      return
    case "s", "second", "seconds":
      guard number > 0, number.isFinite else { break }
      self = .seconds(number)
      return
    case "m", "min", "minute", "minutes":
      guard number > 0, number.isFinite else { break }
      self = .seconds(60 * number)
      return
    default: break
    }
    throw ConfigurationError(
      "checkpoint-every",
      "checkpoint-every is '\(text)'; expected a number above 0 of steps, seconds or minutes, as in "
        + "'500 steps' or '10 minutes'")
  }

  public var description: String {
    switch self {
    case .steps(let count): "\(count) \(count == 1 ? "step" : "steps")"
    case .seconds(let seconds): "\(seconds) seconds"
    }
  }
}
