import Testing

@testable import Backprop

/// A layer traced on one input, with its declarations.
private func trace(
  _ layer: any Layer, _ shape: Shape, mode: Mode = .training
) throws -> (output: Value, trace: Trace) {
  let trace = Trace(mode: mode, scalarType: .float64)
  let x = trace.builder.leaf(.input("x"), shape, .float64)
  return (try trace.scope("layer") { try layer(x, $0) }, trace)
}

@Suite struct DenseTests {
  @Test func declaresItsParameters() throws {
    let (output, trace) = try trace(Dense(3, bias: .layer, freezesBias: true), [4, 2])
    #expect(output.shape == [4, 3])
    #expect(trace.declarations.map(\.path) == ["layer.weight", "layer.bias"])
    #expect(trace.declarations.map(\.shape) == [[2, 3], [1]])
    #expect(trace.declarations.map(\.kind) == [.parameter(.weight), .parameter(.bias)])
    #expect(trace.declarations.map(\.isFrozen) == [false, true])
    #expect(trace.declarations.map(\.initial.name) == ["glorot-uniform", "zeros"])
    #expect(try Self.shapes(.unit) == [[2, 3], [3]] && Self.shapes(.none) == [[2, 3]])
  }

  private static func shapes(_ bias: Dense.Bias) throws -> [Shape] {
    try BackpropTests.trace(Dense(3, bias: bias), [4, 2]).trace.declarations.map(\.shape)
  }

  @Test func labelsItsResult() throws {
    for shape: Shape in [[4, 2], [2, 3, 2]] {
      let (output, trace) = try trace(Dense(3), shape)
      #expect(trace.builder.graph.nodes[output.id].label == .weightedInput)
    }
  }

  /// Rows of a sequence are treated as if they stood in one batch; their gradients are the same.
  @Test func moreAxes() throws {
    let numbers = (0..<12).map { Double($0) * 0.3 - 1 }
    func train(_ shape: Shape, _ target: Shape) throws -> ReferenceTrainer {
      var trainer = try ReferenceTrainer(
        Dense(2), loss: .halfSquaredError, input: Numbers(shape, numbers),
        target: Numbers(target, repeating: 0.5))
      try trainer.run()
      return trainer
    }
    let flat = try train([6, 2], [6, 2])
    let deep = try train([2, 3, 2], [2, 3, 2])
    #expect(flat["weight"] == deep["weight"] && flat["bias"] == deep["bias"])
    #expect(deep.prediction.shape == [2, 3, 2])
    #expect(flat["bias"] != [0, 0])
  }

  @Test func refusesInputWithoutBatch() {
    expectError("layer 'layer': dense of [3]: the input needs a batch axis and an axis of features")
    {
      _ = try trace(Dense(2), [3])
    }
    expectError("layer 'layer': dense of [1, 3]: 0 units; expected at least 1") {
      _ = try trace(Dense(0), [1, 3])
    }
  }
}

@Suite struct DropoutTests {
  @Test func keepsTheExpectation() throws {
    let (output, trace) = try trace(Dropout(0.3), [100, 100])
    let key = RandomKey(7)
    let numbers = try Interpreter<Double>(trace.builder.graph).values(
      of: [output],
      bindings: [
        .input("x"): Numbers([100, 100], repeating: 2),
        .key("layer.mask"): Numbers([2], [Double(key.words[0]), Double(key.words[1])]),
      ])[0].values
    #expect(Set(numbers) == [0, 2 / 0.7])
    // 10,000 draws: the standard deviation of the part that is dropped is 0.0046.
    let dropped = Double(numbers.count { $0 == 0 }) / 10_000
    #expect(abs(dropped - 0.3) < 0.02)
  }

  @Test func doesNothingInEvaluationOrAtRateZero() throws {
    for (rate, mode) in [(0.3, Mode.evaluation), (0, .training)] {
      let (output, trace) = try trace(Dropout(rate), [2, 2], mode: mode)
      #expect(output.id == 0 && trace.keys.isEmpty)
    }
  }

  @Test(arguments: [(-0.1, "-0.1"), (1, "1"), (.nan, "nan")])
  func refusesARate(_ rate: Double, _ text: String) {
    expectError("dropout: the rate is \(text); expected a number of at least 0 and below 1") {
      _ = try trace(Dropout(rate), [2, 2])
    }
  }
}

@Suite struct BatchNormTests {
  @Test func declaresItsArrays() throws {
    let (output, trace) = try trace(BatchNorm(), [4, 5, 3])
    #expect(output.shape == [4, 5, 3])
    #expect(
      trace.declarations.map(\.path)
        == ["layer.scale", "layer.bias", "layer.running-mean", "layer.running-variance"])
    #expect(
      trace.declarations.map(\.kind)
        == [.parameter(.scale), .parameter(.bias), .variable, .variable])
    #expect(trace.declarations.map(\.initial.name) == ["ones", "zeros", "zeros", "ones"])
    #expect(trace.updates.map(\.path) == ["layer.running-mean", "layer.running-variance"])
  }

  /// The batch 1, 2, 3, 6: mean 3, variance 3.5, unbiased 14/3; the running ones a tenth of the
  /// way.
  @Test func byHand() throws {
    let trainer = try ReferenceTrainer(
      BatchNorm(epsilon: 0.5), loss: .halfSquaredError, input: Numbers([4, 1], [1, 2, 3, 6]),
      target: Numbers([4, 1], repeating: 0))
    let output = try trainer.values(of: [trainer.prediction])[0].values
    expectClose(output, [-1, -0.5, 0, 1.5], Tolerance(relative: 1e-15))
    var after = trainer
    try after.run()
    expectClose(after["running-mean"], [0.3], Tolerance(relative: 1e-15))
    expectClose(after["running-variance"], [0.9 + 0.1 * 14 / 3], Tolerance(relative: 1e-15))
  }

  @Test func refusesOneSample() throws {
    expectError(
      "layer 'layer': batch-norm of [1, 3]: one sample has no variance; train on batches of at least 2, the last one too"
    ) {
      _ = try trace(BatchNorm(), [1, 3])
    }
    _ = try trace(BatchNorm(), [1, 3], mode: .evaluation)
    expectError("batch-norm: momentum is 2; expected a number from 0 to 1") {
      _ = try trace(BatchNorm(momentum: 2), [4, 3])
    }
  }
}

