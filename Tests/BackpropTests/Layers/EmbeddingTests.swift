import Testing

@testable import Backprop

@Suite struct EmbeddingTests {
  @Test func picksRows() throws {
    let traced = try LayerTrace(Embedding(3, features: 2), [2, 2], type: .int32)
    #expect(traced.output.shape == [2, 2, 2])
    #expect(traced.trace.declarations.map(\.path) == ["layer.weight"])
    #expect(traced.trace.declarations.map(\.kind) == [.parameter(.weight)])
    let numbers = try traced.output([0, 2, 2, 1], ["layer.weight": [1, 2, 3, 4, 5, 6]])
    #expect(numbers == [1, 2, 5, 6, 5, 6, 3, 4])
  }

  @Test func thePaddingRowIsZeroAndStays() throws {
    let layer = Embedding(3, features: 2, padding: 1, initializer: .ones)
    let traced = try LayerTrace(layer, [1, 3], type: .int32)
    let weight = traced.trace.declarations[0]
    #expect(weight.initial([3, 2], key: RandomKey(0)) == [1, 1, 0, 0, 1, 1])
    let slope = try gradient(
      of: (traced.output * traced.output).sum(), withRespectTo: [weight.value])
    let numbers = try traced.values(
      of: [traced.output, slope[0]], x: [0, 1, 2], ["layer.weight": [1, 2, 7, 7, 3, 4]])
    #expect(numbers[0] == [1, 2, 0, 0, 3, 4])
    #expect(numbers[1] == [2, 4, 0, 0, 6, 8])
  }

  @Test func refusesWhatDoesNotFit() {
    expectError(
      "layer 'layer': embedding of [2, 3]: takes int32 indices, not float64; describe the input as .index(…, below: 5)"
    ) { _ = try LayerTrace(Embedding(5, features: 2), [2, 3]) }
    expectError("embedding: the padding index is 5; expected 0 to 4") {
      _ = try LayerTrace(Embedding(5, features: 2, padding: 5), [2, 3], type: .int32)
    }
    expectError("embedding: 0 rows of 2 features; expected at least 1 of each") {
      _ = try LayerTrace(Embedding(0, features: 2), [2, 3], type: .int32)
    }
    expectError(
      "layer 'layer': embedding of [4096, 1073741824]: 4096 × 1073741824 × 1073741824 numbers are more than can be counted"
    ) { _ = try LayerTrace(Embedding(2, features: 1 << 30), [1 << 12, 1 << 30], type: .int32) }
  }
}

@Suite struct PositionsTests {
  /// Products of turned vectors depend on the difference of their times alone.
  @Test(arguments: RotaryPairing.allCases)
  func rotaryProductsDependOnTheDistance(_ pairing: RotaryPairing) throws {
    let vector = someNumbers(6), other = someNumbers(6, seed: 12)
    func turned(_ vector: [Double]) throws -> [[Double]] {
      let numbers = try evaluate([Numbers([4, 6], (0..<4).flatMap { _ in vector })]) {
        try $0[0].rotated(pairing: pairing, base: 100)
      }.values
      return (0..<4).map { Array(numbers[$0 * 6..<($0 + 1) * 6]) }
    }
    let (a, b) = (try turned(vector), try turned(other))
    func product(_ i: Int, _ j: Int) -> Double { zip(a[i], b[j]).reduce(0) { $0 + $1.0 * $1.1 } }
    expectClose(product(3, 1), product(2, 0), Tolerance(relative: 1e-13))
    #expect(abs(product(3, 1) - product(3, 2)) > 1e-3)
    #expect(a[0] == vector)
  }

  @Test func refusesWhatDoesNotFit() {
    expectError(
      "layer 'layer': learned-positions of [2, 4, 3]: a sequence of 4; expected at most 3, the length"
    ) { _ = try LayerTrace(LearnedPositions(3), [2, 4, 3]) }
    expectError(
      "layer 'layer': sinusoidal-positions of [2, 4]: the input is float64[2, 4]; expected real numbers [batch, time, features], no size 0"
    ) { _ = try LayerTrace(SinusoidalPositions(), [2, 4]) }
    expectError("sinusoidal-positions: the base is 0; expected a number above 0") {
      _ = try LayerTrace(SinusoidalPositions(base: 0), [2, 4, 3])
    }
    expectError("rotary-positions of [2, 3]: expected [..., time, features] with even features") {
      _ = try evaluate([Numbers([2, 3], repeating: 1)]) { try $0[0].rotated(pairing: .halves) }
    }
  }
}
