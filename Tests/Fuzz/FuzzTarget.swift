@testable import Backprop
import BackpropCore

/// A reader, and what uses the values that it gives.
struct FuzzTarget: Sendable {
  /// As in the names of the folder of seeds and of the dictionary.
  let name: String
  /// Reads bytes, and throws what is wrong with them.
  let body: @Sendable ([UInt8]) throws -> Void

  static let all = [
    FuzzTarget(name: "csv", body: CSVTarget.run),
    FuzzTarget(name: "idx", body: ArrayReaders.idx),
    FuzzTarget(name: "gzip", body: ArrayReaders.gzip),
    FuzzTarget(name: "npy", body: ArrayReaders.npy),
    FuzzTarget(name: "npz", body: ArrayReaders.npz),
    FuzzTarget(name: "safetensors", body: ArrayReaders.safetensors),
    FuzzTarget(name: "checkpoint", body: CheckpointTarget.run),
    FuzzTarget(name: "json", body: ModelTarget.run),
    FuzzTarget(name: "run-json", body: RunTarget.run),
    FuzzTarget(name: "yaml", body: TextTargets.yaml),
    FuzzTarget(name: "network-text", body: TextTargets.network),
    FuzzTarget(name: "option-text", body: TextTargets.options),
  ]

  /// What errors call the input.
  static let file = "file"

  /// Runs one input: an error must be one of those that a file may cause, in one line.
  func run(_ bytes: [UInt8]) {
    attempt { try body(bytes) }
  }
}

/// Runs a part of a target that may be refused.
///
/// - Returns: the error in words, nil if there is none.
@discardableResult
func attempt(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    let text = "\(error)"
    require(
      error is FormatError || error is FileError || error is DataError || error is ShapeError
        || error is ConfigurationError || error is CheckpointError,
      "an error of another type: \(type(of: error)) \(text)")
    require(!text.contains(where: \.isNewline), "an error of several lines: \(text)")
    require(
      text.unicodeScalars.allSatisfy { $0.properties.isPrintable },
      "unprintable: \(text.debugDescription)")
    require(text.utf8.count < 20_000, "an error that nobody reads: \(text.utf8.count) bytes")
    if let error = error as? FormatError {
      require(error.file.hasPrefix(FuzzTarget.file), "an error without its file: \(text)")
    }
    return text
  }
}

/// Ends the process, which is what libFuzzer takes for a finding.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}
