import BackpropCore

/// An activation as formulas write it: a = σ(z), and its derivative.
struct ActivationForm: Sendable {
  /// The name, as in `sigmoid`.
  let name: String
  /// a, from z; nil if it is only named.
  var value: @Sendable (_ z: Formula) -> Formula? = { _ in nil }
  /// ∂a/∂z, from z and a; nil if it is only named, or the derivative is a Jacobian.
  var slope: @Sendable (_ z: Formula, _ a: Formula) -> Formula? = { _, _ in nil }
  /// Whether each output depends on its own z alone.
  var isDiagonal = true

  /// The form of an activation in a graph: one op, or several under one name.
  init(_ node: Node) {
    if let activation = node.labelName.flatMap({ try? Activation(named: $0) }) {
      self.init(activation)
    } else if case .op(let op) = node.kind {
      self.init(op)
    } else {
      self.init(named: node.name)
    }
  }

  private init(named name: String) { self.name = name }

  /// The form of an op; a name alone for an op that has no known one.
  init(_ op: any Op) {
    name = op.name
    isDiagonal = !(op is Softmax || op is LogSoftmax)
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

  /// The form of an activation that several ops make; a name alone for one without a simple form.
  private init(_ activation: Activation) {
    name = activation.name
    isDiagonal = activation != .softmin
    switch activation {
    case .relu6: bounded(0, 6, value: { $0 }, slope: { _ in 1 })
    case .hardtanh(let lower, let upper): bounded(lower, upper, value: { $0 }, slope: { _ in 1 })
    case .hardSigmoid:
      bounded(-3, 3, ends: (0, 1), value: { $0 / 6 + 0.5 }, slope: { _ in .number(1) / 6 })
    case .threshold(let least, let other):
      value = { .positive($0 - .number(least), then: $0, otherwise: .number(other)) }
      slope = { z, _ in .positive(z - .number(least), then: 1, otherwise: 0) }
    case .selu:
      let (scale, alpha) = (Formula.number(Activation.seluScale), Activation.seluAlpha)
      value = {
        scale * .positive($0, then: $0, otherwise: .number(alpha) * (.call(.exp, $0) - 1))
      }
      slope = { z, _ in
        scale * .positive(z, then: 1, otherwise: .number(alpha) * .call(.exp, z))
      }
    case .celu(let alpha):
      let alpha = Formula.number(alpha)
      value = { .positive($0, then: $0, otherwise: alpha * (.call(.exp, $0 / alpha) - 1)) }
      slope = { z, _ in .positive(z, then: 1, otherwise: .call(.exp, z / alpha)) }
    case .hardSwish:
      @Sendable func between(_ z: Formula, _ middle: Formula, _ above: Formula) -> Formula {
        .positive(
          z + 3, then: .positive(3 - z, then: middle, otherwise: above), otherwise: 0)
      }
      value = { between($0, $0 * ($0 / 6 + 0.5), $0) }
      slope = { z, _ in between(z, z / 3 + 0.5, 1) }
    case .mish:
      @Sendable func gate(_ z: Formula) -> Formula {
        .call(.tanh, .call(.ln, 1 + .call(.exp, z)))
      }
      value = { $0 * gate($0) }
      slope = { z, _ in gate(z) + z * .call(.sigmoid, z) * (1 - .power(gate(z), 2)) }
    case .softsign:
      value = { $0 / (1 + Formula.call(.abs, $0)) }
      slope = { z, _ in 1 / Formula.power(1 + .call(.abs, z), 2) }
    case .tanhshrink:
      value = { $0 - .call(.tanh, $0) }
      slope = { z, _ in .power(.call(.tanh, z), 2) }
    case .logSigmoid:
      value = { .call(.ln, .call(.sigmoid, $0)) }
      slope = { z, _ in 1 - .call(.sigmoid, z) }
    case .softshrink(let lambda):
      let lambda = Formula.number(lambda)
      value = { z in
        .positive(.call(.abs, z) - lambda, then: z - lambda * .call(.sign, z), otherwise: 0)
      }
      slope = { z, _ in .positive(.call(.abs, z) - lambda, then: 1, otherwise: 0) }
    case .hardshrink(let lambda):
      value = { z in .positive(.call(.abs, z) - .number(lambda), then: z, otherwise: 0) }
      slope = { z, _ in .positive(.call(.abs, z) - .number(lambda), then: 1, otherwise: 0) }
    default: break
    }
  }

  /// A form between two bounds of z; at and beyond them it stays.
  private mutating func bounded(
    _ lower: Double, _ upper: Double, ends: (Double, Double)? = nil,
    value inner: @escaping @Sendable (Formula) -> Formula,
    slope innerSlope: @escaping @Sendable (Formula) -> Formula
  ) {
    let (low, high) = ends ?? (lower, upper)
    @Sendable func between(
      _ z: Formula, _ below: Double, _ middle: Formula, _ above: Double
    ) -> Formula {
      .positive(
        z - .number(lower),
        then: .positive(.number(upper) - z, then: middle, otherwise: .number(above)),
        otherwise: .number(below))
    }
    value = { between($0, low, inner($0), high) }
    slope = { z, _ in between(z, 0, innerSlope(z), 0) }
  }
}
