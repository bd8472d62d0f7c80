import BackpropTesting
import Testing

@testable import Backprop

private let exact = Tolerance(relative: 1e-12)
private let afterMany = Tolerance(relative: 1e-10)

/// Mazur's 2-2-2 network as a compiled step: inputs .05 .10, targets .01 .99, η = .5.
private func mazur(
  _ loss: any Loss = .halfSquaredError, bias: Dense.Bias = .layer, freezesBias: Bool = true,
  order: UpdateOrder = .simultaneous
) throws -> StepCase {
  let network = try MultilayerPerceptron(
    NetworkSpecification(parsing: "2-2-2 sigmoid sigmoid"), bias: bias, freezesBias: freezesBias)
  let step = try TrainingStep(
    network, loss: loss, optimizer: SGD(learningRate: 0.5), input: .float([2]),
    target: .values([2]), precision: .float64, order: order)
  let data = try Dataset.rows([[0.05, 0.10]], targets: [[0.01, 0.99]])
  var example = StepCase(step: step, state: try step.initialState(seed: 1), batch: data.whole)
  // w1, w2 enter h1 and w3, w4 enter h2; a weight is [inputs, outputs].
  try example.set("hidden.weight", [0.15, 0.25, 0.20, 0.30])
  try example.set("output.weight", [0.40, 0.50, 0.45, 0.55])
  let units = bias == .unit ? 2 : 1
  if bias != .none {
    try example.set("hidden.bias", [Double](repeating: 0.35, count: units))
    try example.set("output.bias", [Double](repeating: 0.60, count: units))
  }
  return example
}

/// z, a and their adjoints in every layer, from a plan of the step's own graph.
private func passes(
  _ example: StepCase
) throws -> (z: [[Double]], a: [[Double]], dz: [[Double]], da: [[Double]]) {
  let trace = try example.step.trace(.gradient, batch: example.batch.count)
  func labelled(_ label: Label) -> [Value] {
    trace.builder.graph.nodes.indices
      .filter { trace.builder.graph.nodes[$0].label == label }
      .map { Value(builder: trace.builder, id: $0) }
  }
  let (z, a) = (labelled(.weightedInput), labelled(.activation))
  let adjoints = try gradient(of: trace.cost, withRespectTo: z + a)
  let numbers = try PlanEvaluator().values(
    of: z + a + adjoints, in: trace.builder,
    bindings: example.step.bindings(trace, example.state, example.batch, Double.self)
  ).outputs.map(\.values)
  let n = z.count
  return (
    Array(numbers[..<n]), Array(numbers[n..<2 * n]), Array(numbers[2 * n..<3 * n]),
    Array(numbers[(3 * n)...])
  )
}

@Suite("The worked example, compiled")
struct WorkedExampleStepTests {
  @Test func `every number of the forward and backward pass`() throws {
    let (z, a, dz, da) = try passes(mazur())
    expectClose(z[0], [0.3775, 0.3925], exact, "net_h")
    expectClose(a[0], [0.5932699921071872, 0.596884378259767], exact, "out_h")
    expectClose(z[1], [1.10590596705977, 1.2249214040964653], exact, "net_o")
    expectClose(a[1], [0.7513650695523157, 0.7729284653214625], exact, "out_o")
    expectClose(dz[1], [0.13849856162855695, -0.038098236516556236], exact, "δ_o")
    expectClose(da[0], [0.03635030639314466, 0.0413703226487447], exact, "∂E/∂out_h")
    expectClose(dz[0], [0.00877135468948693, 0.009954254705217196], exact, "δ_h")
    let errors = zip(a[1], [0.01, 0.99]).map { 0.5 * ($1 - $0) * ($1 - $0) }
    expectClose(errors, [0.274811083176155, 0.023560025583847746], exact, "E_o")
  }

