import BackpropCore

/// A cost as formulas write it: each output's share, and ∂C_x/∂a.
///
/// All shares of a sample add up to its cost. A cost of the user's own has no form: its derivative
/// is read off the graph alone.
struct LossForm {
  /// One output's share of one sample's cost, from the activation a and the target t.
  let share: (_ a: Formula, _ t: Formula) -> Formula
  /// ∂C_x/∂a.
  let slope: (_ a: Formula, _ t: Formula) -> Formula
  /// For a cost that applies softmax or sigmoid itself: a from the logits, and the error a − t that
  /// comes out when both derivatives are multiplied.
  var fused: ActivationForm?
  /// What divides the error of a fused cost: 1, or the number of outputs.
  var fusedDivisor = 1.0

  /// The form of a cost; nil if it has none.
  ///
  /// - Parameters:
  ///   - outputs: k.
  ///   - samples: m.
  ///   - cost: the value of the batch's cost, which the root of a mean needs.
  init?(_ loss: any Loss, outputs: Int, samples: Int, cost: Formula) {
    let k = Double(outputs)
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
      share = { a, t in .power(a - t, 2) / .number(k) }
      slope = { a, t in 2 * (a - t) / .number(k) }
    case is RootMeanSquaredError:
      // The root of the mean has no shares of its own; each output's part of C²/C.
      let all = Formula.number(k * Double(samples))
      share = { a, t in .power(a - t, 2) / (all * cost) }
      slope = { a, t in (a - t) / (all * cost) }
    case is MeanAbsoluteError:
      share = { a, t in .call(.abs, a - t) / .number(k) }
      slope = { a, t in .call(.sign, a - t) / .number(k) }
    case is CrossEntropy:
      (share, slope) = (bernoulli, bernoulliSlope)
    case is BinaryCrossEntropy:
      share = { a, t in bernoulli(a, t) / .number(k) }
      slope = { a, t in bernoulliSlope(a, t) / .number(k) }
    case is SigmoidCrossEntropy:
      share = { a, t in bernoulli(a, t) / .number(k) }
      slope = { a, t in bernoulliSlope(a, t) / .number(k) }
      fused = ActivationForm(Sigmoid())
      fusedDivisor = k
    case is SoftmaxCrossEntropy:
      share = { a, t in .negative(t * .call(.ln, a)) }
      slope = { a, t in .negative(t / a) }
      fused = ActivationForm(Softmax())
    default: return nil
    }
  }
}
