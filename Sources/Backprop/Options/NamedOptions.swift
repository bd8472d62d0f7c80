/// What has a name in text, with options: a cost, an optimiser.
public protocol NamedInText: Sendable {
  /// The name, in kebab case, as on the command line.
  var name: String { get }
  /// Reads or writes each option; nothing for what has none.
  ///
  /// - Throws: ``ConfigurationError`` if a text has a value that is out of range.
  mutating func visit(_ options: inout NamedOptions) throws
}

extension NamedInText {
  public mutating func visit(_ options: inout NamedOptions) throws {}

  /// Every option by its kebab-case name, with the value in use, as in `huber:delta=0.5`.
  public var options: [(name: String, value: String)] {
    var (copy, options) = (self, NamedOptions())
    // Only what is read can be out of range.
    try? copy.visit(&options)
    return options.written
  }

  /// The name with the options, as the command line and run files write it.
  package var text: String { OptionText.text(name, options) }
}

/// The options of something that is ``NamedInText``, being read or written: each function gives a
/// variable the value that stands in the text, or writes down the value that it has.
///
/// An option that the text does not name keeps its value.
///
/// ```swift
/// public mutating func visit(_ options: inout NamedOptions) throws {
///   try options.number("delta", &delta, .positive)
/// }
/// ```
public struct NamedOptions {
  private let source: OptionText?
  private var known: [String] = []
  /// The options that were written.
  private(set) var written: [(name: String, value: String)] = []

  /// Starts to write.
  init() { source = nil }

  /// Starts to read.
  init(_ source: OptionText) { self.source = source }

  /// A number in a range.
  ///
  /// - Parameters:
  ///   - name: the option, in kebab case.
  ///   - value: what is read or written.
  ///   - range: what it may be.
  ///   - silent: a value that is not written: that of an option that nobody asked for.
  public mutating func number(
    _ name: String, _ value: inout Double, _ range: NumberRange, silent: Double? = nil
  ) throws {
    known.append(name)
    if let source {
      try source.set(name, &value, range)
    } else if value != silent {
      written.append((name, shortest(value)))
    }
  }

  /// A whole number of at least 1.
  public mutating func count(_ name: String, _ value: inout Int, silent: Int? = nil) throws {
    var number = Double(value)
    try self.number(name, &number, .count, silent: silent.map(Double.init))
    value = Int(number)
  }

  /// A whole number of at least 0, or nil, which is not written.
  public mutating func index(_ name: String, _ value: inout Int?) throws {
    known.append(name)
    if let source {
      value = try source.number(name, .index).map { Int($0) } ?? value
    } else if let value {
      written.append((name, "\(value)"))
    }
  }

  /// Yes or no, as 1 or 0; `silent` is not written.
  public mutating func flag(_ name: String, _ value: inout Bool, silent: Bool = false) throws {
    known.append(name)
    if let source {
      value = try source.number(name, .flag).map { $0 == 1 } ?? value
    } else if value != silent {
      written.append((name, value ? "1" : "0"))
    }
  }

  /// Numbers with colons between, as in `1:2:5`; none are not written.
  public mutating func numbers(
    _ name: String, _ values: inout [Double], _ range: NumberRange
  ) throws {
    known.append(name)
    if let source {
      values = try source.numbers(name, range) ?? values
    } else if !values.isEmpty {
      written.append((name, values.map(shortest).joined(separator: ":")))
    }
  }

  /// One of the names of an enumeration; the first one is not written.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ value: inout Choice
  ) throws where Choice.RawValue == String {
    known.append(name)
    if let source {
      guard let text = try source.word(name) else { return }
      let names = Choice.allCases.map(\.rawValue)
      guard let choice = Choice(rawValue: text) else {
        throw source.error(ConfigurationError.unknown(name, text, known: names).message)
      }
      value = choice
    } else if value.rawValue != Choice.allCases.first?.rawValue {
      written.append((name, value.rawValue))
    }
  }

  /// Checks that the text has no option that nobody asked for.
  func finish() throws { try source?.requireOptions(known) }
}

/// What reads or writes numbers by name, for what stands in several forms of text.
protocol NumberVisitor {
  mutating func number(
    _ name: String, _ value: inout Double, _ range: NumberRange, isRequired: Bool) throws
}

extension LayerOptions: NumberVisitor {}

extension NamedOptions: NumberVisitor {
  mutating func number(
    _ name: String, _ value: inout Double, _ range: NumberRange, isRequired: Bool
  ) throws {
    try number(name, &value, range)
  }
}
