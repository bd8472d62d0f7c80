import BackpropCore
import Testing

@testable import Backprop

private let exact = Tolerance(relative: 1e-12)

@Suite("The worked example, explained")
struct WorkedExampleExplanationTests {
  /// Every number of the example by the name that the published page has for it.
  static let numbers: [(name: String, value: Double)] = [
    ("net_h1", 0.3775), ("net_h2", 0.3925), ("out_h1", 0.5932699921071872),
    ("out_h2", 0.596884378259767), ("net_o1", 1.10590596705977), ("net_o2", 1.2249214040964653),
    ("out_o1", 0.7513650695523157), ("out_o2", 0.7729284653214625),
    ("E_o1", 0.274811083176155), ("E_o2", 0.023560025583847746),
    ("E_total", 0.2983711087600027), ("δ_o1", 0.13849856162855695),
    ("δ_o2", -0.038098236516556236), ("∂E/∂out_h1", 0.03635030639314466),
    ("∂E/∂out_h2", 0.0413703226487447), ("δ_h1", 0.00877135468948693),
    ("δ_h2", 0.009954254705217196), ("∂E/∂w1", 0.0004385677344743465),
    ("∂E/∂w2", 0.000877135468948693), ("∂E/∂w3", 0.0004977127352608599),
    ("∂E/∂w4", 0.0009954254705217198), ("∂E/∂w5", 0.08216704056423077),
    ("∂E/∂w6", 0.08266762784753325), ("∂E/∂w7", -0.02260254047747507),
    ("∂E/∂w8", -0.022740242215978222), ("w1⁺", 0.1497807161327628), ("w2⁺", 0.19956143226552567),
    ("w3⁺", 0.24975114363236958), ("w4⁺", 0.29950228726473915), ("w5⁺", 0.35891647971788465),
    ("w6⁺", 0.4086661860762334), ("w7⁺", 0.5113012702387375), ("w8⁺", 0.5613701211079891),
    ("E_total after the update", 0.29102777369359933), ("∂E/∂b1", 0.018725609394704128),
    ("∂E/∂b2", 0.10040032511200071),
  ]

  @Test(arguments: numbers)
  func `every number, by the page's own name`(_ name: String, _ value: Double) throws {
    let explanation = try ExplanationCase.worked()
    let id = try #require(explanation.aliases.first { $0.value == name }?.key)
    let figure = try #require(explanation.figures().first { $0.id == id })
    expectClose(figure.value, value, exact, name)
    // The text prints it, with all its digits, under its name.
    let text = try explanation.rendered(as: .text)
    #expect(text.contains("\(id) (\(name))"))
    #expect(text.contains("= \(Digits.full(figure.value))\n"))
    // The machine-readable form has it too.
    let json = try explanation.json(ExplanationView())
    let entry = json["figures"]?.elements?.first { $0["id"]?.string == id }
    #expect(entry?["value"]?.double == figure.value && entry?["alias"]?.string == name)
  }

  @Test func `every number but the last has a formula that gives it`() throws {
    for figure in try ExplanationCase.worked().figures() where figure.id != "cost.after" {
      let formula = try #require(figure.forms.last, "\(figure.id)")
      expectClose(formula.evaluated() ?? .nan, figure.value, exact, figure.id)
      #expect(!figure.uses.isEmpty, "\(figure.id)")
    }
  }

  @Test func `costs after many updates`() throws {
    var explanation = try ExplanationCase.worked()
    let network = try MultilayerPerceptron(
      NetworkSpecification(parsing: WorkedExample.network), bias: .layer, freezesBias: true)
    let step = try TrainingStep(
      network, loss: .halfSquaredError, optimizer: SGD(learningRate: 0.5), input: .float([2]),
      target: .values([2]), precision: .float64)
    try explanation.follow(step, WorkedExample.state(step), WorkedExample.batch(), steps: 1000)
    for (count, cost) in [
      (1, 0.29102777369359933), (10, 0.22091859205390404), (100, 0.02004682824942521),
      (1000, 0.001114349453733746),
    ] {
      expectClose(explanation.costs[count - 1].cost, cost, exact, "\(count)")
    }
    let text = try explanation.rendered(as: .text)
    #expect(text.contains("\n     1000  0.001114349453733"))
  }

  @Test func `the article's other conventions`() throws {
    let unit = try ExplanationCase.worked(bias: .unit, freezesBias: false)
    expectClose(unit.costAfter, 0.28047144679143016, exact)
    let layer = try ExplanationCase.worked(freezesBias: false)
    expectClose(layer.costAfter, 0.2857508866992965, exact)
    let sequential = try ExplanationCase.worked(order: .sequential)
    expectClose(sequential.costAfter, 0.29102792390544197, exact)
    #expect(try sequential.rendered(as: .text).contains("Order sequential"))
    let root = try ExplanationCase.worked(RootMeanSquaredError())
    expectClose(root.cost, 0.5462335661235062, exact)
    expectClose(root.value("output.weight[0,0].gradient"), 0.07521236853618438, exact)
    let squared = try ExplanationCase.worked(SquaredError())
    expectClose(squared.cost, 0.5967422175200054, exact)
    expectClose(
      squared.value("output.weight[0,0].gradient"), 2 * 0.08216704056423077, exact)
    for explanation in [unit, layer, sequential, root, squared] {
      for figure in explanation.figures() where figure.id != "cost.after" {
        #expect(!figure.forms.isEmpty, "\(explanation.loss) \(figure.id)")
      }
    }
  }

  @Test func `the page's number and why it differs`() throws {
    let text = try ExplanationCase.worked().rendered(as: .text, width: 10_000)
    #expect(text.contains("The published page prints 0.291027924"))
    #expect(text.contains("--order sequential does the same and gives 0.29102792390544197"))
  }

  @Test func `derivatives agree with finite differences`() throws {
    let explanation = try ExplanationCase.worked()
    #expect(explanation.checks.count == 10)
    for check in explanation.checks {
      #expect(check.numeric != nil && check.error <= 1e-9, "\(check)")
    }
  }
}
