import BackpropCore

/// What is done to gradients and weights beside the update rule: L2, weight decay, clipping.
///
/// Every number is a run-time scalar of the step, so changing one compiles nothing; what is nil
/// adds nothing to the graph. In the order of a step, everything from the weights as they stood
/// before it:
/// 1. L2 goes into the gradient,
/// 2. each element of the gradient is clipped,
/// 3. the whole gradient is clipped by its norm,
/// 4. weights decay,
/// 5. the optimiser updates the parameters.
public struct Regularization: Sendable, Equatable {
  /// Nielsen's λ, for the cost C + λ/(2n) Σ w² with n the number of training samples: the gradient
  /// of each weight gets (λ/n)·w. Weights alone. The reported cost stays C.
  public var l2: Double?
  /// Decoupled decay, per step and unit of learning rate: `w ← w·(1 − η·decay)` before the update.
  /// Weights alone. It takes the place of a decay that the optimiser brings (``AdamW``).
  public var weightDecay: Double?
  /// Clips each element of the gradient to ±clipValue, in the unit of the gradient.
  public var clipValue: Double?
  /// Clips the gradient g of all trained parameters together: times min(1, clipNorm/‖g‖), ‖g‖ the
  /// root of the sum of all squares. In the unit of the gradient.
  public var clipNorm: Double?

  /// Makes a choice; nothing unless told.
  public init(
    l2: Double? = nil, weightDecay: Double? = nil, clipValue: Double? = nil,
    clipNorm: Double? = nil
  ) {
    (self.l2, self.weightDecay) = (l2, weightDecay)
    (self.clipValue, self.clipNorm) = (clipValue, clipNorm)
  }

  /// Checks the numbers.
  ///
  /// - Throws: ``ConfigurationError`` if one is not finite, negative, or 0 for a threshold.
  public func validate() throws {
    let all: [(String, Double?, NumberRange)] = [
      ("l2", l2, .notNegative), ("weight-decay", weightDecay, .notNegative),
      ("clip-value", clipValue, .positive), ("clip-norm", clipNorm, .positive),
    ]
    for case (let name, let value?, let range) in all where !range.contains(value) {
      throw ConfigurationError(name, "\(name) is \(shortest(value)); expected \(range.rawValue)")
    }
  }

  /// The run-time scalars of one step that ``apply(to:_:)`` and the decay read.
  ///
  /// - Parameters:
  ///   - learningRate: the scheduled rate of this step.
  ///   - trainingSamples: n, the number of samples in the training set.
  ///   - decay: the decay in use, ``weightDecay`` or the optimiser's own.
  func scalars(
    learningRate: Double, trainingSamples: Int, decay: Double?,
    _ set: (_ name: String, _ value: Double) -> Void
  ) {
    if let l2 { set("l2", l2 / Double(trainingSamples)) }
    if let decay { set("weight-decay", learningRate * decay) }
    if let clipValue { set("clip-value", clipValue) }
    if let clipNorm { set("clip-norm", clipNorm) }
  }
}

/// A parameter with the gradient of the cost, while a step is traced.
struct ParameterGradient {
  /// The path of the parameter.
  let path: String
  /// Its part in the layer.
  let role: ParameterRole
  /// Its value before the step.
  let parameter: Value
  /// ∂C/∂parameter.
  var gradient: Value
}

extension Regularization {
  /// Adds to the graph what regularisation makes of the gradients: L2, clipping by value, clipping
  /// by norm.
  ///
  /// - Parameter gradients: those of every trained parameter; frozen ones are not among them.
  func apply(
    to gradients: [ParameterGradient], tracer: SlotTracer
  ) throws -> [ParameterGradient] {
    var gradients = gradients
    if l2 != nil {
      let factor = tracer.scalar("l2")
      for index in gradients.indices where gradients[index].role == .weight {
        gradients[index].gradient =
          try gradients[index].gradient + factor * gradients[index].parameter
      }
    }
    if clipValue != nil {
      let limit = tracer.scalar("clip-value")
      for index in gradients.indices {
        gradients[index].gradient = try gradients[index].gradient.minimum(limit).maximum(-limit)
      }
    }
    if clipNorm != nil, let first = gradients.first {
      var squares = try (first.gradient * first.gradient).sum()
      for item in gradients.dropFirst() {
        squares = try squares + (item.gradient * item.gradient).sum()
      }
      // A norm of 0 gives clipNorm/0 = ∞, and so the factor 1.
      let factor = try (tracer.scalar("clip-norm") / squares.sqrt()).minimum(1)
      for index in gradients.indices {
        gradients[index].gradient = try gradients[index].gradient * factor
      }
    }
    return gradients
  }
}
