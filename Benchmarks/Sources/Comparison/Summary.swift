/// What the rounds of one case show, side by side.
public struct Summary: Sendable {
  /// What is told of one side.
  public struct Row: Sendable {
    /// The side, with its precision where that is not float32.
    public let label: String
    /// The best and the median figure, in the unit of the case; NaN where no round counts.
    public let best, median: Double
    /// How many times faster the project is, by the best and by the median; nil in its own rows.
    public var bestRatio, medianRatio: Double?
    /// The final loss of the first run.
    public let finalLoss: Double?
    /// Whether the final loss is further off than the case allows.
    public var isLossOff = false
    /// Runs that counted, and all runs.
    public let counted, rounds: Int
    /// The median of the cores that others kept busy; nil where the system does not tell.
    public let foreignCPU: Double?
    /// The median of the speed that the core had, as a part of the most that was seen.
    public let coreSpeed: Double?
    /// What else is worth telling.
    public let note: String
    let isProject: Bool
    let precision: String
  }

  /// What is measured: more samples a second are better, of the rest less.
  public enum Unit: String, Sendable {
    case samplesPerSecond = "samples/s"
    case microseconds = "µs"
    case milliseconds = "ms"
  }

  /// The case, with its batch where it has several.
  public let title: String
  /// The threads of every side.
  public let threads: Int
  /// The unit of all figures.
  public let unit: Unit
  /// The project first, then its peers, the fastest first.
  public private(set) var rows: [Row]

  /// The name that the project's records bear.
  public static let project = "backprop"
  /// Runs on several threads count if others kept fewer cores busy than this.
  public static let quiet = 0.15

  /// Puts the records of one case and batch together.
  ///
  /// - Parameters:
  ///   - records: of all rounds and sides; all of one case, batch and number of threads.
  ///   - benchmark: the case.
  ///   - isTrial: whether the case was cut short, so that its expected loss means nothing.
  public init(title: String, records: [Record], benchmark: BenchmarkCase, isTrial: Bool) {
    self.title = title
    threads = records.first?.threads ?? 1
    let unit: Unit =
      records.contains { $0.p50 != nil }
      ? .microseconds : records.contains { $0.seconds != nil } ? .milliseconds : .samplesPerSecond
    self.unit = unit
    var labels: [String] = []
    for record in records where !labels.contains(record.label) { labels.append(record.label) }
    rows = labels.map { label in
      Row(label, records.filter { $0.label == label }, unit)
    }
    compare()
    checkLosses(records, benchmark, isTrial)
    rows.sort { a, b in
      if a.isProject != b.isProject { return a.isProject }
      if a.best.isNaN || b.best.isNaN { return !a.best.isNaN }
      return unit == .samplesPerSecond ? a.best > b.best : a.best < b.best
    }
  }

  private mutating func compare() {
    let projects = rows.filter(\.isProject)
    for index in rows.indices where !rows[index].isProject {
      let row = rows[index]
      guard
        let project = projects.first(where: { $0.precision == row.precision }) ?? projects.first
      else { continue }
      let isRate = unit == .samplesPerSecond
      rows[index].bestRatio = isRate ? project.best / row.best : row.best / project.best
      rows[index].medianRatio = isRate ? project.median / row.median : row.median / project.median
    }
  }

  private mutating func checkLosses(
    _ records: [Record], _ benchmark: BenchmarkCase, _ isTrial: Bool
  ) {
    // Without the peer that the case names, another one that does the same work.
    let peers = records.filter {
      $0.peer != Self.project && $0.isComparable != false && $0.finalLoss != nil
    }
    let reference = (peers.first { $0.peer == benchmark.reference } ?? peers.first)?.finalLoss
    guard let expected = (isTrial ? nil : benchmark.expected) ?? reference else { return }
    for index in rows.indices {
      let row = rows[index]
      let isReduced = row.precision != "float32" && row.precision != "float64"
      let tolerance = isReduced ? benchmark.reducedTolerance ?? 2e-3 : benchmark.tolerance
      rows[index].isLossOff = records.contains { record in
        guard record.label == row.label, record.isComparable != false else { return false }
        let losses = (record.losses ?? []) + [record.finalLoss].compactMap { $0 }
        // Losses are written with six digits.
        return losses.contains { !(abs($0 - expected) <= tolerance + 1e-6) }
      }
    }
  }
}

extension Summary.Row {
  init(_ label: String, _ records: [Record], _ unit: Summary.Unit) {
    let done = records.filter { $0.error == nil }
    let used = done.filter(\.isCounted)
    self.label = label
    isProject = records[0].peer == Summary.project
    precision = records[0].precision ?? "float32"
    (counted, rounds) = (used.count, records.count)
    let foreign = records.compactMap(\.foreignCPU)
    foreignCPU = foreign.isEmpty ? nil : Comparison.median(foreign)
    let speeds = records.compactMap(\.coreSpeed)
    coreSpeed = speeds.isEmpty ? nil : Comparison.median(speeds)
    finalLoss = done.first?.finalLoss
    var notes: [String] = []
    switch unit {
    case .samplesPerSecond:
      let seconds = used.flatMap(\.epochSeconds)
      let samples = Double(used.first?.samples ?? 0)
      best = seconds.min().map { samples / $0 } ?? .nan
      median = samples / Comparison.median(seconds)
    case .microseconds:
      best = used.compactMap(\.p50).min() ?? .nan
      median = Comparison.median(used.compactMap(\.p50))
      if let least = used.compactMap(\.least).min() { notes.append("min \(least.brief)") }
      let p99 = used.compactMap(\.p99)
      if !p99.isEmpty { notes.append("p99 \(Comparison.median(p99).brief)") }
      if let cpu = used.compactMap(\.cpuMean).min() { notes.append("CPU mean \(cpu.brief)") }
    case .milliseconds:
      let seconds = used.compactMap(\.seconds)
      best = (seconds.min() ?? .nan) * 1000
      median = Comparison.median(seconds) * 1000
      if let peak = used.compactMap(\.peakMemory).max() { notes.append("peak \(peak.brief) MiB") }
    }
    if done.contains(where: { $0.isComparable == false }) { notes.append("another cost") }
    if let error = records.compactMap(\.error).first { notes.append("failed: \(error)") }
    note = notes.joined(separator: ", ")
  }
}

extension Record {
  /// The side as tables name it.
  public var label: String {
    guard peer == Summary.project, let precision, precision != "float32" else { return peer }
    return "\(peer) \(precision)"
  }
}

extension Double {
  /// Three to four digits, as `0.87`, `12.4`, `1,240` or `232,065`; a dash for no number.
  public var brief: String {
    guard isFinite else { return "–" }
    if abs(self) < 10 { return text(digits: 2) }
    return abs(self) < 100 ? text(digits: 1) : text(digits: 0)
  }

  /// The nearest number with so many digits behind the point, thousands apart.
  public func text(digits: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return isFinite ? "\(self)" : "–" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let number = Int((abs(self) * scale).rounded())
    var whole = String(number / Int(scale))
    var grouped = ""
    while whole.count > 3 {
      grouped = "," + whole.suffix(3) + grouped
      whole.removeLast(3)
    }
    let fraction = String(number % Int(scale))
    let tail =
      digits == 0 ? "" : "." + String(repeating: "0", count: digits - fraction.count) + fraction
    return (self < 0 && number != 0 ? "-" : "") + whole + grouped + tail
  }
}
