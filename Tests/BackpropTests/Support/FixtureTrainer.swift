@testable import Backprop

/// Dense, batch normalisation, activation, dense: the network of `normalization.json`.
struct NormalizedNetwork: Layer {
  let hidden, outputs: Int
  let norm: BatchNorm
  let activation: Activation

  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let z = try scope("norm", norm, scope("hidden", Dense(hidden), x))
    return try scope("output", Dense(outputs), activation(z, scope))
  }
}

extension Fixture {
  /// The network.
  func layer() throws -> any Layer {
    let hidden = try Activation(named: activation + option(activationOptions))
    if let normalization {
      let norm = BatchNorm(
        epsilon: normalization.options["epsilon"]!, momentum: normalization.options["momentum"]!)
      return NormalizedNetwork(
        hidden: sizes[1], outputs: sizes[2], norm: norm, activation: hidden)
    }
    let sizes = self.sizes.map(String.init).joined(separator: "-")
    return try MultilayerPerceptron(
      NetworkSpecification(parsing: "\(sizes) \(hidden) \(outputActivation)"))
  }

  private func option(_ options: [String: Double]) -> String {
    options.isEmpty ? "" : ":" + options.map { "\($0)=\($1)" }.joined(separator: ",")
  }

  /// The schedule; the file's cosine ends at a rate, ours at a fraction of the base rate.
  func makeSchedule() -> Schedule {
    let o = schedule.options
    switch schedule.name {
    case "step": return .step(every: Int(o["every"]!), factor: o["factor"]!)
    case "exponential": return .exponential(factor: o["factor"]!)
    case "cosine":
      return .cosine(
        over: Int(o["steps"]!), minimum: o["minimum"]! / optimizer.options["learningRate"]!)
    case "warm-up": return .warmup(Int(o["steps"]!))
    default: return .constant
    }
  }

  /// The update rule.
  func makeOptimizer() throws -> any Optimizer {
    let names = [
      "learningRate": "learning-rate", "momentum": "momentum", "beta1": "beta1", "beta2": "beta2",
      "epsilon": "epsilon",
    ]
    let o = optimizer.options
    var options: [String: Double] = [:]
    for (theirs, ours) in names { options[ours] = o[theirs] }
    if optimizer.name == "adamw" { options["weight-decay"] = o["weightDecay"] }
    return try Optimizers.named(optimizer.name, options: options)
  }

  /// What is done beside the update rule.
  func makeRegularization() -> Regularization {
    let o = optimizer.options
    return Regularization(
      l1: o["lambda1"], l2: o["lambda"],
      weightDecay: optimizer.name == "adamw" ? nil : o["weightDecay"],
      clipValue: o["clipValue"], clipNorm: o["clipNorm"], maxNorm: o["maxNorm"])
  }

  private var trainingSamples: Int { Int(optimizer.options["samples"] ?? 1) }

  /// A trainer that stands before the first step.
  func trainer() throws -> ReferenceTrainer {
    var trainer = try ReferenceTrainer(
      layer(), loss: Losses.named(loss, options: lossOptions), optimizer: makeOptimizer(),
      regularization: makeRegularization(), schedule: makeSchedule(),
      trainingSamples: trainingSamples, input: inputs.numbers, target: targets.numbers,
      classes: targetKind == "classes")
    for (path, values) in parameters { trainer[path] = values.values }
    return trainer
  }

  /// A compiled step before the first one.
  func compiled(_ precision: ScalarType = .float64) throws -> StepCase {
    let isClass = targetKind == "classes"
    let outputs = sizes[sizes.count - 1]
    let step = try TrainingStep(
      layer(), loss: Losses.named(loss, options: lossOptions), optimizer: makeOptimizer(),
      input: .float([sizes[0]]), target: isClass ? .classes(outputs) : .values([outputs]),
      regularization: makeRegularization(), schedule: makeSchedule(),
      trainingSamples: trainingSamples, precision: precision)
    let data = try Dataset(
      name: name, inputs: inputs.numbers.tensor(.float64),
      targets: targets.numbers.tensor(isClass ? .int32 : .float64),
      classCount: isClass ? outputs : nil)
    var example = StepCase(step: step, state: try step.initialState(seed: 1), batch: data.whole)
    for (path, values) in parameters { try example.set(path, values.values) }
    return example
  }
}
