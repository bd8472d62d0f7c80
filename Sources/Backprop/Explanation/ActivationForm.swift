import BackpropCore

/// An activation as formulas write it: a = σ(z), and its derivative.
struct ActivationForm: Sendable {
  /// The name of the op, as in `sigmoid`.
  let name: String
  /// a, from z; nil if it is only named.
  var value: @Sendable (_ z: Formula) -> Formula? = { _ in nil }
  /// ∂a/∂z, from z and a; nil for softmax, whose derivative is a Jacobian.
  var slope: @Sendable (_ z: Formula, _ a: Formula) -> Formula? = { _, _ in nil }
  /// Whether each output depends on its own z alone.
  var isDiagonal: Bool { name != Softmax.name }

  /// The form of an op; a name alone for an op that has no known one.
  init(_ op: any Op) {
    name = op.name
    switch op {
    case is Sigmoid:
      value = { 1 / (1 + Formula.call(.exp, .negative($0))) }
      slope = { _, a in a * (1 - a) }
    case is Tanh:
      value = { .call(.tanh, $0) }
      slope = { _, a in 1 - .power(a, 2) }
    case is Relu:
      value = { .positive($0, then: $0, otherwise: 0) }
      slope = { z, _ in .positive(z, then: 1, otherwise: 0) }
    case let leaky as LeakyRelu:
      let below = Formula.number(leaky.slope)
      value = { .positive($0, then: $0, otherwise: below * $0) }
      slope = { z, _ in .positive(z, then: 1, otherwise: below) }
    case let elu as Elu:
      let alpha = Formula.number(elu.alpha)
      value = { .positive($0, then: $0, otherwise: alpha * (.call(.exp, $0) - 1)) }
      slope = { z, _ in .positive(z, then: 1, otherwise: alpha * .call(.exp, z)) }
    case is Silu:
      value = { $0 / (1 + Formula.call(.exp, .negative($0))) }
      slope = { z, _ in
        let gate = Formula.call(.sigmoid, z)
        return gate + z * gate * (1 - gate)
      }
    case is Softplus:
      value = { .call(.ln, 1 + Formula.call(.exp, $0)) }
      slope = { z, _ in .call(.sigmoid, z) }
    case let gelu as Gelu where gelu.form == .exact:
      value = { $0 * .call(.normal, $0) }
      slope = { z, _ in
        let density = Formula.call(.exp, .negative(.power(z, 2) / 2)) / .call(.sqrt, 2 * .pi)
        return .call(.normal, z) + z * density
      }
    default: break
    }
  }
}
