import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that was run to its end, with what it cost.
struct Child {
  /// What it printed.
  let output: String
  /// 0 if all went well.
  let status: Int32
  /// Wall time, and the processor time of the program and all that it waited for, in seconds.
  let wall, cpu: Double

  /// Runs a program; its errors go to the end of a file.
  ///
  /// - Parameters:
  ///   - command: the program, found by the path if it has no `/`, and its arguments.
  ///   - variables: what is added to the environment, also of later programs.
  ///   - removing: what is taken from it.
  ///   - errors: the file for what it prints as errors.
  static func run(
    _ command: [String], variables: [String: String] = [:], removing: [String] = [],
    errors: String
  ) throws -> Child {
    for (name, value) in variables { setenv(name, value, 1) }
    for name in removing { unsetenv(name) }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(text: "no pipe: \(errno)") }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addclose(&actions, ends[1])
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let start = Clock.wall
    setenv("BACKPROP_BENCH_START", String(Clock.nanoseconds), 1)
    var process = pid_t()
    let code = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard code == 0 else { throw Failure(text: "cannot run \(command[0]): error \(code)") }
    let output = readAll(ends[0])
    var (status, usage) = (Int32(0), rusage())
    while wait4(process, &status, 0, &usage) < 0 && errno == EINTR {}
    let cpu = [usage.ru_utime, usage.ru_stime]
      .map { Double($0.tv_sec) + Double($0.tv_usec) * 1e-6 }.reduce(0, +)
    return Child(
      output: output, status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
      wall: Clock.wall - start, cpu: cpu)
  }

  private static func readAll(_ file: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }
}
