import Backprop
import Testing

private let exact = Tolerance(relative: 1e-12)

/// Mazur's 2-2-2 network: inputs .05 .10, targets .01 .99, η = .5, one bias a layer.
private func mazur(
  _ loss: any Loss = .halfSquaredError, bias: Dense.Bias = .layer, freezesBias: Bool = true
) throws -> ReferenceTrainer {
  let network = try MultilayerPerceptron(
    NetworkSpecification(parsing: "2-2-2 sigmoid sigmoid"), bias: bias, freezesBias: freezesBias)
  var trainer = try ReferenceTrainer(
    network, loss: loss, input: Numbers(rows: [[0.05, 0.10]]),
    target: Numbers(rows: [[0.01, 0.99]]))
  // w1, w2 enter h1 and w3, w4 enter h2; a weight is [inputs, outputs].
  trainer["hidden.weight"] = [0.15, 0.25, 0.20, 0.30]
  trainer["output.weight"] = [0.40, 0.50, 0.45, 0.55]
  let units = bias == .unit ? 2 : 1
  trainer["hidden.bias"] = [Double](repeating: 0.35, count: units)
  trainer["output.bias"] = [Double](repeating: 0.60, count: units)
  return trainer
}

@Suite("The worked example (article 2)")
struct WorkedExampleTests {
  @Test func everyNumberOfTheForwardPass() throws {
    let trainer = try mazur()
    let z = try trainer.values(of: trainer.labelled(.weightedInput).map(\.value))
    let a = try trainer.values(of: trainer.labelled(.activation).map(\.value))
    #expect(trainer.labelled(.weightedInput).map(\.path) == ["hidden", "output"])
    #expect(trainer.labelled(.activation).map(\.path) == ["hidden", "output"])
    expectClose(z[0].values, [0.3775, 0.3925], exact)
    expectClose(a[0].values, [0.5932699921071872, 0.596884378259767], exact)
    expectClose(z[1].values, [1.10590596705977, 1.2249214040964653], exact)
    expectClose(a[1].values, [0.7513650695523157, 0.7729284653214625], exact)
    expectClose(try trainer.values(of: [trainer.cost])[0].values, [0.2983711087600027], exact)
  }

  @Test func everyNumberOfTheBackwardPass() throws {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "2-2-2 sigmoid sigmoid"), bias: .layer, freezesBias: true)
    let trace = Trace(mode: .training, scalarType: .float64)
    let x = trace.builder.leaf(.input("x"), [1, 2], .float64)
    let y = trace.builder.leaf(.input("y"), [1, 2], .float64)
    let cost = try HalfSquaredError()(network(x, trace.scope), y)
    let nodes = trace.builder.graph.nodes.indices.filter {
      trace.builder.graph.nodes[$0].label != nil
    }
    // z_h, a_h, z_o, a_o
    let gradients = try gradient(
      of: cost, withRespectTo: nodes.map { Value(builder: trace.builder, id: $0) })
    let numbers = try Interpreter<Double>(trace.builder.graph).values(
      of: gradients,
      bindings: [
        .input("x"): Numbers(rows: [[0.05, 0.10]]), .input("y"): Numbers(rows: [[0.01, 0.99]]),
        .parameter("hidden.weight"): Numbers(rows: [[0.15, 0.25], [0.20, 0.30]]),
        .parameter("output.weight"): Numbers(rows: [[0.40, 0.50], [0.45, 0.55]]),
        .parameter("hidden.bias"): Numbers([1], [0.35]),
        .parameter("output.bias"): Numbers([1], [0.60]),
      ]
    ).map(\.values)
    expectClose(numbers[2], [0.13849856162855695, -0.038098236516556236], exact, "δ_o")
    expectClose(numbers[1], [0.03635030639314466, 0.0413703226487447], exact, "∂E/∂out_h")
    expectClose(numbers[0], [0.00877135468948693, 0.009954254705217196], exact, "δ_h")
  }

  @Test func gradientsOfTheWeights() throws {
    let gradients = try mazur().gradients()
    #expect(gradients.keys.sorted() == ["hidden.weight", "output.weight"])
    expectClose(gradients["hidden.weight"]!.values, hiddenGradient, exact)
    expectClose(gradients["output.weight"]!.values, outputGradient, exact)
  }

  private let hiddenGradient = [
    0.0004385677344743465, 0.0004977127352608599, 0.000877135468948693, 0.0009954254705217198,
  ]
  private let outputGradient = [
    0.08216704056423077, -0.02260254047747507, 0.08266762784753325, -0.022740242215978222,
  ]

  @Test func weightsAndErrorAfterSteps() throws {
    var trainer = try mazur()
    try trainer.run()
    expectClose(
      trainer["hidden.weight"],
      [0.1497807161327628, 0.24975114363236958, 0.19956143226552567, 0.29950228726473915], exact)
    expectClose(
      trainer["output.weight"],
      [0.35891647971788465, 0.5113012702387375, 0.4086661860762334, 0.5613701211079891], exact)
    #expect(trainer["hidden.bias"] == [0.35] && trainer["output.bias"] == [0.60])
    let errors: [(Int, Double)] = [
      (1, 0.29102777369359933), (10, 0.22091859205390404), (100, 0.02004682824942521),
      (1000, 0.001114349453733746),
    ]
    for (steps, error) in errors {
      while trainer.step < steps { try trainer.run() }
      expectClose(try trainer.values(of: [trainer.cost])[0].values, [error], exact, "E(\(steps))")
    }
  }

  @Test func otherKindsOfBias() throws {
    var perUnit = try mazur(bias: .unit, freezesBias: false)
    try perUnit.run()
    expectClose(try perUnit.values(of: [perUnit.cost])[0].values, [0.28047144679143016], exact)
    var shared = try mazur(bias: .layer, freezesBias: false)
    let gradients = try shared.gradients()
    expectClose(gradients["hidden.bias"]!.values, [0.018725609394704128], exact)
    expectClose(gradients["output.bias"]!.values, [0.10040032511200071], exact)
    try shared.run()
    expectClose(try shared.values(of: [shared.cost])[0].values, [0.2857508866992965], exact)
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "2-2-2 sigmoid sigmoid"), bias: .none)
    let none = try ReferenceTrainer(
      network, loss: .halfSquaredError, input: Numbers(rows: [[0.05, 0.1]]),
      target: Numbers(rows: [[0.01, 0.99]]))
    #expect(try none.gradients().keys.sorted() == ["hidden.weight", "output.weight"])
  }

  @Test func costsOfTheOtherArticles() throws {
    func cost(_ loss: any Loss) throws -> Double {
      let trainer = try mazur(loss)
      return try trainer.values(of: [trainer.cost])[0].values[0]
    }
    expectClose(try cost(.meanSquaredError), 0.2983711087600027, exact)
    expectClose(try cost(.rootMeanSquaredError), 0.5462335661235062, exact)
    expectClose(try cost(.squaredError), 0.5967422175200054, exact)
    let root = try mazur(.rootMeanSquaredError).gradients()
    expectClose(root["output.weight"]!.values[0], 0.07521236853618438, exact)
    let squared = try mazur(.squaredError).gradients()
    expectClose(squared["hidden.weight"]!.values, hiddenGradient.map { 2 * $0 }, exact)
    expectClose(squared["output.weight"]!.values, outputGradient.map { 2 * $0 }, exact)
  }
}

