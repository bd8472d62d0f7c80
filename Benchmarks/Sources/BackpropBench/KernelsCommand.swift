import ArgumentParser
import Backprop
import CLimits
import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures single kernels against what the machine can do.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measures products, maps and softmax against the limits of one core.")

  @Option(help: "The precision.")
  var precision = "float32"
  @Option(help: "Threads; limits are those of one core times this.")
  var threads = 1
  @Option(help: "The instruction set of the kernels.")
  var kernels: String?
  @Flag(help: "Short samples: a trial of the command, not a measurement.")
  var trial = false

  func run() throws {
    if let kernels { setenv(KernelPath.variable, kernels, 1) }
    guard let type = ScalarType(rawValue: precision) else {
      throw ValidationError("'\(precision)' is no precision")
    }
    let bench = KernelBench(type: type, threads: threads, isTrial: trial)
    tell("Kernels: \(KernelPath.current.rawValue), \(precision), \(threads) thread(s)\n")
    limits()
    try products(bench)
    try maps(bench)
  }

  private func limits() {
    var rows = [["limit of one core", "copy", "triad", "read"]]
    for (name, bytes) in KernelBench.places {
      let figures = [limit_copy(bytes), limit_triad(bytes), limit_read(bytes)]
      rows.append([name] + figures.map { ($0 / 1e9).brief + " GB/s" })
    }
    tell(markdown(rows))
  }

  private func products(_ bench: KernelBench) throws {
    // The peak is taken between the products too: another load may hold it down for a while.
    var peak = 0.0
    let rates = try KernelBench.products.enumerated().map { index, product in
      if index % 8 == 0 { peak = max(peak, limit_fma()) }
      return product.operations / (try bench.seconds(product))
    }
    peak *= Double(threads) * 4 / Double(bench.type.size)
    tell(
      "Multiply-add, \(limit_fma_bits())-bit vectors, \(precision), \(threads) thread(s): "
        + "\((peak / 1e9).text(digits: 0)) GFLOP/s\n")
    var rows = [["product", "M×N×K", "GFLOP/s", "of the peak"]]
    for (product, rate) in zip(KernelBench.products, rates) {
      let share = (100 * rate / peak).text(digits: 0) + " %"
      rows.append([product.kind.rawValue, product.name, (rate / 1e9).brief, share])
    }
    tell(markdown(rows))
  }

  /// The limit of a map is the time to read its inputs and write its outputs as fast as a copy does.
  private func maps(_ bench: KernelBench) throws {
    var rows = [["map", "where its arrays fit", "elements/ns", "GB/s", "of copying"]]
    for map in KernelBench.Map.allCases {
      for (name, bytes) in KernelBench.places {
        let count = max(bytes / (map.arrays * bench.type.size), 1024)
        let seconds = try bench.seconds(map, count: count)
        let rate = Double(count * map.arrays * bench.type.size) / seconds
        let share = 100 * rate / (limit_copy(bytes) * Double(threads))
        rows.append([
          map.rawValue, name, (Double(count) / seconds / 1e9).brief, (rate / 1e9).brief,
          share.text(digits: 0) + " %",
        ])
      }
    }
    tell(markdown(rows))
  }

  private func markdown(_ rows: [[String]]) -> String { Table(rows, textColumns: [0, 1]).markdown }
}
