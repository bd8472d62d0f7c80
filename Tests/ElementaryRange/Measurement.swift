import CBackpropKernels

/// A function of the kernels, its inputs and what it should give.
struct Measurement<T: Element>: Sendable {
  let name: String
  let op: bp_op
  let inputs: Inputs<T>
  let exact: @Sendable (T.Exact, T.Exact) -> T.Exact

  /// Goes through all inputs, chunk after chunk, shared by workers.
  func run(workers: Int) async -> Findings<T> {
    await withTaskGroup(of: Findings<T>.self) { group in
      for worker in 0..<workers {
        group.addTask {
          let lane = Lane(self)
          var start = worker * Lane<T>.most
          while start < inputs.count {
            lane.run(start..<min(start + Lane<T>.most, inputs.count))
            start += workers * Lane<T>.most
          }
          return lane.findings
        }
      }
      return await group.reduce(into: Findings(isBinary: op == BP_OP_POWER)) { $0.add($1) }
    }
  }
}

/// One worker's buffers and findings.
private final class Lane<T: Element> {
  /// Inputs of a chunk: their results on all paths stay in cache.
  static var most: Int { 8192 }

  private let measurement: Measurement<T>
  private let x, y: UnsafeMutablePointer<T>
  /// The results of each path: kept, and where plans may, flushed.
  private let kept, flushed: [(path: Path, values: UnsafeMutablePointer<T>)]
  private(set) var findings: Findings<T>

  init(_ measurement: Measurement<T>) {
    self.measurement = measurement
    findings = Findings(isBinary: measurement.op == BP_OP_POWER)
    func buffer() -> UnsafeMutablePointer<T> {
      let bytes = Self.most * MemoryLayout<T>.stride + Int(BP_SLACK)
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: bytes, alignment: Int(BP_ALIGNMENT))
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      return memory.assumingMemoryBound(to: T.self)
    }
    (x, y) = (buffer(), buffer())
    kept = Path.supported.map { ($0, buffer()) }
    flushed = T.mayFlush ? Path.supported.map { ($0, buffer()) } : []
  }

  deinit {
    for memory in [x, y] + (kept + flushed).map(\.values) { memory.deallocate() }
  }

  func run(_ range: Range<Int>) {
    for (place, index) in range.enumerated() { (x[place], y[place]) = measurement.inputs.at(index) }
    for (runs, flushes) in [(kept, false), (flushed, true)] {
      for (path, values) in runs {
        KernelRun<T>(op: measurement.op, path: path, flushes: flushes)(
          x, y, values, count: range.count)
      }
    }
    let differences = compare(kept, range.count), differencesFlushed = compare(flushed, range.count)
    findings.count += range.count
    findings.differences += differences.count
    findings.difference = findings.difference ?? differences.first
    findings.differencesFlushed += differencesFlushed.count
    findings.differenceFlushed = findings.differenceFlushed ?? differencesFlushed.first
    measure(range)
  }

  /// How many results differ from those of the first path, and one of them.
  private func compare(
    _ runs: [(path: Path, values: UnsafeMutablePointer<T>)], _ count: Int
  ) -> (count: Int, first: String?) {
    guard let (reference, expected) = runs.first else { return (0, nil) }
    var differences = 0, first: String?
    for (path, values) in runs.dropFirst() {
      for place in 0..<count where values[place].bits != expected[place].bits {
        let (got, other) = (values[place], expected[place])
        if got.isNaN && other.isNaN { continue }
        differences += 1
        first =
          first
          ?? "\(findings.input(x[place], y[place])): \(path) gives \(got), \(reference) \(other)"
      }
    }
    return (differences, first)
  }

  private func measure(_ range: Range<Int>) {
    let values = kept[0].values, exact = measurement.exact
    var findings = findings
    for place in 0..<range.count {
      let (a, b, got) = (x[place], y[place], values[place])
      let expected = exact(T.Exact(a), T.Exact(b))
      let error = got.error(from: expected)
      if error > findings.worst.ulps {
        findings.worst = .init(ulps: error, x: a, y: b, result: got, exact: expected)
      }
      if a.magnitude >= 0x1p-8 && a.magnitude <= 0x1p8 && error < 1e6 {
        findings.squares += error * error
        findings.usual += 1
      }
      let bits = got.isNaN ? T.nan.bits : got.bits
      findings.digest &+= hashed(range.lowerBound + place, bits)
      guard T.mayFlush else { continue }
      let flat = flushed[0].values[place]
      guard a.isSubnormal || b.isSubnormal || flat.bits != got.bits || flat.isSubnormal else {
        if error > findings.worstFlushed.ulps {
          findings.worstFlushed = .init(ulps: error, x: a, y: b, result: got, exact: expected)
        }
        continue
      }
      check(flat, place, &findings)
    }
    self.findings = findings
  }

  /// Where denormals are flushed, those that are read count as 0; what is too small to be normal may be 0.
  private func check(_ got: T, _ place: Int, _ findings: inout Findings<T>) {
    if got.isSubnormal { findings.denormals += 1 }
    let exact = measurement.exact(T.Exact(x[place].flushed), T.Exact(y[place].flushed))
    let vanishes = exact.magnitude < T.Exact(T.leastNormalMagnitude) && got.flushed == 0
    let error = vanishes ? 0 : got.error(from: exact)
    if error > findings.worstFlushed.ulps {
      findings.worstFlushed = .init(
        ulps: error, x: x[place], y: y[place], result: got, exact: exact)
    }
  }
}
