#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one run tells, in one line of JSON: the same fields from the project and from its peers.
public struct Record: Codable, Sendable {
  /// The case.
  public var name: String
  /// Who ran.
  public var peer: String
  public var version: String?
  public var threads: Int
  /// The precision of products; float32 if nothing is said.
  public var precision: String?
  /// The instruction set of the project's kernels.
  public var kernels: String?
  public var samples, batch, calls: Int?
  /// The least and the median time of an epoch, in seconds.
  public var secondsMin, secondsMedian: Double?
  public var samplesPerSecondMax, samplesPerSecondMedian: Double?
  /// Wall and processor time of each epoch.
  public var times, cpuTimes: [Double]?
  /// The first epoch, which is not counted: it compiles.
  public var firstEpoch: Double?
  /// Microseconds of a call.
  public var p50, p99, least, cpuMean: Double?
  /// From the start of the process to the end of the first step.
  public var seconds: Double?
  public var peakMemory, cpuSeconds: Double?
  /// MiB that training took beside the data, at its peak, and that the plan says.
  public var trainingMemory, plannedMemory: Double?
  public var finalLoss: Double?
  /// The loss after each epoch, each from the initial weights.
  public var losses: [Double]?
  /// False if the side trains with another cost.
  public var isComparable: Bool?
  /// What `compare` adds: the round, cores that others kept busy, the speed of a core before or after the run (the
  /// lesser, as a part of the most that was seen), and what went wrong.
  public var round: Int?
  public var foreignCPU, coreSpeed: Double?
  public var error: String?

  enum CodingKeys: String, CodingKey {
    case name = "case"
    case peer, version, threads, precision, kernels, samples, batch, calls, times, seconds, losses
    case round, error
    case secondsMin = "seconds_min"
    case secondsMedian = "seconds_median"
    case samplesPerSecondMax = "samples_per_s_max"
    case samplesPerSecondMedian = "samples_per_s_median"
    case cpuTimes = "cpu_times"
    case firstEpoch = "first_epoch_s"
    case p50 = "p50_us"
    case p99 = "p99_us"
    case least = "min_us"
    case cpuMean = "cpu_mean_us"
    case peakMemory = "peak_rss_mib"
    case trainingMemory = "training_mib"
    case plannedMemory = "planned_mib"
    case cpuSeconds = "cpu_s"
    case finalLoss = "final_loss"
    case isComparable = "comparable"
    case foreignCPU = "foreign_cpu"
    case coreSpeed = "core_speed"
  }

  /// A record of nothing yet.
  public init(name: String, peer: String, threads: Int) {
    (self.name, self.peer, self.threads) = (name, peer, threads)
  }

  /// Reads a line; nil if it is no record.
  public init?(line: some StringProtocol) {
    guard line.hasPrefix("{"),
      let record = try? JSONDecoder().decode(Record.self, from: Data(line.utf8))
    else { return nil }
    self = record
  }

  /// The line, without its end.
  public var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Sets the times of epochs. With one thread the lesser of wall and processor time stands: others
  /// may use the machine meanwhile. Several threads are judged by the wall clock.
  public mutating func setEpochs(wall: [Double], cpu: [Double], samples: Int) {
    (times, cpuTimes) = (wall.map { $0.rounded(6) }, cpu.map { $0.rounded(6) })
    self.samples = samples
    let counted = epochSeconds
    guard let shortest = counted.min() else { return }
    (secondsMin, secondsMedian) = (shortest, median(counted))
    samplesPerSecondMax = (Double(samples) / shortest).rounded(1)
    samplesPerSecondMedian = (Double(samples) / median(counted)).rounded(1)
  }

  /// Whether the run counts: it went well, and with several threads others kept the machine free.
  public var isCounted: Bool {
    error == nil && (threads == 1 || (foreignCPU ?? 0) < Summary.quiet)
  }

  /// The time of each epoch that counts.
  public var epochSeconds: [Double] {
    guard let times else { return [] }
    guard threads == 1, let cpuTimes, cpuTimes.count == times.count else { return times }
    return zip(times, cpuTimes).map { min($0, $1) }
  }
}

/// The middle of some numbers, or the mean of the two in the middle; NaN of none.
public func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return .nan }
  let (ordered, middle) = (values.sorted(), values.count / 2)
  return values.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
}

extension Double {
  /// The nearest number with so many digits behind the point.
  public func rounded(_ digits: Int) -> Double {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    return (self * factor).rounded() / factor
  }
}
