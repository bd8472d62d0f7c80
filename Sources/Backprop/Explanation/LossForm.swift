import BackpropCore

/// A cost as formulas write it: each output's share, and ∂C_x/∂a.
///
/// All shares of a sample add up to its cost. A cost of the user's own has no form: its derivative
/// is read off the graph alone.
struct LossForm {
  /// One output's share of one sample's cost, from the activation a and the target t.
  let share: (_ a: Formula, _ t: Formula) -> Formula
  /// ∂C_x/∂a; of the root of a mean ∂C/∂a, since its samples have no costs of their own.
  let slope: (_ a: Formula, _ t: Formula) -> Formula
  /// For a cost that applies softmax or sigmoid itself: a from the logits. Both derivatives
  /// multiplied give the error (a − t) divided by ``fusedDivisor``.
  var fused: ActivationForm?
  /// 1, or the number of outputs.
  var fusedDivisor = 1.0
  /// Whether the cost is the root of the mean of the shares of all samples and outputs.
  var isRoot = false

  /// The form of a cost; nil if it has none.
  ///
  /// - Parameters:
  ///   - outputs: k.
  ///   - samples: m.
  ///   - cost: the value of the batch's cost, which the root of a mean needs.
  init?(_ loss: any Loss, outputs: Int, samples: Int, cost: Formula) {
    let k = Double(outputs)
    func mean(_ formula: Formula) -> Formula { k == 1 ? formula : formula / .number(k) }
    func bernoulli(_ a: Formula, _ t: Formula) -> Formula {
      .negative(t * .call(.ln, a) + (1 - t) * .call(.ln, 1 - a))
    }
    func bernoulliSlope(_ a: Formula, _ t: Formula) -> Formula { (a - t) / (a * (1 - a)) }
    switch loss {
    case is HalfSquaredError:
      share = { a, t in 0.5 * .power(t - a, 2) }
      slope = { a, t in a - t }
    case is SquaredError:
      share = { a, t in .power(a - t, 2) }
      slope = { a, t in 2 * (a - t) }
    case is MeanSquaredError:
      share = { a, t in mean(.power(a - t, 2)) }
      slope = { a, t in mean(2 * (a - t)) }
    case is RootMeanSquaredError:
      share = { a, t in .power(a - t, 2) }
      slope = { a, t in (a - t) / (.number(k * Double(samples)) * cost) }
      isRoot = true
    case is MeanAbsoluteError:
      share = { a, t in mean(.call(.abs, a - t)) }
      slope = { a, t in mean(.call(.sign, a - t)) }
    case let huber as Huber:
      let delta = Formula.number(huber.delta)
      func beyond(_ a: Formula, _ t: Formula) -> Formula { .call(.abs, a - t) - delta }
      share = { a, t in
        mean(
          .positive(
            beyond(a, t), then: delta * (.call(.abs, a - t) - delta / 2),
            otherwise: .power(a - t, 2) / 2))
      }
      slope = { a, t in
        mean(.positive(beyond(a, t), then: delta * .call(.sign, a - t), otherwise: a - t))
      }
    case let smooth as SmoothL1:
      let beta = Formula.number(smooth.beta)
      func beyond(_ a: Formula, _ t: Formula) -> Formula { .call(.abs, a - t) - beta }
      share = { a, t in
        mean(
          .positive(
            beyond(a, t), then: .call(.abs, a - t) - beta / 2,
            otherwise: .power(a - t, 2) / (2 * beta)))
      }
      slope = { a, t in
        mean(.positive(beyond(a, t), then: .call(.sign, a - t), otherwise: (a - t) / beta))
      }
    case let poisson as Poisson where !poisson.isFull:
      share = { a, t in mean(.call(.exp, a) - t * a) }
      slope = { a, t in mean(.call(.exp, a) - t) }
    case let hinge as Hinge:
      func lack(_ a: Formula, _ t: Formula) -> Formula {
        .number(hinge.margin) - (2 * t - 1) * a
      }
      share = { a, t in mean(.positive(lack(a, t), then: lack(a, t), otherwise: 0)) }
      slope = { a, t in mean(.positive(lack(a, t), then: 1 - 2 * t, otherwise: 0)) }
    case is CrossEntropy:
      (share, slope) = (bernoulli, bernoulliSlope)
    case is BinaryCrossEntropy:
      share = { a, t in mean(bernoulli(a, t)) }
      slope = { a, t in mean(bernoulliSlope(a, t)) }
    case is SigmoidCrossEntropy:
      share = { a, t in mean(bernoulli(a, t)) }
      slope = { a, t in mean(bernoulliSlope(a, t)) }
      fused = ActivationForm(Sigmoid())
      fusedDivisor = k
    case let softmax as SoftmaxCrossEntropy where softmax.classes == ClassOptions():
      share = { a, t in .negative(t * .call(.ln, a)) }
      slope = { a, t in .negative(t / a) }
      fused = ActivationForm(Softmax())
    default: return nil
    }
  }
}
