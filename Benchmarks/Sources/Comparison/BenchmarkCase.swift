#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One case of `cases.json`: the work that every side does.
public struct BenchmarkCase: Codable, Sendable {
  /// Units of each layer, inputs first; of a model the sizes of a sample, and the outputs.
  public let sizes: [Int]
  /// The network by name where it is no perceptron: `lenet`, `resnet-ish` or `transformer`.
  public let model: String?
  /// Samples of a batch.
  public let batch: Int
  /// Samples of an epoch.
  public let samples: Int
  /// The hidden activation; `sigmoid` is that of the outputs too.
  public let activation: String
  /// The cost, by the library's name.
  public let loss: String
  /// `sgd`, `momentum` (0.9), `adam` or `adamw` (decay 0.01).
  public let optimizer: String
  /// The learning rate.
  public let rate: Double
  /// The final loss that every side must reach.
  public let expected: Double?
  /// The side whose final loss the others must reach, where none is written down.
  public let reference: String?
  /// How far the final loss may be off.
  public let tolerance: Double
  /// The same for products in bfloat16.
  public let reducedTolerance: Double?
  /// Who does this work beside the project.
  public let peers: [String]

  /// The number of weights, without biases.
  public var weights: Int { zip(sizes, sizes.dropFirst()).map { $0 * $1 }.reduce(0, +) }

  /// The network in the library's notation.
  public var network: String {
    let output = activation == "sigmoid" ? "sigmoid" : "identity"
    return "\(sizes.map(String.init).joined(separator: "-")) \(activation) \(output)"
  }
}

/// All cases, in the order of the file's groups.
public struct BenchmarkCases: Sendable {
  /// The cases by name.
  public let byName: [String: BenchmarkCase]

  /// The names in the order in which they run.
  public static let groups = [
    "nielsen-30", "mlp-128", "mlp-wide", "scaling", "infer-1", "first-step", "lenet",
    "resnet-ish", "transformer",
  ]

  /// Reads `cases.json` in a folder.
  public init(folder: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/cases.json"))
    byName = try JSONDecoder().decode([String: BenchmarkCase].self, from: data)
  }

  /// The cases that a name stands for: one of that name, or all that go on with a hyphen, as
  /// `scaling` stands for all its widths, the narrow ones first. Empty if there is none.
  public func names(matching name: String) -> [String] {
    if byName[name] != nil { return [name] }
    return byName.keys.filter { $0.hasPrefix(name + "-") }
      .sorted { byName[$0]!.weights < byName[$1]!.weights }
  }
}
