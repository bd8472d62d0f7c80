import Foundation

/// The built command, and what a run of it gave.
struct CommandRun {
  let output: String
  let errors: String
  let code: Int32

  /// The lines of the output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// The events of `--json`.
  func events() throws -> [[String: Any]] {
    try lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      guard let event = object as? [String: Any] else { throw NoObject(line: line) }
      return event
    }
  }

  struct NoObject: Error { let line: String }

  /// The executable: it stands beside the test bundle.
  static let executable: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let place = bundle?.bundleURL ?? Bundle.main.executableURL ?? Bundle.main.bundleURL
    return place.deletingLastPathComponent().appendingPathComponent("backprop")
  }()

  /// The program with the example networks, beside it.
  static let networks = executable.deletingLastPathComponent().appendingPathComponent("Networks")
}

/// An empty folder that the command is run in, removed when the test lets go of it.
final class Workplace: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "backprop-command-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs the command to its end.
  func run(_ arguments: [String], of program: URL = CommandRun.executable) throws -> CommandRun {
    let process = makeProcess(arguments)
    process.executableURL = program
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return CommandRun(
      output: String(decoding: printed, as: UTF8.self),
      errors: String(decoding: complaint, as: UTF8.self), code: process.terminationStatus)
  }

  /// The command in this folder, not yet started, without settings from outside.
  func makeProcess(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = CommandRun.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    process.environment = ProcessInfo.processInfo.environment.filter { name, _ in
      !["BACKPROP_DATA", "COLUMNS"].contains(name)
    }
    return process
  }

  /// Everything in the folder, hidden things too, at any depth.
  var contents: [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
  }

  /// Writes a file, and the folders above it.
  func write(_ name: String, _ bytes: [UInt8], size: Int? = nil) throws {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    guard let size else { return }
    let file = try FileHandle(forWritingTo: url)
    try file.truncate(atOffset: UInt64(size))
    try file.close()
  }

  /// The text of a file.
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}
