import BackpropCore

/// What is done to gradients and weights beside the update rule: L1, L2, weight decay, clipping, the
/// greatest norm of a unit's weights, and other settings for some parameters.
///
/// Every number is a run-time scalar of the step, so changing one compiles nothing; what is nil
/// adds nothing to the graph. In the order of a step, everything from the weights as they stood
/// before it:
/// 1. L1 and L2 go into the gradient,
/// 2. each element of the gradient is clipped,
/// 3. the whole gradient is clipped by its norm,
/// 4. weights decay,
/// 5. the optimiser updates the parameters,
/// 6. weights of units beyond the greatest norm are scaled down.
public struct Regularization: Sendable, Equatable {
  /// λ of the cost C + (λ/n) Σ |w| with n the number of training samples: the gradient of each
  /// weight gets (λ/n)·sign(w), 0 at 0. Weights alone. The reported cost stays C.
  public var l1: Double?
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
  /// After each update, the weights that enter one unit are multiplied by min(1, maxNorm/‖w‖), ‖w‖
  /// the root of the sum of their squares. In the unit of the weights; weights of two axes or more,
  /// [..., units].
  ///
  /// - Source: N. Srivastava et al., "Dropout" (2014), section 5.1.
  public var maxNorm: Double?
  /// Other settings for some parameters; the first rule that fits a path decides.
  public var rules: [ParameterRule] {
    didSet { groups = Self.groups(of: rules) }
  }
  /// What parameters have in common: the first is for those without a rule.
  private(set) var groups = [ParameterGroup()]

  /// Makes a choice; nothing unless told.
  public init(
    l1: Double? = nil, l2: Double? = nil, weightDecay: Double? = nil, clipValue: Double? = nil,
    clipNorm: Double? = nil, maxNorm: Double? = nil, rules: [ParameterRule] = []
  ) {
    (self.l1, self.l2, self.weightDecay) = (l1, l2, weightDecay)
    (self.clipValue, self.clipNorm, self.maxNorm) = (clipValue, clipNorm, maxNorm)
    (self.rules, groups) = (rules, Self.groups(of: rules))
  }

  /// Checks the numbers.
  ///
  /// - Throws: ``ConfigurationError`` if one is not finite, negative, or 0 for a threshold.
  public func validate() throws {
    let all: [(String, Double?, NumberRange)] = [
      ("l1", l1, .notNegative), ("l2", l2, .notNegative),
      ("weight-decay", weightDecay, .notNegative), ("clip-value", clipValue, .positive),
      ("clip-norm", clipNorm, .positive), ("max-norm", maxNorm, .positive),
    ]
    for case (let name, let value?, let range) in all where !range.contains(value) {
      throw ConfigurationError(name, "\(name) is \(shortest(value)); expected \(range.rawValue)")
    }
    for rule in rules { try rule.validate() }
  }
}

extension Regularization {
  private static func groups(of rules: [ParameterRule]) -> [ParameterGroup] {
    var groups = [ParameterGroup()]
    for rule in rules {
      let group = ParameterGroup(rateFactor: rule.rateFactor, weightDecay: rule.weightDecay)
      if !groups.contains(group) { groups.append(group) }
    }
    return groups
  }

  /// The rule for a path; nil for none.
  private func rule(for path: String) -> ParameterRule? { rules.first { $0.fits(path) } }

  /// The number of a parameter's group.
  func group(of path: String) -> Int {
    guard let rule = rule(for: path) else { return 0 }
    let group = ParameterGroup(rateFactor: rule.rateFactor, weightDecay: rule.weightDecay)
    return groups.firstIndex(of: group) ?? 0
  }

  /// Declarations, frozen where a rule says so.
  ///
  /// - Throws: ``ConfigurationError`` for a rule that fits no parameter: a mistake in its pattern.
  func frozen(_ declarations: [Declaration]) throws -> [Declaration] {
    let parameters = declarations.filter { $0.kind != .variable }
    for rule in rules where !parameters.contains(where: { rule.fits($0.path) }) {
      let paths = parameters.map(\.path).joined(separator: ", ")
      throw ConfigurationError(
        "rule", "rule '\(rule.pattern)' fits no parameter; there are: \(paths)")
    }
    return declarations.map { declaration in
      var copy = declaration
      copy.isFrozen = declaration.isFrozen || rule(for: declaration.path)?.isFrozen == true
      return copy
    }
  }

  /// The decoupled decay of a group: its rule's, or this one, or else the optimiser's own.
  func decay(of group: Int = 0, with optimizer: any Optimizer) -> Double? {
    groups[group].weightDecay ?? weightDecay ?? optimizer.decoupledWeightDecay
  }

  /// What is done beside the rule, in words; nothing for nothing.
  package var words: [String] {
    [
      l1.map { "l1 \(shortest($0))" }, l2.map { "l2 \(shortest($0))" },
      weightDecay.map { "weight decay \(shortest($0))" },
      clipValue.map { "clip value \(shortest($0))" }, clipNorm.map { "clip norm \(shortest($0))" },
      maxNorm.map { "max norm \(shortest($0))" },
    ].compactMap { $0 } + rules.map { "rule \($0)" }
  }
}
