/// The optimisers by name, as the command line and run files write them.
///
/// | name | options, with what they are unless told |
/// |---|---|
/// | `sgd` | `learning-rate` 0.1 |
/// | `momentum`, `nesterov` | `learning-rate` 0.01, `momentum` 0.9 |
/// | `adam` | `learning-rate` 0.001, `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-8 |
/// | `adamw` | the same, and `weight-decay` 0.01 |
public enum Optimizers {
  /// Every name, in the order of the table.
  public static let allNames = ["sgd", "momentum", "nesterov", "adam", "adamw"]

  /// The optimiser of a name, with or without options: `adam`, `adam:beta1=0.8,epsilon=1e-6`.
  ///
  /// - Parameters:
  ///   - text: the name, options after a colon.
  ///   - options: more options, by kebab-case name.
  /// - Throws: ``ConfigurationError`` for an unknown name or option, or a number out of range.
  public static func named(
    _ text: String, options: [String: Double] = [:]
  ) throws -> any Optimizer {
    let text = try OptionText(text, kind: "optimizer", adding: options)
    switch text.name {
    case "sgd":
      try text.requireOptions(SGD().options.map(\.name))
      var sgd = SGD()
      try text.set("learning-rate", &sgd.learningRate, .positive)
      return sgd
    case "momentum":
      try text.requireOptions(Momentum().options.map(\.name))
      var momentum = Momentum()
      try text.set("learning-rate", &momentum.learningRate, .positive)
      try text.set("momentum", &momentum.momentum, .fraction)
      return momentum
    case "nesterov":
      try text.requireOptions(Nesterov().options.map(\.name))
      var nesterov = Nesterov()
      try text.set("learning-rate", &nesterov.learningRate, .positive)
      try text.set("momentum", &nesterov.momentum, .fraction)
      return nesterov
    case "adam":
      try text.requireOptions(Adam().options.map(\.name))
      var adam = Adam()
      try text.set("learning-rate", &adam.learningRate, .positive)
      try text.set("beta1", &adam.beta1, .fraction)
      try text.set("beta2", &adam.beta2, .fraction)
      try text.set("epsilon", &adam.epsilon, .positive)
      return adam
    case "adamw":
      try text.requireOptions(AdamW().options.map(\.name))
      var adamw = AdamW()
      try text.set("learning-rate", &adamw.learningRate, .positive)
      try text.set("beta1", &adamw.beta1, .fraction)
      try text.set("beta2", &adamw.beta2, .fraction)
      try text.set("epsilon", &adamw.epsilon, .positive)
      try text.set("weight-decay", &adamw.weightDecay, .notNegative)
      return adamw
    default:
      throw ConfigurationError.unknown("optimizer", text.name, known: allNames)
    }
  }
}