  private let hiddenGradient = [
    0.0004385677344743465, 0.0004977127352608599, 0.000877135468948693, 0.0009954254705217198,
  ]
  private let outputGradient = [
    0.08216704056423077, -0.02260254047747507, 0.08266762784753325, -0.022740242215978222,
  ]

  @Test func `cost, outputs and gradients`() throws {
    let example = try mazur()
    expectClose(try example.cost(), 0.2983711087600027, exact)
    let (prediction, cost) = try example.step.predict(example.state, example.batch)
    expectClose(cost, 0.2983711087600027, exact)
    expectClose(
      prediction.array(of: Double.self), [0.7513650695523157, 0.7729284653214625], exact)
    let gradients = try example.gradients()
    #expect(gradients.keys.sorted() == ["hidden.weight", "output.weight"])
    expectClose(gradients["hidden.weight"]!, hiddenGradient, exact)
    expectClose(gradients["output.weight"]!, outputGradient, exact)
  }

  @Test func `weights and error after steps`() throws {
    var example = try mazur()
    expectClose(try example.run(), 0.2983711087600027, exact)
    expectClose(
      example["hidden.weight"],
      [0.1497807161327628, 0.24975114363236958, 0.19956143226552567, 0.29950228726473915], exact)
    expectClose(
      example["output.weight"],
      [0.35891647971788465, 0.5113012702387375, 0.4086661860762334, 0.5613701211079891], exact)
    #expect(example["hidden.bias"] == [0.35] && example["output.bias"] == [0.60])
    for (steps, error) in [
      (1, 0.29102777369359933), (10, 0.22091859205390404), (100, 0.02004682824942521),
      (1000, 0.001114349453733746),
    ] {
      try example.run(to: steps)
      expectClose(try example.cost(), error, exact, "E(\(steps))")
    }
    try example.run(to: 10_000)
    expectClose(try example.cost(), 3.510187782978859e-05, afterMany, "E(10,000)")
    let outputs = try example.step.predict(example.state, example.batch).prediction
    expectClose(
      outputs.array(of: Double.self), [0.01591362044355068, 0.9840642735146238], afterMany)
  }

  @Test func `the order sequential gives the published numbers`() throws {
    var example = try mazur(order: .sequential)
    // The gradients that it reports are those of the rule.
    expectClose(try example.run(), 0.2983711087600027, exact)
    expectClose(try example.cost(), 0.29102792390544197, exact)
    try example.run(to: 10_000)
    expectClose(try example.cost(), 3.5084786296312774e-05, afterMany)
    let outputs = try example.step.predict(example.state, example.batch).prediction
    expectClose(
      outputs.array(of: Double.self), [0.0159121963260343, 0.9840657344856291],
      afterMany)
  }

  @Test func `biases trained per unit`() throws {
    var example = try mazur(bias: .unit, freezesBias: false)
    // BP3: ∂C/∂b = δ.
    let gradients = try example.gradients()
    expectClose(gradients["output.bias"]!, [0.13849856162855695, -0.038098236516556236], exact)
    expectClose(gradients["hidden.bias"]!, [0.00877135468948693, 0.009954254705217196], exact)
    try example.run()
    expectClose(try example.cost(), 0.28047144679143016, exact)
    try example.run(to: 10_000)
    expectClose(try example.cost(), 2.4475622359322466e-06, afterMany)
  }

  @Test func `one bias a layer, trained`() throws {
    var example = try mazur(freezesBias: false)
    let gradients = try example.gradients()
    expectClose(gradients["hidden.bias"]!, [0.018725609394704128], exact)
    expectClose(gradients["output.bias"]!, [0.10040032511200071], exact)
    try example.run()
    expectClose(try example.cost(), 0.2857508866992965, exact)
    try example.run(to: 10_000)
    expectClose(try example.cost(), 4.3553210661637e-06, afterMany)
  }

