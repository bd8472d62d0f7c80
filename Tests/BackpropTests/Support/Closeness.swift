import Testing

/// How far two numbers may be apart: relative to the larger one, or absolutely where both are near
/// 0.
struct Tolerance {
  let relative, absolute: Double

  /// Refuses what would let wrong numbers pass.
  init(relative: Double, absolute: Double = 0) {
    precondition(relative >= 0 && relative <= 1e-2, "\(relative) is no relative tolerance")
    precondition(absolute >= 0 && absolute <= 1e-2, "\(absolute) is no absolute tolerance")
    (self.relative, self.absolute) = (relative, absolute)
  }

  func accepts(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= max(absolute, relative * max(abs(a), abs(b)))
  }
}

/// Expects numbers to agree one by one.
func expectClose(
  _ found: [Double], _ expected: [Double], _ tolerance: Tolerance, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  for (index, pair) in zip(found, expected).enumerated() {
    #expect(
      tolerance.accepts(pair.0, pair.1),
      "\(what)[\(index)]: found \(pair.0), expected \(pair.1)", sourceLocation: sourceLocation)
  }
}

/// Expects two numbers to agree.
func expectClose(
  _ found: Double, _ expected: Double, _ tolerance: Tolerance, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose([found], [expected], tolerance, what, sourceLocation: sourceLocation)
}

/// Expects an error with exactly this text.
func expectError(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("no error; expected: \(text)", sourceLocation: sourceLocation)
  } catch {
    #expect("\(error)" == text, sourceLocation: sourceLocation)
  }
}
