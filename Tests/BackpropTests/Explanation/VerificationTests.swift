import BackpropCore
import Testing

@testable import Backprop

@Suite struct VerificationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The worked example's own explanation, as a file, with some numbers replaced.
  private func file(_ changes: [String: JSONValue]) throws -> String {
    let json = try ExplanationCase.worked().json(ExplanationView())
    let figures = try #require(json["figures"]?.elements).map { figure -> JSONValue in
      guard let id = figure["id"]?.string, let change = changes[id] else { return figure }
      return .object(
        figure.members!.map { $0.name == "value" ? .init("value", change) : $0 })
    }
    let members = json.members!.map {
      $0.name == "figures" ? .init("figures", .array(figures)) : $0
    }
    return try folder.file("e.json", Array(JSONValue.object(members).text().utf8))
  }

  @Test func `its own explanation is right`() throws {
    let report = try ExplanationCase.worked().verify(contentsOf: file([:]))
    #expect(report.isRight && report.compared == 42 && report.open == 0)
    #expect(report.lines == ["\(folder.path)/e.json: all 42 numbers are right"])
  }

  /// A wrong digit in each of the four equations, from the fourth to the last.
  @Test(arguments: [
    ("output.delta[0]", 0.13859856162855695, "BP1, error of output 0"),
    ("output.delta[1]", -0.038098236516556136, "BP1, error of output 1"),
    ("hidden.delta[0]", 0.00877135468949693, "BP2, error of hidden 0"),
    (
      "hidden.a[1].gradient", 0.0413703226487547,
      "BP2, how the cost depends on the activation of hidden 1"
    ),
    ("output.bias[0].gradient", 0.10040032511300071, "BP3, gradient of output.bias[0]"),
    ("hidden.weight[0,1].gradient", 0.0004977127352708599, "BP4, gradient of hidden.weight[0,1]"),
    ("output.weight[1,0].gradient", 0.08266762785753325, "BP4, gradient of output.weight[1,0]"),
  ])
  func `a wrong digit is found, and its step named`(
    _ id: String, _ wrong: Double, _ step: String
  ) throws {
    let explanation = try ExplanationCase.worked()
    let report = try explanation.verify(contentsOf: file([id: .number(wrong)]))
    #expect(report.faults.map(\.id) == [id])
    let fault = try #require(report.faults.first)
    #expect(fault.step == step && !fault.follows && fault.found == wrong)
    #expect(fault.expected == explanation.value(id))
    #expect(report.lines[1] == "  step: \(step)")
    #expect(!report.isRight)
  }

  @Test func `what follows from a wrong number by the right formula is told apart`() throws {
    // δ too large by 0.001, and one gradient computed from it.
    let delta = 0.13849856162855695 + 0.001
    let gradient = 0.5932699921071872 * delta
    let report = try ExplanationCase.worked().verify(
      contentsOf: file([
        "output.delta[0]": .number(delta), "output.weight[0,0].gradient": .number(gradient),
        "output.weight[1,0].gradient": 0.09,
      ]))
    #expect(report.faults.map(\.follows) == [false, true, false])
    #expect(report.faults[1].causes == ["output.delta[0]"])
  }

  @Test func `a worksheet is the explanation without the numbers`() throws {
    var explanation = try ExplanationCase.worked()
    explanation.isWorksheet = true
    let text = try explanation.rendered(as: .json)
    #expect(!text.contains("0.5932") && !text.contains("with_numbers"))
    #expect(text.contains("w¹₀₀ · x₀ + w¹₀₁ · x₁ + b¹") && text.contains("0.15"))
    let path = try folder.file("sheet.json", Array(text.utf8))
    let report = try ExplanationCase.worked().verify(contentsOf: path)
    #expect(report.compared == 0 && report.open == 42 && !report.isRight)
  }

  @Test func `numbers by name, rounded, and by the page's names`() throws {
    let text = """
      {"figures": {"net_h1": 0.3775, "out_h1": 0.5933, "hidden.a[1]": 0.597, "w5⁺": 0.35892,
       "δ_o1": null, "cost": 0.3, "speed": 3}}
      """
    let path = try folder.file("s.json", Array(text.utf8))
    let report = try ExplanationCase.worked().verify(contentsOf: path)
    // 0.3 has too few digits to be 0.29837.
    #expect(report.faults.map(\.id) == ["cost"] && report.compared == 5 && report.open == 1)
    #expect(report.unknown == ["speed"] && !report.isRight)
  }

  @Test(arguments: [
    (0.59327, true), (0.593270, true), (0.5932699921071872, true), (0.59326999, true),
    (0.5933, true), (0.593, true), (0.59, false), (0.5932699921081872, false), (0.594, false),
    (-0.59327, false), (.nan, false), (.infinity, false),
  ])
  func `a number is right if it is the right one rounded`(_ found: Double, _ isRight: Bool) {
    #expect(Explanation.agrees(found, 0.5932699921071872) == isRight)
  }

  @Test(arguments: [
    ("{\"figures\": 3}", "'figures'", "a list of figures, or an object of numbers by name"),
    ("{}", "'figures'", "a list of figures, or an object of numbers by name"),
    ("{\"figures\": [{\"value\": 3}]}", "'figures'", "an 'id' in each figure"),
    ("{\"figures\": {\"cost\": \"much\"}}", "the value of 'cost'", "a number or null"),
    ("{\"format\": \"model\", \"figures\": {}}", "'format'", "'backprop-explanation'"),
    ("{\"format_version\": 9, \"figures\": {}}", "'format_version'", "1"),
    ("{\"network\": \"2-3-2 tanh\", \"figures\": {}}", "'network'", "'2-2-2 sigmoid sigmoid'"),
  ])
  func `files that are none`(_ text: String, _ place: String, _ expected: String) throws {
    let path = try folder.file("bad.json", Array(text.utf8))
    let explanation = try ExplanationCase.worked()
    let error = #expect(throws: FormatError.self) { try explanation.verify(contentsOf: path) }
    #expect("\(error!)".contains(place) && "\(error!)".contains(expected), "\(error!)")
  }
}
