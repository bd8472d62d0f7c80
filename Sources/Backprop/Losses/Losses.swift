/// The costs by name, as the command line and run files write them.
///
/// | name, options | over outputs | over samples | takes |
/// |---|---|---|---|
/// | `half-squared-error` | ½ sum | mean | values |
/// | `squared-error` | sum | mean | values |
/// | `mean-squared-error` | mean | mean | values |
/// | `root-mean-squared-error` | root of the mean over both | | values |
/// | `mean-absolute-error` | mean | mean | values |
/// | `huber`: `delta` (1) | mean | mean | values |
/// | `cross-entropy` | sum | mean | probabilities |
/// | `binary-cross-entropy` | mean | mean | probabilities |
/// | `sigmoid-cross-entropy` | mean | mean | logits |
/// | `softmax-cross-entropy`: `label-smoothing` (0), `class-weights`, `ignore-index` | sum | mean | logits |
/// | `smooth-l1`: `beta` (1) | mean | mean | values |
/// | `log-cosh` | mean | mean | values |
/// | `poisson`: `full` (0) | mean | mean | values: logarithms of rates |
/// | `cosine` | one number | mean | values |
/// | `negative-log-likelihood`: as softmax-cross-entropy | sum | mean | log-probabilities |
/// | `kl-divergence` | sum | mean | log-probabilities |
/// | `hinge`, `squared-hinge`: `margin` (1) | mean | mean | logits, as scores |
/// | `multi-margin`: `margin` (1), `squared` (0) | sum divided by k | mean | logits, as scores |
/// | `sigmoid-focal`: `gamma` (2), `alpha` (0.25) | mean | mean | logits |
/// | `softmax-focal`: `gamma` (2) | one number | mean | logits |
///
/// All but `root-mean-squared-error` also have `reduction`: `mean`, `sum` or `weighted-mean` over
/// samples (``LossReduction``).
public enum Losses {
  /// Every name, in the order of the table.
  public static let allNames = defaults.map(\.name)

  private static let defaults: [any Loss] = [
    HalfSquaredError(), SquaredError(), MeanSquaredError(), RootMeanSquaredError(),
    MeanAbsoluteError(), Huber(), CrossEntropy(), BinaryCrossEntropy(), SigmoidCrossEntropy(),
    SoftmaxCrossEntropy(), SmoothL1(), LogCosh(), Poisson(), CosineDistance(),
    NegativeLogLikelihood(), KLDivergence(), Hinge(), SquaredHinge(), MultiMargin(),
    SigmoidFocal(), SoftmaxFocal(),
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
    guard let template = defaults.first(where: { $0.name == text.name }) else {
      throw ConfigurationError.unknown("loss", text.name, known: allNames)
    }
    var visited = NamedOptions(text)
    guard let base = template as? any SampleLoss else {
      var loss = template
      try loss.visit(&visited)
      try visited.finish()
      return loss
    }
    var loss = ReducedLoss(base, .mean)
    try loss.visit(&visited)
    try visited.finish()
    return loss.reduction == .mean ? loss.base : loss
  }
}
