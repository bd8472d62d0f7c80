import Foundation
import Testing

import Backprop

/// Files of NumPy, from `Fixtures/arrays.json`; how they were made is said in `make_arrays.py`.
struct ArrayFixtures: Decodable, Sendable {
  struct Array: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let file: Data
    let type: String?
    let shape: [Int]
    let values: [Number]
    var testDescription: String { name }
    var bytes: [UInt8] { [UInt8](file) }
  }
  struct Archive: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let file: Data
    let arrays: [String: [Number]]
    var testDescription: String { name }
    var bytes: [UInt8] { [UInt8](file) }
  }
  /// A number; those that JSON does not have are texts in the file.
  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value = try #require(Double(try container.decode(String.self)))
      }
    }
  }

  let npy: [Array]
  let npz: [Archive]

  static let all: ArrayFixtures = load("arrays")

  /// A file in the folder of fixtures.
  static func load<T: Decodable>(_ file: String) -> T {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures")
    do {
      let data = try Data(contentsOf: folder.appendingPathComponent("\(file).json"))
      return try JSONDecoder().decode(T.self, from: data)
    } catch {
      fatalError("Fixtures/\(file).json: \(error)")
    }
  }
}
