import BackpropCore

/// An activation as formulas write it: a = σ(z), and its derivative.
struct ActivationForm: Sendable {
  /// The name of the op, as in `sigmoid`.
  let name: String
  /// The letter in general statements.
  let letter: String
  /// a, from z.
  let value: @Sendable (_ z: Formula) -> Formula?
  /// ∂a/∂z, from z and a; nil for softmax, whose derivative is a Jacobian.
  let slope: @Sendable (_ z: Formula, _ a: Formula) -> Formula?
  /// Whether each output depends on its own z alone.
  let isDiagonal: Bool

  init(
    _ name: String, letter: String = "φ",
    value: @escaping @Sendable (Formula) -> Formula? = { _ in nil },
    slope: @escaping @Sendable (Formula, Formula) -> Formula? = { _, _ in nil },
    isDiagonal: Bool = true
  ) {
    (self.name, self.letter, self.value) = (name, letter, value)
    (self.slope, self.isDiagonal) = (slope, isDiagonal)
  }

  /// The form of an op; a name alone for an op that has no known one.
  init(_ op: any Op) {
    let logistic: @Sendable (Formula) -> Formula? = { 1 / (1 + Formula.call(.exp, .negative($0))) }
    switch op {
    case is Sigmoid:
      self.init("sigmoid", letter: "σ", value: logistic) { _, a in a * (1 - a) }
    case is Tanh:
      self.init("tanh", letter: "tanh", value: { .call(.tanh, $0) }) { _, a in 1 - .power(a, 2) }
    case is Relu:
      self.init(
        "relu", letter: "relu", value: { .positive($0, then: $0, otherwise: 0) },
        slope: { z, _ in .positive(z, then: 1, otherwise: 0) })
    case let leaky as LeakyRelu:
      let slope = Formula.number(leaky.slope)
      self.init(
        "leaky-relu", letter: "φ", value: { .positive($0, then: $0, otherwise: slope * $0) },
        slope: { z, _ in .positive(z, then: 1, otherwise: slope) })
    case let elu as Elu:
      let alpha = Formula.number(elu.alpha)
      self.init(
        "elu", value: { .positive($0, then: $0, otherwise: alpha * (.call(.exp, $0) - 1)) },
        slope: { z, _ in .positive(z, then: 1, otherwise: alpha * .call(.exp, z)) })
    case is Silu:
      self.init("silu", value: { $0 / (1 + Formula.call(.exp, .negative($0))) }) { z, _ in
        let gate = Formula.call(.sigmoid, z)
        return gate + z * gate * (1 - gate)
      }
    case is Softplus:
      self.init("softplus", value: { .call(.ln, 1 + Formula.call(.exp, $0)) }) { z, _ in
        .call(.sigmoid, z)
      }
    case let gelu as Gelu where gelu.form == .exact:
      self.init("gelu", value: { $0 * .call(.normal, $0) }) { z, _ in
        let density = Formula.call(.exp, .negative(.power(z, 2) / 2)) / .call(.sqrt, 2 * pi)
        return .call(.normal, z) + z * density
      }
    case is Softmax: self.init("softmax", letter: "softmax", isDiagonal: false)
    default: self.init(op.name)
    }
  }

  private init(
    _ name: String, letter: String = "φ", value: @escaping @Sendable (Formula) -> Formula?,
    _ slope: @escaping @Sendable (Formula, Formula) -> Formula?
  ) {
    self.init(name, letter: letter, value: value, slope: slope)
  }
}

private let pi = Formula.number(.pi)
