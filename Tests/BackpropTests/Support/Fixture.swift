import Backprop
import Foundation
import Testing

/// One case of the reference numbers in `Fixtures`; the schema is in its README.
struct Fixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Choice: Decodable, Sendable {
    let name: String
    let options: [String: Double]
  }
  struct Normalization: Decodable, Sendable {
    let path: String
    let options: [String: Double]
  }
  struct Results: Decodable, Sendable {
    let outputs: Nested
    let loss: Double
    let gradients: [String: Nested]
    let losses: [Double]
    let parametersAfter: [String: Nested]
    let gradientsClipped: [String: Nested]?
    let gradientNorms: [Double]?
    let learningRates: [Double]?
    let runningMeans, runningVariances: Nested?
    let evaluationOutputs: Nested?
  }

  let name: String
  let sizes: [Int]
  let parameters: [String: Nested]
  let activation: String
  let activationOptions: [String: Double]
  let outputActivation: String
  let loss: String
  let lossOptions: [String: Double]
  let optimizer: Choice
  let schedule: Choice
  let inputs: Nested
  let targetKind: String
  let targets: Nested
  let normalization: Normalization?
  let results: Results

  var testDescription: String { name }

  /// The cases of a file.
  static func load(_ file: String) -> [Fixture] { load(file, as: Fixture.self) }

  /// The cases of a file with another schema.
  static func load<Case: Decodable>(_ file: String, as: Case.Type) -> [Case] {
    decode([Case].self, file)
  }

  /// The contents of a file.
  static func decode<T: Decodable>(_ type: T.Type, _ file: String) -> T {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures")
    do {
      let data = try Data(contentsOf: folder.appendingPathComponent("\(file).json"))
      return try JSONDecoder().decode(type, from: data)
    } catch {
      fatalError("Fixtures/\(file).json: \(error)")
    }
  }
}

/// Nested lists of numbers, row by row.
struct Nested: Decodable, Sendable {
  let numbers: Numbers<Double>
  var values: [Double] { numbers.values }

  init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Double.self) {
      numbers = Numbers([], [number])
      return
    }
    let items = try decoder.singleValueContainer().decode([Nested].self).map(\.numbers)
    numbers = Numbers(
      Shape([items.count] + (items.first?.shape.sizes ?? [])), items.flatMap(\.values))
  }
}
