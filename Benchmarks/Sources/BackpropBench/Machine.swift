import CLimits
import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the system tells of itself.
enum Machine {
  /// Processor seconds that all programs together have used; nil where the system does not tell.
  static var busy: Double? {
    guard let line = firstLine(of: "/proc/stat", startingWith: "cpu ") else { return nil }
    // user, nice, system, idle, waiting, interrupts (2), stolen.
    let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
    guard ticks.count == 8 else { return nil }
    return (ticks.reduce(0, +) - ticks[3] - ticks[4]) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

  /// The name of the processor.
  static var processor: String {
    guard let line = firstLine(of: "/proc/cpuinfo", startingWith: "model name") else {
      return "unknown processor"
    }
    return String(line.drop { $0 != ":" }.dropFirst(2))
  }

  /// Today, as 2026-11-21.
  static var date: String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    let two = { (number: Int32) in (number < 10 ? "0" : "") + String(number) }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }

  /// The instructions that a core takes in now, as a part of the most it has ever taken here, 0 … 1. Beside a busy
  /// hyperthread, which may be another virtual machine's, it is a half.
  static func speed() -> Double {
    let now = limit_issue_now()
    fastest = max(fastest, now)
    return now / fastest
  }
  nonisolated(unsafe) private static var fastest = limit_issue()

  /// Waits until others leave so many cores free, and the core its speed, but not longer than a number of seconds.
  static func waitForQuiet(cores needed: Int, patience: Double) {
    let end = Clock.wall + patience
    while Clock.wall < end, let before = busy {
      let start = Clock.wall
      usleep(400_000)
      guard let after = busy else { return }
      let free = Double(cores) - (after - before) / (Clock.wall - start)
      if free >= Double(needed) - 0.1, speed() > 0.9 { return }
    }
  }

  private static func firstLine(of path: String, startingWith prefix: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 1024)
    while fgets(&buffer, 1024, file) != nil {
      let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
      let line = String(decoding: bytes, as: UTF8.self)
      if line.hasPrefix(prefix) { return line }
    }
    return nil
  }

  /// The largest memory of this process so far, in MiB; nil where the system does not tell.
  static var peakMemory: Double? { memory("VmHWM:") }

  /// The memory of this process now, which is the largest from here on, in MiB; nil where the system does not tell.
  static func startPeakMemory() -> Double? {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return nil }
    fputs("5", file)
    fclose(file)
    return memory("VmRSS:")
  }

  private static func memory(_ name: String) -> Double? {
    firstLine(of: "/proc/self/status", startingWith: name)
      .flatMap { Double($0.filter(\.isNumber)) }.map { ($0 / 1024).rounded(1) }
  }
}
