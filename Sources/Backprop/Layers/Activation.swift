public import BackpropCore

/// An activation function a = σ(z), as a layer and by name.
///
/// | name | a | option |
/// |---|---|---|
/// | `identity` | z | |
/// | `sigmoid` | 1 / (1 + e⁻ᶻ) | |
/// | `tanh` | tanh z | |
/// | `relu` | max(z, 0) | |
/// | `leaky-relu` | z, or slope·z below 0 | `slope` 0.01 |
/// | `elu` | z, or alpha·(eᶻ − 1) below 0 | `alpha` 1 |
/// | `gelu` | z·Φ(z), Φ the normal distribution function | |
/// | `gelu-tanh` | `gelu` with tanh in place of Φ | |
/// | `silu` | z / (1 + e⁻ᶻ) | |
/// | `softplus` | ln(1 + eᶻ) | |
/// | `softmax` | eᶻ / Σ eᶻ along the last axis | |
///
/// The result is labelled `Label.activation`; `identity` adds nothing to the graph, and a is z
/// itself.
public enum Activation: Layer, Hashable {
  case identity, sigmoid, tanh, relu
  /// With the slope below 0.
  case leakyRelu(slope: Double = 0.01)
  /// With minus the value far below 0.
  case elu(alpha: Double = 1)
  case gelu, geluTanh, silu, softplus
  /// Along the last axis: the one activation whose derivative is a full Jacobian.
  case softmax

  /// Every name, in the order of the table.
  public static let allNames = defaults.map(\.name)

  private static let defaults: [Activation] = [
    .identity, .sigmoid, .tanh, .relu, .leakyRelu(), .elu(), .gelu, .geluTanh, .silu, .softplus,
    .softmax,
  ]

  /// The name, in kebab case, without options.
  public var name: String {
    switch self {
    case .identity: "identity"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .leakyRelu: "leaky-relu"
    case .elu: "elu"
    case .gelu: "gelu"
    case .geluTanh: "gelu-tanh"
    case .silu: "silu"
    case .softplus: "softplus"
    case .softmax: "softmax"
    }
  }

  /// The activation of a name, with or without an option: `relu`, `leaky-relu:slope=0.2`.
  ///
  /// - Throws: ``ConfigurationError`` for an unknown name or option.
  public init(named text: String) throws {
    let text = try OptionText(text, kind: "activation")
    guard let known = Self.defaults.first(where: { $0.name == text.name }) else {
      throw ConfigurationError.unknown("activation", text.name, known: Self.allNames)
    }
    switch known {
    case .leakyRelu(var slope):
      try text.requireOptions(["slope"])
      try text.set("slope", &slope, .notNegative)
      self = .leakyRelu(slope: slope)
    case .elu(var alpha):
      try text.requireOptions(["alpha"])
      try text.set("alpha", &alpha, .positive)
      self = .elu(alpha: alpha)
    default:
      try text.requireOptions([])
      self = known
    }
  }

  public func callAsFunction(_ z: Value, _ scope: Scope) throws -> Value {
    let a: Value =
      switch self {
      case .identity: z
      case .sigmoid: try z.sigmoid()
      case .tanh: try z.tanh()
      case .relu: try z.relu()
      case .leakyRelu(let slope): try z.leakyRelu(slope: slope)
      case .elu(let alpha): try z.elu(alpha: alpha)
      case .gelu: try z.gelu(.exact)
      case .geluTanh: try z.gelu(.tanh)
      case .silu: try z.silu()
      case .softplus: try z.softplus()
      case .softmax: try z.softmax()
      }
    return self == .identity ? z : a.labelled(.activation)
  }
}

extension Activation: CustomStringConvertible {
  /// The name, and an option that is not what it is unless told: `leaky-relu:slope=0.2`.
  public var description: String {
    switch self {
    case .leakyRelu(let slope) where slope != 0.01: "leaky-relu:slope=\(shortest(slope))"
    case .elu(let alpha) where alpha != 1: "elu:alpha=\(shortest(alpha))"
    default: name
    }
  }
}

extension Activation: SpecifiedLayer {
  public static let templates = defaults

  public var kind: String { name }

  public mutating func visit(_ options: inout LayerOptions) throws {
    switch self {
    case .leakyRelu(var slope):
      try options.number("slope", &slope, .notNegative)
      self = .leakyRelu(slope: slope)
    case .elu(var alpha):
      try options.number("alpha", &alpha, .positive)
      self = .elu(alpha: alpha)
    default: break
    }
  }
}
