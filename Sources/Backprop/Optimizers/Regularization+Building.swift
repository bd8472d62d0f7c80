import BackpropCore

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
  /// The run-time scalars of one step that ``apply(to:tracer:)`` and ``limited(_:role:tracer:)`` read.
  ///
  /// - Parameter trainingSamples: n, the number of samples in the training set.
  func scalars(trainingSamples: Int, _ set: (_ name: String, _ value: Double) -> Void) {
    if let l1 { set("l1", l1 / Double(trainingSamples)) }
    if let l2 { set("l2", l2 / Double(trainingSamples)) }
    if let clipValue { set("clip-value", clipValue) }
    if let clipNorm { set("clip-norm", clipNorm) }
    if let maxNorm { set("max-norm", maxNorm) }
  }

  /// Adds to the graph what regularisation makes of the gradients: L1, L2, clipping by value,
  /// clipping by norm.
  ///
  /// - Parameter gradients: those of every trained parameter; frozen ones are not among them.
  func apply(
    to gradients: [ParameterGradient], tracer: SlotTracer
  ) throws -> [ParameterGradient] {
    var gradients = gradients
    for index in gradients.indices where gradients[index].role == .weight {
      let weight = gradients[index].parameter
      if l1 != nil {
        let pull = try tracer.scalar("l1") * weight.sign()
        gradients[index].gradient = try gradients[index].gradient + pull
      }
      if l2 != nil {
        let pull = try tracer.scalar("l2") * weight
        gradients[index].gradient = try gradients[index].gradient + pull
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

  /// Adds to the graph what ``maxNorm`` makes of a parameter's next value.
  func limited(_ next: Value, role: ParameterRole, tracer: SlotTracer) throws -> Value {
    guard maxNorm != nil, role == .weight, next.shape.rank >= 2 else { return next }
    let axes = Array(0..<next.shape.rank - 1)
    let norms = try next.square().sum(axes: axes, keepingAxes: true).sqrt()
    // A norm of 0 gives maxNorm/0 = ∞, and so the factor 1.
    return try next * (tracer.scalar("max-norm") / norms).minimum(1)
  }
}
