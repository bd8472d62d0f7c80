import BackpropCore
import Testing

/// Numbers of single ops, to a few ulp. The references were computed with mpmath at 40 digits.
@Suite struct OpValueTests {
  typealias Function = @Sendable (Value) throws -> Value

  static let anywhere: [(name: String, function: Function, expected: [Double])] = [
    (
      "exp", { try $0.exp() },
      [
        0.03877420783172201, 0.4965853037914095, 0.9999900000499998, 1.4918246976412703,
        12.182493960703473,
      ]
    ),
    (
      "expm1", { try $0.expm1() },
      [
        -0.961225792168278, -0.5034146962085905, -9.999950000166666e-06, 0.49182469764127035,
        11.182493960703473,
      ]
    ),
    (
      "sin", { try $0.sin() },
      [
        0.10819513453010837, -0.644217687237691, -9.999999999833334e-06, 0.3894183423086505,
        0.5984721441039565,
      ]
    ),
    (
      "cos", { try $0.cos() },
      [
        -0.9941296760805463, 0.7648421872844885, 0.99999999995, 0.9210609940028851,
        -0.8011436155469337,
      ]
    ),
    (
      "erf", { try $0.erf() },
      [
        -0.9999956972205363, -0.6778011938374184, -1.1283791670579e-05, 0.42839235504666845,
        0.999593047982555,
      ]
    ),
    (
      "tanh", { try $0.tanh() },
      [
        -0.996997635486526, -0.6043677771171635, -9.999999999666668e-06, 0.3799489622552249,
        0.9866142981514303,
      ]
    ),
    (
      "sigmoid", { try $0.sigmoid() },
      [
        0.03732688734412946, 0.3318122278318339, 0.49999750000000004, 0.598687660112452,
        0.9241418199787564,
      ]
    ),
    (
      "silu", { try $0.silu() },
      [
        -0.12131238386842075, -0.23226855948228373, -4.999975e-06, 0.2394750640449808,
        2.310354549946891,
      ]
    ),
    (
      "softplus", { try $0.softplus() },
      [
        0.038041371687783126, 0.4031860488854579, 0.6931421805724453, 0.9130152523999526,
        2.5788897342925496,
      ]
    ),
    (
      "gelu", { try $0.gelu() },
      [
        -0.0018753313877699928, -0.1693745565561511, -4.999960105771961e-06, 0.2621686966441297,
        2.4844758366855597,
      ]
    ),
    (
      "gelu(.tanh)", { try $0.gelu(.tanh) },
      [
        -0.001568627144747469, -0.16942986529488324, -4.999960105771961e-06, 0.2621611694273562,
        2.484915733910001,
      ]
    ),
    (
      "elu", { try $0.elu() },
      [-0.961225792168278, -0.5034146962085905, -9.999950000166666e-06, 0.4, 2.5]
    ),
    (
      "leakyRelu", { try $0.leakyRelu(slope: 0.2) },
      [-0.65, -0.13999999999999999, -2.0000000000000003e-06, 0.4, 2.5]
    ),
  ]

  static let positive: [(name: String, function: Function, expected: [Double])] = [
    (
      "sqrt", { try $0.sqrt() },
      [
        0.0031622776601683794, 0.5477225575051661, 0.9486832980505138, 1.5811388300841898,
        17.320508075688775,
      ]
    ),
    (
      "log", { try $0.log() },
      [
        -11.512925464970229, -1.2039728043259361, -0.10536051565782628, 0.9162907318741551,
        5.703782474656201,
      ]
    ),
    (
      "log1p", { try $0.log1p() },
      [
        9.999950000333332e-06, 0.26236426446749106, 0.6418538861723948, 1.252762968495368,
        5.707110264748875,
      ]
    ),
    (
      "power(1.7)", { try $0.power(1.7) },
      [
        3.1622776601683816e-09, 0.12915348607498026, 0.836011527916834, 4.747861205827337,
        16259.460564159674,
      ]
    ),
  ]

  @Test(arguments: anywhere)
  func `functions of any number`(name: String, function: Function, expected: [Double]) throws {
    try check(function, [-3.25, -0.7, -1e-5, 0.4, 2.5], expected)
  }

  @Test(arguments: positive)
  func `functions of a positive number`(
    name: String, function: Function, expected: [Double]
  ) throws {
    try check(function, [1e-5, 0.3, 0.9, 2.5, 300], expected)
  }

  private func check(_ function: Function, _ x: [Double], _ expected: [Double]) throws {
    let found = try evaluate([(Numbers([x.count], x), .float64)]) { try function($0[0]) }.values
    for (a, b) in zip(found, expected) {
      // Relative to 1 where digits cancel by nature, as in gelu far below 0.
      #expect((a - b).magnitude <= 4 * Double.ulpOfOne * max(b.magnitude, 0.1), "\(a), not \(b)")
    }
  }

