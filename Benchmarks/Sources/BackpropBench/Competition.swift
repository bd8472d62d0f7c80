import Comparison

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs one side after the other, each in a process of its own.
struct Competition {
  /// Who runs.
  enum Side {
    case project(precision: String, kernels: String?)
    /// A peer of cases.json: the name of its script, and the variant behind a hyphen.
    case peer(String)

    var name: String {
      switch self {
      case .project(let precision, _): precision == "float32" ? "backprop" : "backprop \(precision)"
      case .peer(let name): name
      }
    }
  }

  let folders: Folders
  let threads, repeats: Int
  let samples: Int?
  let patience: Double
  let errors: String

  /// Writes the samples and initial weights that are not there yet.
  func writeData(for names: [String]) throws {
    let command = [Self.python(for: "numpy", folders), folders.benchmarks + "/Peers/data.py"]
    let count = samples.map { ["--samples", String($0)] } ?? []
    let child = try Child.run(
      command + names + count, variables: ["BACKPROP_BENCH_CACHE": folders.cache], errors: errors)
    print(child.output, terminator: "")
    guard child.status == 0 else {
      throw Child.Failure(text: "the data could not be written: see \(errors)")
    }
  }

  /// Runs a side once; a run that fails gives a record that says so.
  func run(_ side: Side, name: String, round: Int) throws -> [Record] {
    Machine.waitForQuiet(cores: threads, patience: patience)
    let speed = Machine.speed()
    let before = Machine.busy
    let child = try Child.run(
      command(side, name), variables: variables,
      removing: ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"], errors: errors)
    let foreign = before.flatMap { before in
      Machine.busy.map { max(0, ($0 - before - child.cpu) / child.wall) }
    }
    let coreSpeed = min(speed, Machine.speed()).rounded(3)
    var records = child.output.split(separator: "\n").compactMap { Record(line: $0) }
    if child.status != 0 || records.isEmpty {
      var record = Record(name: name, peer: side.name, threads: threads)
      if case .project(let precision, _) = side {
        (record.peer, record.precision) = (Summary.project, precision)
      }
      record.error = "exit code \(child.status)"
      records = [record]
    }
    for index in records.indices {
      (records[index].round, records[index].foreignCPU) = (round, foreign?.rounded(3))
      records[index].coreSpeed = coreSpeed
    }
    let figures = records.map { record in
      record.error
        ?? record.samplesPerSecondMax.map { "\($0.brief) samples/s" }
        ?? record.p50.map { "\($0.brief) µs" } ?? "\(((record.seconds ?? .nan) * 1000).brief) ms"
    }
    tell(
      "\(name) round \(round) \(side.name): \(figures.joined(separator: ", ")), "
        + "others \(foreign?.text(digits: 2) ?? "?") cores, speed \(coreSpeed.text(digits: 2))")
    return records
  }

  private func command(_ side: Side, _ name: String) -> [String] {
    var options = ["--threads", String(threads), "--repeats", String(repeats)]
    if let samples { options += ["--samples", String(samples)] }
    switch side {
    case .project(let precision, let kernels):
      options += ["--benchmarks", folders.benchmarks, "--cache", folders.cache]
      options += ["--precision", precision] + (kernels.map { ["--kernels", $0] } ?? [])
      return [CommandLine.arguments[0], "run", name] + options
    case .peer(let peer):
      let parts = peer.split(separator: "-", maxSplits: 1).map(String.init)
      if parts.count == 2 { options += ["--variant", parts[1]] }
      let script = folders.benchmarks + "/Peers/\(parts[0])_peer.py"
      return [Self.python(for: parts[0], folders), script, name] + options
    }
  }

  /// No more threads than asked for.
  private var variables: [String: String] {
    let count = String(threads)
    return [
      "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "MKL_NUM_THREADS": count,
      "BACKPROP_BENCH_CACHE": folders.cache, "PYTHONDONTWRITEBYTECODE": "1",
    ]
  }

  /// The interpreter of a peer: what `BACKPROP_PEERS_PYTHON_<PEER>` or `BACKPROP_PEERS_PYTHON` says,
  /// else that of the environment which `compare --setup` makes.
  private static func python(for peer: String, _ folders: Folders) -> String {
    for name in ["BACKPROP_PEERS_PYTHON_\(peer.uppercased())", "BACKPROP_PEERS_PYTHON"] {
      if let value = getenv(name) { return String(cString: value) }
    }
    return folders.benchmarks + "/.venv/bin/python"
  }
}
