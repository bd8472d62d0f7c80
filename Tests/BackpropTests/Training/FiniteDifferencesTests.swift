import Backprop
import Testing

/// The engine of differences on functions whose derivatives are known.
@Suite struct FiniteDifferencesTests {
  /// A function of one number at a point.
  private func line(
    at x: Double, scale: Double? = nil, sides: @escaping (Double) -> [Double] = { _ in [] },
    _ function: @escaping (Double) -> Double
  ) throws -> LineDifferences {
    let move = Move.element(0, of: "x", [scale ?? x])
    let differences = try Differences([Move.direction(0, of: "x", [x], RandomKey(0))]) {
      let amount = $0.parts.first?.elements.first?.amount ?? 0
      let moved = x + amount * $1
      return FunctionPoint(function(moved), sides: sides(moved))
    }
    return differences.along(move)
  }

  struct Known: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let x: Double
    let function, derivative: @Sendable (Double) -> Double
  }

  static let known = [
    Known(testDescription: "exp", x: 1.3, function: { .exp($0) }, derivative: { .exp($0) }),
    Known(testDescription: "fast sine", x: 1, function: { .sin(300 * $0) }) {
      300 * .cos(300 * $0)
    },
    Known(testDescription: "near a pole", x: 1, function: { 1 / ($0 - 0.99) }) {
      -1 / (($0 - 0.99) * ($0 - 0.99))
    },
    Known(
      testDescription: "a small slope on a great value", x: 1, function: { 1e4 + 1e-3 * .sin($0) }
    ) { 1e-3 * .cos($0) },
    Known(testDescription: "an extremum", x: 0, function: { .cos($0) }, derivative: { _ in 0 }),
  ]

  @Test(arguments: known) func `the estimate of the error holds`(_ known: Known) throws {
    let estimate = try #require(
      try line(at: known.x, known.function).extrapolated(floor: 0))
    let error = (estimate.value - known.derivative(known.x)).magnitude
    #expect(error <= estimate.doubt, "\(error) \(estimate)")
    #expect(estimate.doubt <= 1e-6 * max(known.derivative(known.x).magnitude, 1), "\(estimate)")
  }

  @Test func `extrapolation makes more of the same steps`() throws {
    // 30h is about the wave's length: the first difference alone is off by some thousandths.
    let function = { (x: Double) -> Double in .sin(300 * x) }
    let line = try line(at: 1, function)
    let first = try #require(try line.derivative(expected: 300 * .cos(300), floor: 1))
    #expect(first.truncation != nil, "the first step does not do")
    #expect((first.value / (300 * .cos(300)) - 1).magnitude < 1e-9)
  }

  @Test func `what was expected decides nothing but the effort`() throws {
    let right = try #require(try line(at: 1, { .exp($0) }).derivative(expected: .exp(1), floor: 0))
    #expect(right.truncation == nil)
    for wrong in [0, -3, 2.7, .nan, .infinity] {
      let found = try #require(try line(at: 1, { .exp($0) }).derivative(expected: wrong, floor: 0))
      #expect((found.value - .exp(1)).magnitude < 1e-11)
    }
  }

  @Test func `a kink that is known is stepped around`() throws {
    let near = try line(at: 1e-4, scale: 1, sides: { [$0 > 0 ? 1 : -1] }) { $0 > 0 ? $0 * $0 : 0 }
    let found = try #require(try near.extrapolated(floor: 0))
    #expect((found.value - 2e-4).magnitude <= 1e-12)
    let on = try line(at: 0, sides: { [$0 > 0 ? 1 : $0 < 0 ? -1 : 0] }) { $0.magnitude }
    #expect(try on.extrapolated(floor: 0) == nil)
  }

  @Test func `a kink that is not known shows as a jump of the slope`() throws {
    let jump = try #require(try line(at: 0, { max($0, 0) + 3 }).jump())
    #expect((jump - 1).magnitude < 1e-9)
    #expect(try line(at: 1, { $0 + .sin(300_000 * $0) / 10_000 }).jump() == nil)
    for known in Self.known { #expect(try line(at: known.x, known.function).jump() == nil) }
  }

  @Test func `a joint move moves every array`() {
    let key = RandomKey(1)
    let moves = [
      Move.direction(0, of: "a", [1, 2], key), Move.direction(0, of: "b", [3], key),
    ]
    let joint = Move.joint(moves)
    #expect(joint.parts.map(\.path) == ["a", "b"])
    let gradients = ["a": [0.5, -1], "b": [2.0]]
    let sum = moves.reduce(0) { $0 + $1.along { gradients[$0] ?? [] } }
    #expect(joint.along { gradients[$0] ?? [] } == sum)
  }
}
