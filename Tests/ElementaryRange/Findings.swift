import ElementaryFunctions

/// What was found about a function, on all inputs or a share of them.
struct Findings<T: Element>: Sendable {
  /// A result and its error in units in the last place. (No text: errors of tiny inputs may rise with every input.)
  struct Case: Sendable {
    var ulps = 0.0, x: T = 0, y: T = 0, result: T = 0, exact: T.Exact = 0
  }

  let isBinary: Bool
  var count = 0
  /// Inputs whose results differ between paths, with denormals kept and flushed, and the first of each.
  var differences = 0, difference: String?
  var differencesFlushed = 0, differenceFlushed: String?
  /// The greatest error, with denormals kept and flushed.
  var worst = Case(), worstFlushed = Case()
  /// For the root of the mean square of the errors at usual inputs, of magnitude 2^-8 to 2^8.
  var squares = 0.0, usual = 0
  /// Results that are denormal although denormals are flushed.
  var denormals = 0
  /// A sum that depends on every input and the bits of its result: the same on two machines if all results are.
  var digest: UInt64 = 0

  init(isBinary: Bool) { self.isBinary = isBinary }

  var rms: Double { (squares / Double(max(usual, 1))).squareRoot() }

  mutating func add(_ other: Findings) {
    count += other.count
    differences += other.differences
    difference = difference ?? other.difference
    differencesFlushed += other.differencesFlushed
    differenceFlushed = differenceFlushed ?? other.differenceFlushed
    if other.worst.ulps > worst.ulps { worst = other.worst }
    if other.worstFlushed.ulps > worstFlushed.ulps { worstFlushed = other.worstFlushed }
    squares += other.squares
    usual += other.usual
    denormals += other.denormals
    digest &+= other.digest
  }
}

extension Findings {
  /// One input, or two.
  func input(_ x: T, _ y: T) -> String { isBinary ? "(\(x), \(y))" : "\(x)" }

  /// Whether all paths agree and no error is above a bound.
  func isSound(bound: Double) -> Bool {
    differences + differencesFlushed == 0 && max(worst.ulps, worstFlushed.ulps) <= bound
  }

  func report(bound: Double) -> String {
    func text(_ name: String, _ worst: Case) -> String {
      "\(name) \(hundredths(worst.ulps)) ulp at \(input(worst.x, worst.y)): \(worst.result), not \(worst.exact)"
    }
    var lines = [
      "\(count) inputs on " + Path.supported.map { "\($0)" }.joined(separator: ", "),
      text("greatest error", worst),
      "RMS \((rms * 1000).rounded() / 1000) ulp at magnitudes 2^-8 to 2^8; digest "
        + String(digest, radix: 16),
    ]
    if worstFlushed.ulps > worst.ulps {
      lines.append(text("denormals flushed: greatest error", worstFlushed))
    }
    if denormals > 0 { lines.append("denormals flushed: \(denormals) results are denormal") }
    if let difference {
      lines.append("PATHS DIFFER at \(differences) inputs, as at \(difference)")
    }
    if let difference = differenceFlushed {
      lines.append(
        "denormals flushed: PATHS DIFFER at \(differencesFlushed) inputs, as at \(difference)")
    }
    if !(max(worst.ulps, worstFlushed.ulps) <= bound) {
      lines.append("ABOVE ITS BOUND of \(hundredths(bound)) ulp")
    }
    return lines.joined(separator: "\n  ")
  }
}
