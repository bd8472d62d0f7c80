import ArgumentParser
import Backprop
import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs one case and prints one line of JSON a result.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs one case; prints a line of JSON for each result.")

  @Argument(help: "The case, as in cases.json; `scaling` runs all its widths.")
  var name: String
  @Option(help: "Threads of a step.")
  var threads = 1
  @Option(help: "Epochs that are timed, each from the initial weights.")
  var repeats = 3
  @Option(help: "The precision: float32, float64, or what else the library takes.")
  var precision = "float32"
  @Option(help: "The instruction set of the kernels, by the library's name.")
  var kernels: String?
  @Option(help: "Samples, if not those of the case; the data must have been written for them.")
  var samples: Int?
  @OptionGroup var folders: Folders

  func validate() throws {
    guard repeats >= 1 else { throw ValidationError("--repeats must be 1 or more") }
    guard Precision(rawValue: precision) != nil else {
      throw ValidationError("'\(precision)' is no precision")
    }
  }

  func run() throws {
    if let kernels {
      setenv(KernelPath.variable, kernels, 1)
      guard KernelPath.current.rawValue == kernels else {
        throw ValidationError("this machine or library has no kernels '\(kernels)'")
      }
    }
    let cases = try BenchmarkCases(folder: folders.benchmarks)
    let names = cases.names(matching: name)
    guard !names.isEmpty else { throw ValidationError("there is no case '\(name)'") }
    for name in names {
      guard let benchmark = cases.byName[name] else { continue }
      let work = try Work(
        name, benchmark, folder: folders.cache, samples: samples, threads: threads,
        precision: Precision(rawValue: precision) ?? .float32)
      let records =
        switch name {
        case "infer-1": try work.measureInference(isTrial: repeats == 1)
        case "first-step": [try work.measureFirstStep()]
        default: [try work.measureEpochs(repeats: repeats)]
        }
      for record in records { print(record.line) }
    }
  }
}

/// Where the cases and the stored data are.
struct Folders: ParsableArguments {
  @Option(help: "The folder with cases.json.")
  var benchmarks = "Benchmarks"
  @Option(name: .customLong("cache"), help: "The folder of the stored data.")
  var cacheFolder: String?

  var cache: String { cacheFolder ?? benchmarks + "/.cache" }
}
