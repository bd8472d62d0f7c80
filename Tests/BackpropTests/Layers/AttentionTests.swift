import BackpropTesting
import Testing

@testable import Backprop

/// Attention where only some keys are there: all numbers of sample 1 are left out.
private struct Masked: Layer {
  var isCausal = false
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    // The last feature says whether a time holds something.
    let keep = try x.sliced(axis: 2, x.shape.last - 1..<x.shape.last).greater(than: 0)
    let mask = try keep.reshaped(to: [x.shape[0], x.shape[1]])
    return try MultiHeadAttention(heads: 2, isCausal: isCausal)(
      query: x, key: x, value: x, keyMask: mask, scope)
  }
}

@Suite struct AttentionTests {
  /// A row that sees nothing gives the output's bias, which is 0 here, and sends no gradient back.
  @Test(arguments: [false, true])
  func aRowThatSeesNothingGivesZeros(_ isCausal: Bool) throws {
    let traced = try LayerTrace(Masked(isCausal: isCausal), [2, 3, 4])
    var x = someNumbers(24)
    for time in 0..<3 { (x[time * 4 + 3], x[12 + time * 4 + 3]) = (1, -1) }
    if isCausal { x[3] = -1 }  // the first time of sample 0 sees nothing either
    let parameters = traced.trace.declarations.map(\.value)
    let slopes = try gradient(
      of: (traced.output * traced.output).sum() + traced.output.sum(),
      withRespectTo: [traced.input] + parameters)
    let numbers = try traced.values(of: [traced.output] + slopes, x: x)
    #expect(numbers.allSatisfy { $0.allSatisfy(\.isFinite) })
    let empty = isCausal ? Array(0..<4) + Array(12..<24) : Array(12..<24)
    for place in empty { #expect(numbers[0][place] == 0) }
    for place in 12..<24 { #expect(numbers[1][place] == 0) }
    #expect(numbers[0][8] != 0 && numbers[1][8] != 0)
    var bindings: [Leaf: Numbers<Double>] = [.input("x"): Numbers([2, 3, 4], x)]
    for item in traced.trace.declarations {
      let start = item.initial(item.shape, key: RandomKey(7).folded(item.path))
      bindings[.parameter(item.path)] = Numbers(item.shape, start)
    }
    let planned = try PlanEvaluator().values(
      of: [traced.output] + slopes, in: traced.trace.builder, bindings: bindings
    ).outputs
    for (found, expected) in zip(planned, numbers) {
      expectClose(found.values, expected, Tolerance(relative: 1e-11, absolute: 1e-14))
    }
  }

  @Test func aCausalTimeDoesNotSeeLaterOnes() throws {
    let traced = try LayerTrace(
      TransformerEncoderBlock(heads: 2, hidden: 5, isCausal: true, rotary: .halves), [1, 4, 4])
    let x = someNumbers(16)
    var changed = x
    for place in 12..<16 { changed[place] += 1 }
    let (before, after) = (try traced.output(x), try traced.output(changed))
    #expect(Array(before[..<12]) == Array(after[..<12]))
    #expect(before[12...].elementsEqual(after[12...]) == false)
  }

  @Test func weightsAreDroppedInTrainingAlone() throws {
    let layer = MultiHeadAttention(heads: 2, dropout: 0.5)
    let training = try LayerTrace(layer, [1, 3, 4])
    #expect(Array(training.trace.keys.keys) == ["layer.mask"])
    let evaluation = try LayerTrace(layer, [1, 3, 4], mode: .evaluation)
    #expect(evaluation.trace.keys.isEmpty)
    let x = someNumbers(12)
    #expect(try training.output(x) != evaluation.output(x))
  }

  @Test func refusesWhatDoesNotFit() {
    expectError(
      "layer 'layer': multi-head-attention of [2, 3, 4]: 3 heads do not divide 4 features"
    ) { _ = try LayerTrace(MultiHeadAttention(heads: 3), [2, 3, 4]) }
    expectError(
      "layer 'layer': multi-head-attention of [2, 3]: the query is float64[2, 3]; expected real numbers [batch, time, features], no size 0"
    ) { _ = try LayerTrace(MultiHeadAttention(heads: 1), [2, 3]) }
    expectError("multi-head-attention: the rate is 2; expected a number of at least 0 and below 1")
    {
      _ = try LayerTrace(MultiHeadAttention(heads: 1, dropout: 2), [2, 3, 4])
    }
    let x = Numbers<Double>([2, 3], repeating: 1)
    expectError(
      "attention of [2, 3] and [2, 3] and [1, 3]: expected queries [..., q, size], keys [..., k, size] and values [..., k, n], no size 0"
    ) {
      _ = try evaluate([x, Numbers([1, 3], repeating: 1)]) {
        try scaledDotProductAttention($0[0], $0[0], $0[1])
      }
    }
    expectError(
      "attention of [2, 3] and [2, 2]: the mask is float64[2, 3]; expected truth values that broadcast to the second"
    ) { _ = try evaluate([x]) { try scaledDotProductAttention($0[0], $0[0], $0[0], mask: $0[0]) } }
    struct WrongKeys: Layer {
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
        let mask = try x.greater(than: 0)
        return try MultiHeadAttention(heads: 1)(query: x, key: x, value: x, keyMask: mask, scope)
      }
    }
    expectError(
      "layer 'layer': multi-head-attention of [2, 3, 4]: the mask of keys is bool[2, 3, 4]; expected bool[2, 3]"
    ) { _ = try LayerTrace(WrongKeys(), [2, 3, 4]) }
  }
}

@Suite struct CompositionTests {
  @Test func aResidualAddsItsInput() throws {
    let layer = Residual([("dense", Dense(2)), ("tanh", Activation.tanh)])
    let traced = try LayerTrace(layer, [1, 2])
    #expect(traced.trace.declarations.map(\.path) == ["layer.dense.weight", "layer.dense.bias"])
    let found = try traced.output([1, 2], ["layer.dense.weight": [1, 0, 0, -1]])
    expectClose(found, [1 + .tanh(1), 2 - .tanh(2)], Tolerance(relative: 1e-15))
    expectError(
      "layer 'layer': residual of [1, 2] and [1, 3]: the layers make float64[1, 3] of float64[1, 2]; expected the same"
    ) { _ = try LayerTrace(Residual([("dense", Dense(3))]), [1, 2]) }
  }

  @Test func branchesMeet() throws {
    let branches: [(name: String, layer: any Layer)] = [
      ("same", Activation.identity), ("inner", Sequential([("tanh", Activation.tanh)])),
    ]
    let x = [0.5, -1]
    let tanh = x.map { Double.tanh($0) }
    #expect(try LayerTrace(Parallel(branches), [1, 2]).output(x) == x + tanh)
    let sum = Parallel(branches, combination: .add)
    #expect(try LayerTrace(sum, [1, 2]).output(x) == zip(x, tanh).map { $0 + $1 })
    expectError("layer 'layer': parallel of [1, 2]: there is no branch; expected at least one") {
      _ = try LayerTrace(Parallel([]), [1, 2])
    }
    expectError(
      "layer 'layer': parallel of [1, 2] and [1, 3]: branches that are added must give one shape"
    ) {
      _ = try LayerTrace(
        Parallel([("a", Activation.relu), ("b", Dense(3))], combination: .add), [1, 2])
    }
  }
}
