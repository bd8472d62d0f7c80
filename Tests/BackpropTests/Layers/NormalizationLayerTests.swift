import Testing

@testable import Backprop

@Suite struct NormalizationLayerTests {
  private let exact = Tolerance(relative: 1e-14, absolute: 1e-15)

  @Test func declaresItsParameters() throws {
    for (layer, shape, size) in [
      (LayerNorm() as any Layer, [2, 3, 4] as Shape, [4] as Shape),
      (LayerNorm(axes: 2), [2, 3, 4], [3, 4]), (GroupNorm(2), [2, 3, 4], [4]),
      (InstanceNorm(), [2, 3, 4], [4]),
    ] {
      let traced = try LayerTrace(layer, shape)
      #expect(traced.trace.declarations.map(\.path) == ["layer.scale", "layer.bias"])
      #expect(traced.trace.declarations.map(\.shape) == [size, size])
      #expect(
        traced.trace.declarations.map(\.kind) == [.parameter(.scale), .parameter(.bias)])
      #expect(traced.trace.declarations.map(\.initial.name) == ["ones", "zeros"])
      #expect(traced.output.shape == shape)
    }
    let rms = try LayerTrace(RMSNorm(), [2, 4])
    #expect(rms.trace.declarations.map(\.path) == ["layer.scale"])
    let none = try LayerTrace(LayerNorm(parameters: .none), [2, 4])
    #expect(none.trace.declarations.isEmpty)
  }

  /// The features 1, 2, 3, 6: mean 3, variance 3.5; with ε = 0.5 the deviation is 2. The mean square
  /// is 12.5; with ε = 12.5 its root is 5.
  @Test func byHand() throws {
    let x = [1, 2, 3, 6.0]
    expectClose(
      try LayerTrace(LayerNorm(epsilon: 0.5), [1, 4]).output(x), [-1, -0.5, 0, 1.5], exact)
    expectClose(
      try LayerTrace(RMSNorm(epsilon: 12.5), [1, 4]).output(x), [0.2, 0.4, 0.6, 1.2], exact)
    // One group of all places: the same numbers.
    expectClose(
      try LayerTrace(GroupNorm(1, epsilon: 0.5), [1, 2, 2]).output(x), [-1, -0.5, 0, 1.5], exact)
    // Channels 1, 3 and 2, 6: means 2 and 4, variances 1 and 4.
    expectClose(
      try LayerTrace(InstanceNorm(epsilon: 1e-30), [1, 2, 2]).output(x), [-1, -1, 1, 1], exact)
  }

  /// As many groups as channels.
  @Test func instancesAreGroupsOfOneChannel() throws {
    let x = someNumbers(24)
    expectClose(
      try LayerTrace(InstanceNorm(), [2, 4, 3]).output(x),
      try LayerTrace(GroupNorm(3), [2, 4, 3]).output(x), exact)
  }

  @Test func equalFeaturesGiveZerosAndFiniteGradients() throws {
    let traced = try LayerTrace(LayerNorm(), [2, 3])
    let slope = try gradient(
      of: (traced.output * traced.output).sum(), withRespectTo: [traced.input])
    let numbers = try traced.values(of: [traced.output, slope[0]], x: [2, 2, 2, 5, 5, 5])
    #expect(numbers == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
  }

  @Test func refusesWhatDoesNotFit() {
    expectError(
      "layer 'layer': layer-norm of [4]: the input needs a batch axis and 1 of features"
    ) { _ = try LayerTrace(LayerNorm(), [4]) }
    expectError(
      "layer 'layer': layer-norm of [2, 4]: the input needs a batch axis and 2 of features"
    ) { _ = try LayerTrace(LayerNorm(axes: 2), [2, 4]) }
    expectError("layer 'layer': layer-norm of [2, 4]: 0 axes of features; expected at least 1") {
      _ = try LayerTrace(LayerNorm(axes: 0), [2, 4])
    }
    expectError("layer 'layer': group-norm of [2, 3, 4]: 3 groups do not divide 4 channels") {
      _ = try LayerTrace(GroupNorm(3), [2, 3, 4])
    }
    expectError("layer 'layer': group-norm of [2, 4]: 0 groups do not divide 4 channels") {
      _ = try LayerTrace(GroupNorm(0), [2, 4])
    }
    expectError(
      "layer 'layer': instance-norm of [2, 1, 4]: each channel needs at least 2 places; expected [batch, ..., channels] with axes between"
    ) { _ = try LayerTrace(InstanceNorm(), [2, 1, 4]) }
    expectError(
      "layer 'layer': rms-norm of [4]: the input needs a batch axis and an axis of features"
    ) { _ = try LayerTrace(RMSNorm(), [4]) }
    for layer: any Layer in [
      LayerNorm(epsilon: 0), RMSNorm(epsilon: 0), GroupNorm(2, epsilon: 0),
      InstanceNorm(epsilon: 0),
    ] {
      #expect(throws: ConfigurationError.self) { try LayerTrace(layer, [2, 2, 4]) }
    }
  }
}

@Suite struct ChannelDropoutTests {
  /// Whole channels of a sample, at all places; each with its own chance.
  @Test func dropsWholeChannels() throws {
    let shape: Shape = [40, 3, 2, 50]
    let numbers = try LayerTrace(ChannelDropout(0.25), shape).output(
      [Double](repeating: 3, count: shape.count))
    #expect(Set(numbers) == [0, 4])
    var dropped = 0
    for sample in 0..<40 {
      for channel in 0..<50 {
        let places = (0..<6).map { numbers[(sample * 6 + $0) * 50 + channel] }
        #expect(Set(places).count == 1)
        dropped += places[0] == 0 ? 1 : 0
      }
    }
    // 2,000 draws: the standard deviation of the part that is dropped is 0.0097.
    #expect(abs(Double(dropped) / 2_000 - 0.25) < 0.04)
  }

  @Test func doesNothingInEvaluation() throws {
    let traced = try LayerTrace(ChannelDropout(0.25), [2, 3, 4], mode: .evaluation)
    #expect(traced.output.id == traced.input.id)
  }

  @Test func refusesARate() {
    expectError(
      "channel-dropout: the rate is 1; expected a number of at least 0 and below 1"
    ) { _ = try LayerTrace(ChannelDropout(1), [2, 2]) }
    expectError(
      "layer 'layer': channel-dropout of [2]: the input needs a batch axis and an axis of channels"
    ) { _ = try LayerTrace(ChannelDropout(0.5), [2]) }
  }
}