  @Test func `frozen biases per unit and no biases`() throws {
    var frozen = try mazur(bias: .unit)
    try frozen.run()
    expectClose(try frozen.cost(), 0.29102777369359933, exact)
    #expect(frozen["hidden.bias"] == [0.35, 0.35])
    let none = try mazur(bias: .none)
    #expect(none.state.paths == ["hidden.weight", "output.weight"])
    let (z, _, dz, _) = try passes(none)
    expectClose(z[0], [0.05 * 0.15 + 0.1 * 0.2, 0.05 * 0.25 + 0.1 * 0.3], exact)
    let gradient = try none.gradients()["hidden.weight"]!
    expectClose(
      gradient, [0.05, 0.05, 0.1, 0.1].indices.map { [0.05, 0.1][$0 / 2] * dz[0][$0 % 2] }, exact)
  }

  @Test func `the costs of articles 3 and 4`() throws {
    expectClose(try mazur(.meanSquaredError).cost(), 0.2983711087600027, exact)
    expectClose(try mazur(.squaredError).cost(), 0.5967422175200054, exact)
    let root = try mazur(.rootMeanSquaredError)
    expectClose(try root.cost(), 0.5462335661235062, exact)
    expectClose(try root.gradients()["output.weight"]![0], 0.07521236853618438, exact)
    let squared = try mazur(.squaredError).gradients()
    expectClose(squared["hidden.weight"]!, hiddenGradient.map { 2 * $0 }, exact)
    expectClose(squared["output.weight"]!, outputGradient.map { 2 * $0 }, exact)
  }
}

/// 2-3-3-3-3, sigmoid everywhere, w[l][j][k] = 0.1l + 0.2j − 0.3k, b[l][j] = 0.05l − 0.1j, two
/// samples.
private func deeper(_ loss: any Loss) throws -> StepCase {
  let network = try MultilayerPerceptron(NetworkSpecification(parsing: "2-3-3-3-3 sigmoid sigmoid"))
  let step = try TrainingStep(
    network, loss: loss, optimizer: SGD(learningRate: 0.5), input: .float([2]),
    target: .values([3]), precision: .float64)
  let data = try Dataset.rows([[0.05, 0.10], [0.90, -0.40]], targets: [[0, 1, 0], [1, 0, 0]])
  var example = StepCase(step: step, state: try step.initialState(seed: 1), batch: data.whole)
  for (index, name) in network.layerNames.enumerated() {
    let l = Double(index + 1)
    try example.set(
      "\(name).weight",
      (0..<(index == 0 ? 2 : 3)).flatMap { k in
        (0..<3).map { j in 0.1 * l + 0.2 * Double(j) - 0.3 * Double(k) }
      })
    try example.set("\(name).bias", (0..<3).map { 0.05 * l - 0.1 * Double($0) })
  }
  return example
}

@Suite("The deeper example, compiled")
struct DeeperExampleStepTests {
  @Test(arguments: [
    ("half-squared-error", 0.5084002531874172, -0.0001842237142880661),
    ("squared-error", 1.0168005063748344, -0.0003684474285761322),
    ("mean-squared-error", 0.33893350212494483, -0.00012281580952537742),
    ("root-mean-squared-error", 0.5821799568217243, -0.00010547924923065171),
    ("cross-entropy", 2.6454721005259927, -0.0008631159161098011),
  ])
  func `cost and one gradient`(_ name: String, _ cost: Double, _ gradient: Double) throws {
    let example = try deeper(try Losses.named(name))
    expectClose(try example.cost(), cost, exact)
    // w[1][1][0]: from input 0 to unit 1.
    expectClose(try example.gradients()["hidden1.weight"]![1], gradient, exact)
  }

  @Test func `the error of each sample`() throws {
    // On a batch of two the graph carries δ/2.
    expectClose(
      try passes(deeper(.halfSquaredError)).dz[0].map { 2 * $0 },
      [
        -0.00010218242627069143, -0.0002858290570865521, -0.00046832746554898303,
        0.00016009885916262222, -0.000393506639690894, -0.0009471121385444103,
      ], exact)
  }
}