@Suite struct SequentialTests {
  @Test func runsLayersUnderTheirNames() throws {
    let model = Sequential([
      ("hidden", Dense(4)), ("relu", Activation.relu),
      ("block", Sequential([("inner", Dense(5))])), ("output", Dense(2)),
    ])
    let (output, trace) = try trace(model, [3, 6])
    #expect(output.shape == [3, 2])
    #expect(
      trace.declarations.map(\.path) == [
        "layer.hidden.weight", "layer.hidden.bias", "layer.block.inner.weight",
        "layer.block.inner.bias", "layer.output.weight", "layer.output.bias",
      ])
  }

  @Test func refusesANameTwice() {
    expectError(
      "layer 'layer': scope: the path 'layer.a' is used twice, for a layer and for a layer; give the second one another name, or say scope.shared(\"…\") for both"
    ) {
      _ = try trace(Sequential([("a", Dense(2)), ("a", Dense(2))]), [1, 2])
    }
  }
}

@Suite struct RectifierLayerTests {
  private func values(
    _ layer: any Layer, _ x: [Double], mode: Mode = .training, slope: [Double] = []
  ) throws -> [Double] {
    let (output, trace) = try trace(layer, [1, x.count], mode: mode)
    let numbers = try Interpreter<Double>(trace.builder.graph).values(
      of: [output],
      bindings: [
        .input("x"): Numbers([1, x.count], x), .key("layer.slope"): Numbers([2], [7, 11]),
        .parameter("layer.slope"): Numbers([slope.count], slope),
      ])
    return numbers[0].values
  }

  /// PyTorch's numbers.
  @Test func gatedLinearUnit() throws {
    expectClose(
      try values(GatedLinearUnit(), [0.5, -1, 2, 0.1]), [0.44039853898894116, -0.52497918747894],
      Tolerance(relative: 1e-14))
    expectError(
      "layer 'layer': glu of [1, 3]: the last axis is halved: it needs an even number of features"
    ) {
      _ = try values(GatedLinearUnit(), [1, 2, 3])
    }
  }

  @Test func aSlopeThatIsLearnt() throws {
    let (_, trace) = try trace(ParametricRelu(isPerFeature: true), [4, 3])
    #expect(trace.declarations.map(\.path) == ["layer.slope"])
    #expect(trace.declarations[0].shape == [3])
    #expect(trace.declarations[0].kind == .parameter(.scale))
    #expect(trace.declarations[0].initial.name == "constant:0.25")
    #expect(try values(ParametricRelu(), [-2, 0, 3], slope: [0.5]) == [-1, 0, 3])
    let each = try values(ParametricRelu(isPerFeature: true), [-2, -2, 3], slope: [0.5, 2, 4])
    #expect(each == [-1, -4, 3])
    // ∂/∂slope is Σ x where x ≤ 0.
    var trainer = try ReferenceTrainer(
      ParametricRelu(), loss: .halfSquaredError, optimizer: SGD(learningRate: 1),
      input: Numbers([1, 2], [-2, 3]), target: Numbers([1, 2], [0, 0]))
    try trainer.run()
    // C = ½((−2s)² + 9), ∂C/∂s = 4s = 1.
    #expect(trainer["slope"] == [-0.75])
  }

  @Test func aSlopeThatIsDrawn() throws {
    let x = [Double](repeating: -1, count: 1000) + [2, 0]
    let y = try values(RandomizedRelu(), x)
    #expect(y.suffix(2) == [2, 0])
    let slopes = y.prefix(1000).map { -$0 }
    let third = 1.0 / 3
    #expect(slopes.allSatisfy { $0 >= 0.125 && $0 < third })
    let mean: Double = slopes.reduce(0, +) / 1000
    #expect(mean > 0.22 && mean < 0.24)
    expectClose(
      try values(RandomizedRelu(), [-1, 2], mode: .evaluation), [-11.0 / 48, 2],
      Tolerance(relative: 1e-15))
    expectError("rrelu: lower is 2 and upper 1; expected the first not above the second") {
      _ = try values(RandomizedRelu(lower: 2, upper: 1), [1])
    }
  }

  @Test func inText() throws {
    let network = try Sequential(
      parsing:
        #"[{"dense": 4}, "glu", {"prelu": 0.1}, {"prelu": {"per-feature": true}}, "rrelu"]"#)
    #expect(
      network.specifications?.map(\.description) == [
        "dense 4", "glu", "prelu 0.1", "prelu", "rrelu",
      ])
    #expect(try network.outputShape(.float([3])) == [2, 2])
  }
}