/// 2-3-3-3-3, sigmoid everywhere, w[l][j][k] = 0.1l + 0.2j − 0.3k, b[l][j] = 0.05l − 0.1j, two
/// samples.
private func deeper(_ loss: any Loss) throws -> ReferenceTrainer {
  let network = try MultilayerPerceptron(NetworkSpecification(parsing: "2-3-3-3-3 sigmoid sigmoid"))
  var trainer = try ReferenceTrainer(
    network, loss: loss, input: Numbers(rows: [[0.05, 0.10], [0.90, -0.40]]),
    target: Numbers(rows: [[0, 1, 0], [1, 0, 0]]))
  for (index, name) in network.layerNames.enumerated() {
    let l = Double(index + 1)
    trainer["\(name).weight"] = (0..<(index == 0 ? 2 : 3)).flatMap { k in
      (0..<3).map { j in 0.1 * l + 0.2 * Double(j) - 0.3 * Double(k) }
    }
    trainer["\(name).bias"] = (0..<3).map { 0.05 * l - 0.1 * Double($0) }
  }
  return trainer
}

@Suite("The deeper example")
struct DeeperExampleTests {
  @Test(arguments: [
    ("half-squared-error", 0.5084002531874172, -0.0001842237142880661),
    ("squared-error", 1.0168005063748344, -0.0003684474285761322),
    ("mean-squared-error", 0.33893350212494483, -0.00012281580952537742),
    ("root-mean-squared-error", 0.5821799568217243, -0.00010547924923065171),
    ("cross-entropy", 2.6454721005259927, -0.0008631159161098011),
  ])
  func costAndOneGradient(_ name: String, _ cost: Double, _ gradient: Double) throws {
    let trainer = try deeper(try Losses.named(name))
    expectClose(try trainer.values(of: [trainer.cost])[0].values, [cost], exact)
    // w[1][1][0]: from input 0 to unit 1.
    expectClose(try trainer.gradients()["hidden1.weight"]!.values[1], gradient, exact)
  }

  @Test func errorsOfEachSample() throws {
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: "2-3-3-3-3 sigmoid sigmoid"))
    #expect(network.layerNames == ["hidden1", "hidden2", "hidden3", "output"])
    let trace = Trace(mode: .training, scalarType: .float64)
    let x = trace.builder.leaf(.input("x"), [2, 2], .float64)
    let y = trace.builder.leaf(.input("y"), [2, 3], .float64)
    let cost = try HalfSquaredError()(network(x, trace.scope), y)
    let first = trace.builder.graph.nodes.firstIndex { $0.label == .weightedInput }!
    let adjoint = try gradient(
      of: cost, withRespectTo: [Value(builder: trace.builder, id: first)])
    let delta = try Interpreter<Double>(trace.builder.graph).values(
      of: adjoint, bindings: try deeper(.halfSquaredError).state)[0]
    // On a batch of two the graph carries δ/2.
    expectClose(
      delta.values.map { 2 * $0 },
      [
        -0.00010218242627069143, -0.0002858290570865521, -0.00046832746554898303,
        0.00016009885916262222, -0.000393506639690894, -0.0009471121385444103,
      ], exact)
  }
}
