import Backprop

/// The data sets that a command knows by name, with what trains well on each.
enum DataSource: String, CaseIterable {
  case digits, iris, xor, mnist
  case fashionMNIST = "fashion-mnist"

  /// The fractions of the data for validation and test, where the data comes in one piece.
  static let fractions = (validation: 0.1, test: 0.2)

  /// Whether the parts come from a seed: the others are as they were published.
  var isSplitBySeed: Bool { self == .digits || self == .iris }

  /// Whether the data is read from files.
  var needsFiles: Bool { self == .mnist || self == .fashionMNIST }

  /// Reads the data and cuts it into parts.
  ///
  /// - Parameters:
  ///   - directory: where the files of `mnist` and `fashion-mnist` are; nil for BACKPROP_DATA.
  ///   - splitSeed: decides the parts of `digits` and `iris`: 70 % for training, 10 % for
  ///   validation, 20 % for the test, class by class. The inputs of iris are standardised by the
  ///   training part.
  func load(
    directory: String?, splitSeed: UInt64,
    fractions: (validation: Double, test: Double) = Self.fractions
  ) throws -> DataSplit {
    switch self {
    case .xor: return try DataSplit.xor()
    case .mnist: return try DataSplit.mnist(directory: directory)
    case .fashionMNIST: return try DataSplit.fashionMNIST(directory: directory)
    case .digits:
      return try Dataset.digits().split(
        validation: fractions.validation, test: fractions.test, key: RandomKey(splitSeed))
    case .iris:
      let split = try Dataset.iris().split(
        validation: fractions.validation, test: fractions.test, key: RandomKey(splitSeed))
      return try split.scaled(by: .standard(fittedTo: split.training))
    }
  }

  /// The test part alone, where that is quicker than ``load(directory:splitSeed:fractions:)``; else
  /// nil.
  func loadTest(directory: String?) throws -> Dataset? {
    switch self {
    case .mnist: try Dataset.mnistTest(directory: directory)
    case .fashionMNIST: try Dataset.fashionMNISTTest(directory: directory)
    case .digits, .iris, .xor: nil
    }
  }

  /// What trains well without a flag.
  struct Defaults {
    let network: String
    let optimizer: String
    let epochs: Int
    let batchSize: Int
    var initializer = Initializer.glorotUniform
    var weightDecay: Double?
    var patience: Int?
  }

  /// What trains well on this data without a flag.
  var defaults: Defaults {
    switch self {
    case .digits:
      Defaults(
        network: "_-128-_ relu", optimizer: "adam:learning-rate=.003", epochs: 30, batchSize: 32)
    case .iris:
      Defaults(
        network: "_-16-_ tanh", optimizer: "adam:learning-rate=.01",
        epochs: 60, batchSize: 8)
    case .xor:
      Defaults(
        network: "_-8-_ tanh", optimizer: "adam:learning-rate=.05",
        epochs: 100, batchSize: 4)
    case .mnist, .fashionMNIST:
      Defaults(
        network: "_-128-_ relu", optimizer: "adam:learning-rate=.001",
        epochs: 10, batchSize: 64)
    }
  }

  /// What trains well on each data set, as lines for the help.
  static var defaultsTable: String {
    let rows = allCases.map { source in
      let defaults = source.defaults
      return [
        "  \(source.rawValue)", "\"\(defaults.network)\"", defaults.optimizer,
        "batch \(defaults.batchSize)", "\(defaults.epochs) epochs",
      ]
    }
    let file = TableDefaults.defaults(samples: 1)
    let own = [
      "  a file", "\"\(file.network)\"", file.optimizer, "batch \(file.batchSize)",
      "\(file.epochs) epochs",
    ]
    return aligned(rows + [own], rightAligned: []).joined(separator: "\n")
  }
}
