import Testing

@testable import Backprop

@Suite struct RecurrentTests {
  @Test func declaresItsParameters() throws {
    let layer = Recurrent(.lstm, 2, layers: 2, isBidirectional: true)
    let traced = try LayerTrace(layer, [3, 4, 5])
    #expect(traced.output.shape == [3, 4, 4])
    let names = ["weight-input", "weight-hidden", "bias-input", "bias-hidden"]
    let places = ["layer1", "layer1-reverse", "layer2", "layer2-reverse"]
    #expect(
      traced.trace.declarations.map(\.path)
        == places.flatMap { place in names.map { "layer.\(place).\($0)" } })
    #expect(
      traced.trace.declarations.map(\.shape)
        == [[5, 8], [2, 8], [8], [8], [5, 8], [2, 8], [8], [8]]
        + [[4, 8], [2, 8], [8], [8], [4, 8], [2, 8], [8], [8]])
    let last = try LayerTrace(Recurrent(.gru, 2, isBidirectional: true, output: .last), [3, 4, 5])
    #expect(last.output.shape == [3, 4])
  }

  /// h = tanh(w·x + u·h) with w = 0.5, u = −1 and x = 1, 2.
  @Test func byHand() throws {
    let traced = try LayerTrace(Recurrent(.rnn, 1), [1, 2, 1])
    let found = try traced.output(
      [1, 2], ["layer.layer1.weight-input": [0.5], "layer.layer1.weight-hidden": [-1]])
    let first = Double.tanh(0.5)
    expectClose(found, [first, .tanh(1 - first)], Tolerance(relative: 1e-15))
  }

  /// A sequence in two pieces, the second from the state of the first, gives what it gives in one.
  @Test(arguments: Recurrent.Cell.allCases)
  func aStateGoesOn(_ cell: Recurrent.Cell) throws {
    struct Pieces: Layer {
      let layer: Recurrent
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
        let place = scope.shared("memory")
        let (first, state) = try layer(x.sliced(axis: 1, 0..<2), initial: nil, place)
        let (second, _) = try layer(x.sliced(axis: 1, 2..<5), initial: state, place)
        return try first.concatenated(with: [second], axis: 1)
      }
    }
    struct Whole: Layer {
      let layer: Recurrent
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
        try layer(x, scope.shared("memory"))
      }
    }
    let layer = Recurrent(cell, 3, layers: 2)
    let x = someNumbers(2 * 5 * 2)
    #expect(
      try LayerTrace(Pieces(layer: layer), [2, 5, 2]).output(x)
        == LayerTrace(Whole(layer: layer), [2, 5, 2]).output(x))
  }

  @Test func theLastStateIsThatOfEachDirection() throws {
    let x = someNumbers(2 * 3 * 2)
    var layer = Recurrent(.gru, 2, isBidirectional: true)
    let sequence = try LayerTrace(layer, [2, 3, 2]).output(x)
    layer.output = .last
    let last = try LayerTrace(layer, [2, 3, 2]).output(x)
    for sample in 0..<2 {
      let rows = sequence[sample * 12..<(sample + 1) * 12].map { $0 }
      #expect(Array(last[sample * 4..<(sample + 1) * 4]) == Array(rows[8..<10] + rows[2..<4]))
    }
  }

  @Test func dropsBetweenLayersInTrainingAlone() throws {
    let layer = Recurrent(.lstm, 4, layers: 3, dropout: 0.5)
    let training = try LayerTrace(layer, [1, 2, 3])
    #expect(training.trace.keys.keys.sorted() == ["layer.dropout1.mask", "layer.dropout2.mask"])
    #expect(try LayerTrace(layer, [1, 2, 3], mode: .evaluation).trace.keys.isEmpty)
  }

  /// The adjoints of all times stand side by side: the graph of a step grows as the sequence does.
  @Test func theGraphGrowsWithTheLength() throws {
    func count(_ time: Int) throws -> Int {
      let traced = try LayerTrace(Recurrent(.lstm, 2), [1, time, 3])
      _ = try gradient(
        of: traced.output.sum(), withRespectTo: traced.trace.declarations.map(\.value))
      let nodes = traced.trace.builder.graph.nodes
      return nodes.reduce(0) { $0 + $1.inputs.count }
    }
    let (short, middle, long) = (try count(8), try count(16), try count(32))
    #expect(long - middle == 2 * (middle - short))
  }

  @Test func refusesWhatDoesNotFit() throws {
    expectError(
      "layer 'layer': lstm of [2, 3]: the input is float64[2, 3]; expected real numbers [batch, time, features], no size 0"
    ) { _ = try LayerTrace(Recurrent(.lstm, 4), [2, 3]) }
    expectError("gru: units is 0; expected at least 1") {
      _ = try LayerTrace(Recurrent(.gru, 0), [2, 3, 4])
    }
    expectError("rnn: dropout is 1; expected a number of at least 0 and below 1") {
      _ = try LayerTrace(Recurrent(.rnn, 2, dropout: 1), [2, 3, 4])
    }
    expectError(
      "layer 'layer': lstm of [1, 16385, 1]: 16385 times are too many to write out: the layers and directions of a network may have 16384 together, of which 16384 are left"
    ) { _ = try LayerTrace(Recurrent(.lstm, 4), [1, 16_385, 1]) }
    let both = Recurrent(.rnn, 1, layers: 2, isBidirectional: true)
    expectError(
      "layer 'layer.b': rnn of [1, 4000, 2]: 4000 times are too many to write out: the layers and directions of a network may have 16384 together, of which 384 are left"
    ) { _ = try LayerTrace(Sequential([("a", both), ("b", both)]), [1, 4_000, 1]) }
    struct Started: Layer {
      let shapes: [Shape]
      func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
        let state = try shapes.map { try x.constant(0).broadcast(to: $0) }
        return try Recurrent(.gru, 4)(x, initial: .init(hidden: state), scope).output
      }
    }
    expectError(
      "layer 'layer': gru of [2, 3, 5]: the initial state has 2 hidden values and 0 cells; expected 1 and 0"
    ) { _ = try LayerTrace(Started(shapes: [[2, 4], [2, 4]]), [2, 3, 5]) }
    expectError(
      "layer 'layer': gru of [2, 3, 5] and [2, 5]: an initial state is float64[2, 5]; expected [2, 4], as the input is float64[2, 3, 5]"
    ) { _ = try LayerTrace(Started(shapes: [[2, 5]]), [2, 3, 5]) }
  }
}
