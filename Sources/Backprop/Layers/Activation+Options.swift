extension Activation {
  /// The activation of a name, with or without options: `relu`, `leaky-relu:slope=0.2`.
  ///
  /// - Throws: ``ConfigurationError`` for an unknown name or option, or a number out of range.
  public init(named text: String) throws {
    let text = try OptionText(text, kind: "activation")
    guard var known = Self.defaults.first(where: { $0.name == text.name }) else {
      throw ConfigurationError.unknown("activation", text.name, known: Self.allNames)
    }
    var options = NamedOptions(text)
    try known.visitNumbers(&options)
    try options.finish()
    try known.check()
    self = known
  }

  /// Reads or writes each option.
  private mutating func visitNumbers(_ options: inout some NumberVisitor) throws {
    func number(_ name: String, _ value: inout Double, _ range: NumberRange) throws {
      try options.number(name, &value, range, isRequired: false)
    }
    switch self {
    case .leakyRelu(var slope):
      try number("slope", &slope, .notNegative)
      self = .leakyRelu(slope: slope)
    case .elu(var alpha):
      try number("alpha", &alpha, .positive)
      self = .elu(alpha: alpha)
    case .celu(var alpha):
      try number("alpha", &alpha, .positive)
      self = .celu(alpha: alpha)
    case .hardtanh(var lower, var upper):
      try number("lower", &lower, .finite)
      try number("upper", &upper, .finite)
      self = .hardtanh(lower: lower, upper: upper)
    case .softshrink(var lambda):
      try number("lambda", &lambda, .notNegative)
      self = .softshrink(lambda: lambda)
    case .hardshrink(var lambda):
      try number("lambda", &lambda, .notNegative)
      self = .hardshrink(lambda: lambda)
    case .threshold(var least, var value):
      try number("at", &least, .finite)
      try number("value", &value, .finite)
      self = .threshold(at: least, value: value)
    default: break
    }
  }

  /// Checks options against each other.
  func check() throws {
    guard case .hardtanh(let lower, let upper) = self, !(lower < upper) else { return }
    throw ConfigurationError(
      "activation",
      "activation 'hardtanh': lower is \(shortest(lower)) and upper \(shortest(upper)); expected "
        + "the first below the second")
  }

  /// The options with the values in use.
  private var written: [(name: String, value: String)] {
    var (copy, options) = (self, NamedOptions())
    // Only what is read can be out of range.
    try? copy.visitNumbers(&options)
    return options.written
  }
}

extension Activation: CustomStringConvertible {
  /// The name, and the options that are not what they are unless told: `leaky-relu:slope=0.2`.
  public var description: String {
    let usual = Self.defaults.first { $0.name == name }?.written ?? []
    return OptionText.text(
      name, zip(written, usual).filter { $0.0.value != $0.1.value }.map(\.0))
  }
}

extension Activation: SpecifiedLayer {
  public static let templates = defaults

  public var kind: String { name }

  public mutating func visit(_ options: inout LayerOptions) throws {
    try visitNumbers(&options)
  }
}