  @Test func `softmax and its cross-entropy`() throws {
    let x = Numbers<Double>([1, 3], [1, 2, 4])
    let expected = [0.04201006613406605, 0.11419519938459448, 0.8437947344813395]
    let y = try evaluate([(x, .float64)]) { try $0[0].softmax() }.values
    for (a, b) in zip(y, expected) { #expect((a - b).magnitude < 1e-15) }

    let cost = try evaluate([(x, .float64), (Numbers([1], [1]), .int32)]) {
      try $0[0].softmaxCrossEntropy($0[1])
    }
    #expect(cost.shape == [1])
    #expect((cost.values[0] - 2.1698460195562856).magnitude < 1e-15)

    let target = Numbers<Double>([1, 3], [0.25, 0, 0.75])
    let mixed = try evaluate([(x, .float64), (target, .float64)]) {
      try $0[0].softmaxCrossEntropy($0[1])
    }
    #expect((mixed.values[0] - 0.9198460195562856).magnitude < 1e-15)
  }

  @Test func `costs from far logits are finite`() throws {
    let x = Numbers<Double>([2, 2], [1000, -1000, -1000, 1000])
    let classes = try evaluate([(x, .float64), (Numbers([2], [0, 0]), .int32)]) {
      try $0[0].softmaxCrossEntropy($0[1])
    }
    #expect(classes.values == [0, 2000])
    let binary = try evaluate([(x, .float64), (Numbers([2, 2], [1, 0, 1, 0]), .float64)]) {
      try $0[0].sigmoidCrossEntropy($0[1])
    }
    #expect(binary.values == [0, 0, 1000, 1000])
  }

  @Test func `the logarithm of a sum of powers does not overflow`() throws {
    let builder = GraphBuilder()
    let a = builder.leaf(.input("a"), [4], .float64)
    let y = try a.logAddExp(-a)
    let slope = try gradient(of: y.sum(), withRespectTo: [a])[0]
    let values = try Interpreter<Double>(builder.graph).values(
      of: [y, slope], bindings: [.input("a"): Numbers([4], [-900, 0, 2, 900])])
    // ln(eᵃ + e⁻ᵃ) and tanh a.
    let expected = [
      [900, 0.6931471805599453, 2.0181499279178094, 900], [-1, 0, 0.9640275800758169, 1],
    ]
    for (found, expected) in zip(values, expected) {
      for (a, b) in zip(found.values, expected) { #expect(abs(a - b) <= 4e-16 * max(1, abs(b))) }
    }
  }

  @Test func `powers have the corner cases of C`() throws {
    let base: [Double] = [-2, -2, 0, 0, -2, 4, 0, -0.0]
    let exponent: [Double] = [3, 2, 0, 2, 0.5, -0.5, -1, -1]
    let y = try evaluate([
      (Numbers([8], base), .float64), (Numbers([8], exponent), .float64),
    ]) { try $0[0].power($0[1]) }.values
    #expect(Array(y[..<4]) == [-8, 4, 1, 0])
    #expect(y[4].isNaN)
    #expect(Array(y[5...]) == [0.5, .infinity, -.infinity])
  }

  @Test func `argmax gives the first of equals, and a NaN counts as the greatest`() throws {
    let x = Numbers<Double>([3, 4], [1, 3, 3, 2, 1, .nan, 5, .nan, -1, -2, -3, -4])
    #expect(try evaluate([(x, .float64)]) { try $0[0].argmax(axis: 1) }.values == [1, 1, 0])
    #expect(try evaluate([(x, .float64)]) { try $0[0].argmax(axis: 0) }.values == [0, 1, 1, 1])
  }

  @Test func `a NaN passes through max, maximum, minimum, relu and clamp`() throws {
    let x = Numbers<Double>([2], [.nan, 1])
    let functions: [Function] = [
      { try $0.max() }, { try $0.maximum(0) }, { try $0.minimum(0) }, { try $0.relu() },
      { try $0.clamp(0, 1) }, { try $0.leakyRelu() }, { try $0.abs() }, { try $0.sign() },
    ]
    for function in functions {
      #expect(try evaluate([(x, .float64)]) { try function($0[0]) }.values[0].isNaN)
    }
  }

  @Test func `casts truncate and saturate`() throws {
    let x: [Double] = [-2.7, 2.7, 3e9, -3e9, 300, .nan, 0]
    func cast(_ scalarType: ScalarType) throws -> [Double] {
      try evaluate([(Numbers([7], x), .float64)]) { try $0[0].cast(to: scalarType) }.values
    }
    #expect(try cast(.int32) == [-2, 2, 2_147_483_647, -2_147_483_648, 300, 0, 0])
    #expect(try cast(.uint8) == [0, 2, 255, 0, 255, 0, 0])
    #expect(try cast(.bool) == [1, 1, 1, 1, 1, 1, 0])
  }

  @Test func `an index out of range reads the nearest row and adds to none`() throws {
    let table = Numbers<Double>([3, 1], [10, 20, 30])
    let indices = Numbers<Double>([4], [-1, 3, 1, .nan])
    let gathered = try evaluate([(table, .float64), (indices, .int32)]) {
      try $0[0].gathered($0[1])
    }
    #expect(gathered.values == [10, 30, 20, 10])
    let rows = Numbers<Double>([4], [1, 2, 4, 8])
    let added = try evaluate([(rows, .float64), (indices, .int32)]) {
      try $0[0].scatterAdded($0[1], rows: 3)
    }
    #expect(added.values == [0, 4, 0])
  }

  @Test func `random numbers are the words of the key`() throws {
    let key = RandomKey(42).folded("dropout")
    let words = Numbers<Double>([2], [Double(key.words[0]), Double(key.words[1])])
    let x = try evaluate([(words, .int32)]) { try $0[0].randomUniform([2, 3], as: .float32) }.values
    let expected = (0..<6).map { Double(key.block(UInt64($0 / 4))[$0 % 4] >> 8) / 0x1p24 }
    #expect(x == expected)
    #expect(Set(x).count == 6)
  }
}
