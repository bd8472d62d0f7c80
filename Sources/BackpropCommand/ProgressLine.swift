import Backprop

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One line of a terminal that is written anew after each epoch, and within a long one.
final class ProgressLine {
  private let epochs: Int
  private let start = ContinuousClock.now
  private var best: Int?
  private var last: EpochReport?
  private var isOpen = false

  /// A line for a run of some epochs; nil where the standard output is no terminal.
  init?(epochs: Int) {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    self.epochs = epochs
  }

  /// Writes the line after an epoch.
  func show(_ epoch: EpochReport) {
    if epoch.isBest { best = epoch.epoch }
    last = epoch
    write(Self.text(epoch, of: epochs, best: best, seconds: seconds, width: width))
  }

  /// Writes the line within an epoch.
  func show(_ progress: EpochProgress) {
    write(
      Self.text(progress, of: epochs, after: last, best: best, seconds: seconds, width: width))
  }

  private var seconds: Double { start.duration(to: .now) / .seconds(1) }
  private var width: Int { (terminalWidth ?? 80) - 1 }

  /// Leaves the line as it stands, and goes on below it.
  func finish() {
    if isOpen { write(nil) }
  }

  private func write(_ line: String?) {
    isOpen = line != nil
    print(line.map { "\r\($0)\u{1b}[K" } ?? "", terminator: line == nil ? "\n" : "")
    fflush(nil)
  }

  /// The line: costs of training and validation, metric, samples a second, time; what matters least
  /// is left out where the terminal is narrow.
  ///
  /// - Parameters:
  ///   - seconds: the time since the run began.
  ///   - width: the most characters it may have.
  static func text(
    _ epoch: EpochReport, of epochs: Int, best: Int?, seconds: Double, width: Int
  ) -> String {
    let left = seconds / Double(epoch.epoch) * Double(epochs - epoch.epoch)
    let parts: [(rank: Int, text: String?)] = [
      (0, "epoch \(epoch.epoch)/\(epochs)"), (1, "loss \(figure(epoch.loss))"),
      (4, "val \(figure(epoch.validation.loss))"), (2, score(epoch)),
      (6, best.map { "best \($0)" }),
      (5, "\(grouped(Int(min(epoch.samplesPerSecond, 1e15))))/s"),
      (3, epoch.epoch == epochs ? "took \(duration(seconds))" : "\(duration(left)) left"),
    ]
    return fitted(parts, width)
  }

  /// The line within an epoch: how far it is and its cost so far, and what the epoch before came to.
  ///
  /// - Parameters:
  ///   - last: the epoch before; nil in the first.
  ///   - seconds: the time since the run began.
  ///   - width: the most characters it may have.
  static func text(
    _ progress: EpochProgress, of epochs: Int, after last: EpochReport?, best: Int?,
    seconds: Double, width: Int
  ) -> String {
    let part = Double(progress.samples) / Double(max(progress.total, 1))
    let passed = Double(progress.epoch - 1) + part
    let left = seconds / max(passed, 1e-9) * (Double(epochs) - passed)
    let speed = Double(progress.total) * passed / max(seconds, 1e-9)
    let parts: [(rank: Int, text: String?)] = [
      (0, "epoch \(progress.epoch)/\(epochs)"), (1, "\(Int(part * 100)) %"),
      (2, "loss \(figure(progress.loss))"),
      (5, last.map { "val \(figure($0.validation.loss))" }), (3, last.flatMap(score)),
      (7, best.map { "best \($0)" }), (6, "\(grouped(Int(min(speed, 1e15))))/s"),
      (4, "\(duration(left)) left"),
    ]
    return fitted(parts, width)
  }

  private static func score(_ epoch: EpochReport) -> String? {
    epoch.validation.accuracy.map { "accuracy \(fixed($0 * 100, 2)) %" }
      ?? epoch.validation.r2.map { "R2 \(fixed($0, 4))" }
  }

  /// Those parts that there is room for, the lowest ranks first.
  private static func fitted(_ parts: [(rank: Int, text: String?)], _ width: Int) -> String {
    var line = ""
    for limit in parts.indices.reversed() {
      line = parts.filter { $0.rank <= limit }.compactMap(\.text).joined(separator: "  ")
      if line.count <= width { return line }
    }
    return String(line.prefix(max(width, 0)))
  }

  /// A time as people say it: `8 s`, `3 min 20 s`, `2 h 5 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e8 else { return "–" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
