import BackpropCore
import Testing

/// The derivatives that the package chooses where a function has a kink.
@Suite struct SubgradientTests {
  @Test func `relu has derivative 0 at 0`() throws {
    #expect(try slope(at: [-1, 0, 1]) { try $0.relu() } == [0, 0, 1])
  }

  @Test func `abs and sign have derivative 0 at 0`() throws {
    #expect(try slope(at: [-1, 0, 1]) { try $0.abs() } == [-1, 0, 1])
    #expect(try slope(at: [-1, 0, 1]) { try $0.sign() } == [0, 0, 0])
  }

  @Test func `leaky relu has its slope at 0`() throws {
    #expect(try slope(at: [-1, 0, 1]) { try $0.leakyRelu(slope: 0.25) } == [0.25, 0.25, 1])
  }

  @Test func `elu has α at 0, in every order`() throws {
    #expect(try slope(at: [0, 1]) { try $0.elu(alpha: 0.5) } == [0.5, 1])
    let second = try slope(at: [0, 1000]) { x in
      try gradient(of: x.elu(alpha: 0.5).sum(), withRespectTo: [x])[0]
    }
    #expect(second == [0.5, 0])
  }

  @Test func `clamp has derivative 1 on its bounds`() throws {
    #expect(try slope(at: [-2, -1, 0, 1, 2]) { try $0.clamp(-1, 1) } == [0, 1, 1, 1, 0])
  }

  @Test func `equal operands of maximum and minimum share equally`() throws {
    #expect(try slope(at: [0, 1, 2]) { try $0.maximum(1) } == [0, 0.5, 1])
    #expect(try slope(at: [0, 1, 2]) { try $0.minimum(1) } == [1, 0.5, 0])
    #expect(try slope(at: [3]) { try $0.maximum($0) } == [1])
  }

  @Test func `equal greatest elements share equally`() throws {
    #expect(try slope(at: [3, 1, 3, 3]) { try $0.max() * 6 } == [2, 0, 2, 2])
  }

  @Test func `whole powers hold at 0 to any order`() throws {
    let third = try slope(at: [0, 2]) { x in
      let first = try gradient(of: x.power(3).sum(), withRespectTo: [x])[0]
      return try gradient(of: first.sum(), withRespectTo: [x])[0]
    }
    #expect(third == [6, 6])
  }

  @Test func `the exponent's derivative is 0 where there is no logarithm`() throws {
    let derivative = try evaluate([
      (Numbers([3], [-2, 0, 1]), .float64), (Numbers([3], [2, 2, 2]), .float64),
    ]) { try gradient(of: $0[0].power($0[1]).sum(), withRespectTo: [$0[1]])[0] }
    #expect(derivative.values == [0, 0, 0])
  }

  @Test func `nothing reaches the operand not selected, not even a NaN`() throws {
    let derivative = try slope(at: [0, 4]) { x in
      try x.greater(than: 0).select(x.sqrt(), 0)
    }
    // At 0 the root's own derivative is infinite, and 0 · ∞ is NaN: the choice must stand before
    // it.
    #expect(derivative[1] == 0.25)
    let safe = try slope(at: [0, 4]) { x in
      let isPositive = try x.greater(than: 0)
      return try isPositive.select(isPositive.select(x, 1).sqrt(), 0)
    }
    #expect(safe == [0, 0.25])
  }

  @Test func `no derivative passes a stopped gradient`() throws {
    #expect(try slope(at: [3]) { try $0 * $0.stoppingGradient() } == [3])
  }
}
