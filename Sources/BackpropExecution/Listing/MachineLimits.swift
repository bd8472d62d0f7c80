public import BackpropCore
import CBackpropKernels

/// What one thread of this machine can do at best, measured.
///
/// Arithmetic is timed in loops that hold their numbers in registers, memory in loops that only read,
/// or read two numbers and write one; of the two the faster counts.
public struct MachineLimits: Sendable {
  /// A working set, and how fast it can be gone through.
  public struct Bandwidth: Sendable {
    /// The working set, in bytes.
    public let workingSet: Int
    /// Bytes read and written a second.
    public let bytesPerSecond: Double

    /// Puts a bandwidth together.
    public init(workingSet: Int, bytesPerSecond: Double) {
      (self.workingSet, self.bytesPerSecond) = (workingSet, bytesPerSecond)
    }
  }

  /// Floating-point operations a second: fused multiply-adds of the instruction set, as two each.
  public let flopsPerSecond: Double
  /// Floating-point operations a second on AMX's tiles of bfloat16; 0 where they are not used.
  public let tileFlopsPerSecond: Double
  /// The bandwidth by working set, the smallest first; it does not rise with the working set.
  public let bandwidths: [Bandwidth]

  /// The working sets that are measured, in bytes.
  public static let workingSets = (14...26).map { 1 << $0 }

  /// Puts limits together.
  public init(
    flopsPerSecond: Double, tileFlopsPerSecond: Double = 0, bandwidths: [Bandwidth]
  ) {
    self.flopsPerSecond = flopsPerSecond
    self.tileFlopsPerSecond = tileFlopsPerSecond
    self.bandwidths = bandwidths
  }

  /// Measures this machine, in about half a second. What others run at the same time makes limits too
  /// low: measure more than once, and take the ``fastest(_:)``.
  ///
  /// - Parameters:
  ///   - scalarType: float32 or float64.
  ///   - path: the instruction set.
  public static func measured(
    _ scalarType: ScalarType = .float32, path: KernelPath = .current
  ) -> MachineLimits {
    let real = scalarType == .float64 ? BP_FLOAT64 : BP_FLOAT32
    let code = path.code
    let rounds: Int64 = path == .portable ? 20_000 : 200_000
    let operations = Double(rounds) * Double(bp_limit_operations(code, real))
    let seconds = best(of: 30) { keep(bp_limit_arithmetic(code, real, rounds)) }
    var tiles = 0.0
    if path == .amx, scalarType == .float32 {
      let operations = Double(tileRounds) * Double(BP_LIMIT_TILE_OPERATIONS)
      tiles = operations / best(of: 30) { bp_limit_tiles(tileRounds) }
    }
    let memory = Storage(byteCount: workingSets.max() ?? 0)
    var bandwidths: [Bandwidth] = []
    var least = 0.0
    for workingSet in workingSets.reversed() {
      let bytes = max(
        readRate(memory, workingSet, code, real), updateRate(memory, workingSet, code, real))
      // A smaller set is not slower: what noise says against it is not a limit.
      least = max(least, bytes)
      bandwidths.append(Bandwidth(workingSet: workingSet, bytesPerSecond: least))
    }
    return MachineLimits(
      flopsPerSecond: operations / seconds, tileFlopsPerSecond: tiles,
      bandwidths: bandwidths.reversed())
  }

  private static let tileRounds: Int64 = 20_000

  /// The higher of both limits, for each.
  ///
  /// - Parameter other: limits measured over the same working sets.
  public func fastest(_ other: MachineLimits) -> MachineLimits {
    MachineLimits(
      flopsPerSecond: max(flopsPerSecond, other.flopsPerSecond),
      tileFlopsPerSecond: max(tileFlopsPerSecond, other.tileFlopsPerSecond),
      bandwidths: zip(bandwidths, other.bandwidths).map { a, b in
        Bandwidth(
          workingSet: a.workingSet, bytesPerSecond: max(a.bytesPerSecond, b.bytesPerSecond))
      })
  }

  /// The bandwidth for a working set, in bytes a second: that of the next smaller one measured, so
  /// that it is not too low.
  public func bandwidth(workingSet: Int) -> Double {
    (bandwidths.last { $0.workingSet <= workingSet } ?? bandwidths.first)?.bytesPerSecond
      ?? .infinity
  }

  private static func readRate(
    _ memory: Storage, _ workingSet: Int, _ path: bp_path, _ real: bp_real
  ) -> Double {
    let count = Int64(workingSet / (real == BP_FLOAT64 ? 8 : 4))
    let passes = passes(workingSet)
    let seconds = best(of: 7) { keep(bp_limit_read(path, real, memory.address, count, passes)) }
    return Double(workingSet) * Double(passes) / seconds
  }

  private static func updateRate(
    _ memory: Storage, _ workingSet: Int, _ path: bp_path, _ real: bp_real
  ) -> Double {
    let half = workingSet / 2
    let count = Int64(half / (real == BP_FLOAT64 ? 8 : 4))
    let passes = passes(workingSet)
    let seconds = best(of: 7) {
      bp_limit_update(path, real, memory.address + half, memory.address, count, passes)
    }
    return Double(half) * 3 * Double(passes) / seconds
  }

  /// So many passes that a measurement takes about a millisecond.
  private static func passes(_ workingSet: Int) -> Int64 { Int64(max(1, (64 << 20) / workingSet)) }

  private static func best(of rounds: Int, _ body: () -> Void) -> Double {
    (0..<rounds).map { _ in
      let duration = ContinuousClock().measure(body)
      return duration.seconds
    }.min() ?? .infinity
  }

  @inline(never) private static func keep(_: Double) {}
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

extension PlanListing.Instruction {
  /// The least time that the instruction can take, in seconds: its arithmetic at the peak, or its
  /// bytes at the bandwidth of as large a working set, whichever is more.
  ///
  /// - Parameters:
  ///   - limits: of one thread.
  ///   - threads: the threads of the workspace; only those that find a task count.
  public func floor(_ limits: MachineLimits, threads: Int = 1) -> Double {
    let workers = Double(isParallel ? max(1, min(threads, taskCount)) : 1)
    let bytes = Double(bytesRead + bytesWritten)
    let arithmetic = arithmeticTime(limits)
    let memory = bytes / limits.bandwidth(workingSet: Int(Double(workingSet) / workers))
    return max(arithmetic, memory) / workers
  }

  /// Whether the floor is that of memory, and not of arithmetic.
  public func isMemoryBound(_ limits: MachineLimits) -> Bool {
    let bytes = Double(bytesRead + bytesWritten)
    return bytes / limits.bandwidth(workingSet: workingSet) > arithmeticTime(limits)
  }

  /// The time of the arithmetic alone, on one thread: tiles at the peak of tiles, the rest at that of fused
  /// multiply-adds.
  private func arithmeticTime(_ limits: MachineLimits) -> Double {
    guard tileProducts > 0, limits.tileFlopsPerSecond > 0,
      case .product(let m, let n, let k, _, _, let count) = size
    else { return Double(flops) / limits.flopsPerSecond }
    let product = 2 * m * n * k * count
    return Double(tileProducts * product) / limits.tileFlopsPerSecond
      + Double(flops - product) / limits.flopsPerSecond
  }
}
