import ArgumentParser
import CLimits
import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs project and peers in turn and writes tables, records and charts.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Runs the library and its peers in turn; Benchmarks/compare builds and calls it.")

  @Argument(help: "Cases of cases.json, or scaling; all if none is named.")
  var names: [String] = []
  @Option(help: "Threads of every side.")
  var threads = 1
  @Option(help: "How often each side runs.")
  var rounds = 5
  @Option(
    help: """
      With several threads: minutes a case to go on until every side has that many runs that count.
      """)
  var minutes = 0.0
  @Option(help: "Epochs that each run times.")
  var repeats = 3
  @Option(help: "Peers by name or library, as jax-scan,torch, or none; without it all of a case.")
  var peers: String?
  @Option(help: "Precisions of the project's runs, as float32,bfloat16.")
  var precision = "float32"
  @Option(help: "The instruction set of the project's kernels.")
  var kernels: String?
  @Option(help: "Samples of an epoch, for a trial: losses then are not what the case expects.")
  var samples: Int?
  @Option(help: "Seconds to wait before each run for free cores at full speed.")
  var patience = 3.0
  @Option(help: "The folder for table, records and charts.")
  var output: String?
  @OptionGroup var folders: Folders

  func validate() throws {
    guard threads >= 1, rounds >= 1, repeats >= 1 else {
      throw ValidationError("--threads, --rounds and --repeats must be 1 or more")
    }
  }

  func run() throws {
    let cases = try BenchmarkCases(folder: folders.benchmarks)
    let chosen = try chosenCases(cases)
    // The peak counts once more at the end: another load may have held it down at the start.
    let peakBefore = limit_fma()
    let folder = output ?? folders.benchmarks + "/results/" + Machine.date
    try makeFolder(folder)
    let competition = Competition(
      folders: folders, threads: threads, repeats: repeats, samples: samples, patience: patience,
      errors: folder + "/errors.txt")
    try competition.writeData(for: chosen.map(\.name))

    let file = folder + "/records.jsonl"
    try write("", to: file)
    var summaries: [Summary] = []
    var widths: [(width: Int, weights: Int, summary: Summary)] = []
    for (name, benchmark) in chosen {
      let records = try play(name, sides(of: benchmark), competition, file)
      let made = self.summaries(of: records, name, benchmark)
      for summary in made { tell("\n" + summary.markdown) }
      summaries += made
      if name.hasPrefix("scaling-") {
        widths += made.map { (benchmark.sizes[1], benchmark.weights, $0) }
      }
    }
    let peak = max(peakBefore, limit_fma())
    let report = Report(summaries, facts: facts(peak))
    try write(report.markdown, to: folder + "/table.md")
    let others = summaries.filter { !$0.title.hasPrefix("scaling-") }
    if !others.isEmpty { try write(ratioChart(others).svg, to: folder + "/ratios.svg") }
    if !widths.isEmpty {
      let chart = scalingChart(widths, peak: peak * Double(threads))
      try write(chart.svg, to: folder + "/scaling.svg")
    }
    print("table.md, records.jsonl and charts are in \(folder)")
    try judge(report)
  }

  /// The cases that were asked for; an unknown case or peer is an error before anything runs.
  private func chosenCases(
    _ cases: BenchmarkCases
  ) throws -> [(name: String, benchmark: BenchmarkCase)] {
    for wanted in wantedPeers ?? [] where wanted != "none" {
      let isKnown = cases.byName.values.contains { $0.peers.contains { matches($0, wanted) } }
      guard isKnown else { throw ValidationError("there is no peer '\(wanted)'") }
    }
    return try (names.isEmpty ? BenchmarkCases.groups : names).flatMap { name in
      let found = cases.names(matching: name)
      guard !found.isEmpty else { throw ValidationError("there is no case '\(name)'") }
      return found.compactMap { name in cases.byName[name].map { (name, $0) } }
    }
  }

  /// One summary, or one for each batch where a case has several.
  private func summaries(
    of records: [Record], _ name: String, _ benchmark: BenchmarkCase
  ) -> [Summary] {
    let batches = Set(records.compactMap(\.batch)).sorted()
    return (batches.isEmpty ? [nil] : batches.map(Optional.some)).map { batch in
      Summary(
        title: batch.map { "\(name), batch \($0)" } ?? name,
        records: records.filter { $0.batch == batch || $0.error != nil }, benchmark: benchmark,
        isTrial: samples != nil)
    }
  }

  private func judge(_ report: Report) throws {
    if report.summaries.contains(where: { $0.rows.contains { $0.note.contains("failed: ") } }) {
      print("some sides failed: see errors.txt there")
      throw ExitCode(2)
    }
    guard report.hasEqualLosses else {
      print("some final losses are not what their case demands: they are bold in the table")
      throw ExitCode(1)
    }
  }

  /// Runs the sides in turn, round by round, and notes every record in a file.
  private func play(
    _ name: String, _ sides: [Competition.Side], _ competition: Competition, _ file: String
  ) throws -> [Record] {
    var records: [Record] = []
    var counted = [Int](repeating: 0, count: sides.count)
    var round = 0
    let end = Clock.wall + 60 * minutes
    repeat {
      round += 1
      for (index, side) in sides.enumerated() {
        let made = try competition.run(side, name: name, round: round)
        try write(made.map { $0.line + "\n" }.joined(), to: file, isAppended: true)
        records += made
        if made.allSatisfy(\.isCounted) { counted[index] += 1 }
      }
    } while round < rounds
      || (threads > 1 && counted.contains { $0 < rounds } && Clock.wall < end)
    return records
  }

  /// The project with each precision, and the peers of a case that were asked for.
  private func sides(of benchmark: BenchmarkCase) -> [Competition.Side] {
    let chosen = benchmark.peers.filter { peer in
      wantedPeers?.contains { matches(peer, $0) } ?? true
    }
    let precisions = precision.split(separator: ",").map(String.init)
    return precisions.map { .project(precision: $0, kernels: kernels) } + chosen.map { .peer($0) }
  }

  private var wantedPeers: [String]? { peers?.split(separator: ",").map(String.init) }

  private func matches(_ peer: String, _ wanted: String) -> Bool {
    peer == wanted || peer.hasPrefix(wanted + "-")
  }

  private func facts(_ peak: Double) -> [String] {
    // Folders are nobody's business.
    var command = Array(CommandLine.arguments.dropFirst(2))
    for option in ["--benchmarks", "--cache", "--output"] {
      while let index = command.firstIndex(of: option) {
        command.removeSubrange(index..<min(index + 2, command.count))
      }
    }
    return [
      "\(Machine.processor), \(Machine.cores) cores; multiply-add peak of one core "
        + "\((peak / 1e9).text(digits: 0)) GFLOP/s",
      Machine.date,
      "`\((["Benchmarks/compare"] + command).joined(separator: " "))`",
    ]
  }
}

/// Prints at once, whoever reads.
func tell(_ text: String) {
  print(text)
  fflush(nil)
}

/// Makes a folder and those around it.
func makeFolder(_ path: String) throws {
  var made = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    made += part + "/"
    guard mkdir(made, 0o755) == 0 || errno == EEXIST || errno == EISDIR else {
      throw Child.Failure(text: "cannot make the folder \(made)")
    }
  }
}

/// Writes a file, or adds to its end.
func write(_ text: String, to path: String, isAppended: Bool = false) throws {
  guard let file = fopen(path, isAppended ? "a" : "w"), fputs(text, file) >= 0, fclose(file) == 0
  else { throw Child.Failure(text: "cannot write \(path)") }
}
