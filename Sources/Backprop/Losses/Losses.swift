/// The costs by name, as the command line and run files write them.
///
/// | name | over outputs | over samples | takes |
/// |---|---|---|---|
/// | `half-squared-error` | ½ sum | mean | values |
/// | `squared-error` | sum | mean | values |
/// | `mean-squared-error` | mean | mean | values |
/// | `root-mean-squared-error` | root of the mean over both | | values |
/// | `mean-absolute-error` | mean | mean | values |
/// | `huber`, option `delta` (1) | mean | mean | values |
/// | `cross-entropy` | sum | mean | probabilities |
/// | `binary-cross-entropy` | mean | mean | probabilities |
/// | `sigmoid-cross-entropy` | mean | mean | logits |
/// | `softmax-cross-entropy` | sum | mean | logits |
public enum Losses {
  /// Every name, in the order of the table.
  public static let allNames = defaults.map(\.name)

  private static let defaults: [any Loss] = [
    HalfSquaredError(), SquaredError(), MeanSquaredError(), RootMeanSquaredError(),
    MeanAbsoluteError(), Huber(), CrossEntropy(), BinaryCrossEntropy(), SigmoidCrossEntropy(),
    SoftmaxCrossEntropy(),
  ]

  /// The cost of a name, with or without options: `huber`, `huber:delta=0.5`.
  ///
  /// - Parameters:
  ///   - text: the name, options after a colon.
  ///   - options: more options, by kebab-case name.
  /// - Throws: ``ConfigurationError`` for an unknown name or option, or a number out of range.
  public static func named(
    _ text: String, options: [String: Double] = [:]
  ) throws -> any Loss {
    let text = try OptionText(text, kind: "loss", adding: options)
    guard let loss = defaults.first(where: { $0.name == text.name }) else {
      throw ConfigurationError.unknown("loss", text.name, known: allNames)
    }
    try text.requireOptions(loss.options.map(\.name))
    guard var huber = loss as? Huber else { return loss }
    try text.set("delta", &huber.delta, .positive)
    return huber
  }
}
