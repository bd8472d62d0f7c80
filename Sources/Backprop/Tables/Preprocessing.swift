/// How rows of a table become a network's inputs, and what its outputs mean: fitted to the training
/// part alone, stored with a model, and repeated exactly on every file that comes later.
///
/// A number becomes (x − mean) / deviation. A text becomes one input for each level of the training
/// part, 1 for the level that stands there and 0 for the others; a level that was not there then is
/// all 0, with a warning. Columns are found by name, in any order.
///
/// Inputs come out of ``encode(_:rows:warnings:)`` ready for a network: a data set made here
/// records no ``Scaling``, and needs none.
public struct Preprocessing: Hashable, Sendable {
  /// What becomes of a column.
  enum Encoding: Hashable, Sendable {
    /// A number; `fill` stands for a missing one.
    case number(Standardization, fill: Double?)
    case levels(Levels)
  }

  /// A column that a network learns from.
  struct Input: Hashable, Sendable {
    let name: String
    let encoding: Encoding
    /// Whether one more input is 1 where the field is missing.
    let hasIndicator: Bool

    /// The number of inputs that it becomes.
    var width: Int {
      let width = if case .levels(let levels) = encoding { levels.names.count } else { 1 }
      return width + (hasIndicator ? 1 : 0)
    }
  }

  /// What is predicted.
  enum Target: Hashable, Sendable {
    case classes(Levels)
    case values([Standardization])
    case labels
  }

  let inputs: [Input]
  let target: Target
  /// The columns to predict.
  public let targets: [String]
  /// What is done about missing fields.
  public let missing: MissingPolicy
  /// Columns of the training file that are no inputs.
  public let ignored: [String]

  init(
    inputs: [Input], target: Target, targets: [String], missing: MissingPolicy, ignored: [String]
  ) {
    (self.inputs, self.target, self.targets) = (inputs, target, targets)
    (self.missing, self.ignored) = (missing, ignored)
  }

  /// The columns that a file needs for a prediction.
  public var inputColumns: [String] { inputs.map(\.name) }

  /// The number of a network's inputs.
  public var featureCount: Int { inputs.reduce(0) { $0 + $1.width } }

  /// The name of each input: a column's, `colour=red` for a level, `age is missing` for an
  /// indicator.
  public var featureNames: [String] {
    inputs.flatMap { input in
      let names =
        if case .levels(let levels) = input.encoding {
          levels.names.map { "\(input.name)=\($0)" }
        } else {
          [input.name]
        }
      return names + (input.hasIndicator ? ["\(input.name) is missing"] : [])
    }
  }

  /// What is predicted: classes, values or labels.
  public var targetKind: TableSchema.Target {
    switch target {
    case .classes: .classes
    case .values: .values
    case .labels: .labels
    }
  }

  /// The names of the classes, in the order of a network's outputs; nil for values and labels.
  public var classNames: [String]? {
    if case .classes(let levels) = target { levels.names } else { nil }
  }

  /// How each target value was standardised; nil for classes and labels.
  public var targetScaling: [Standardization]? {
    if case .values(let scaling) = target { scaling } else { nil }
  }

  /// What a network of this table is to predict.
  public var targetSpecification: TargetSpecification {
    if let classNames { .classes(classNames.count) } else { .values([targets.count]) }
  }

  /// What is applied to the values of targets before a network learns them, and undone on its
  /// outputs; nil for classes and labels.
  ///
  /// It is the ``targetScaling`` in float32, so that a value and its prediction go through the same
  /// numbers.
  public var networkTargetScaling: Scaling? {
    guard let scaling = targetScaling else { return nil }
    return try? Scaling(
      offset: scaling.map { Float($0.mean) }, scale: scaling.map { Float(1 / $0.deviation) })
  }
}
