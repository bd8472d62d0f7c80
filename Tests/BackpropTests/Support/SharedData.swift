import Foundation

/// The folder with real data sets: BACKPROP_DATA, or shared/data beside the package; nil where
/// neither is there.
///
/// The tests run in the package's folder.
enum SharedData {
  static let path: String? = {
    let candidates = [ProcessInfo.processInfo.environment["BACKPROP_DATA"], "../shared/data"]
    return candidates.compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0 + "/mnist")
    }
  }()

  static var isThere: Bool { path != nil }
}

/// A Python with the package `safetensors`: BACKPROP_PYTHON, or python3; nil where it lacks the
/// package.
enum ReferencePython {
  static let path: String? = {
    let candidate = ProcessInfo.processInfo.environment["BACKPROP_PYTHON"] ?? "python3"
    return run(candidate, ["-c", "import safetensors.numpy"]) == nil ? nil : candidate
  }()

  static var isThere: Bool { path != nil }

  /// What a program prints; nil if it fails.
  static func run(_ python: String, _ arguments: [String]) -> String? {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
  }
}
