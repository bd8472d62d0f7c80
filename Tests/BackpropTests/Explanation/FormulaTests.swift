import Testing

@testable import Backprop

@Suite struct FormulaTests {
  private static func number(_ name: String, _ value: Double) -> Formula {
    .quantity(.init(id: name, symbol: .letter(name), value: value))
  }
  private static let a = number("a", 2)
  private static let b = number("b", -3)
  private static let c = number("c", 0.5)

  /// A formula with its symbols, its numbers and its value.
  static let cases: [(Formula, String, String, Double)] = [
    (a + b, "a + b", "2 − 3", -1),
    (a - b, "a − b", "2 − (−3)", 5),
    (a * b, "a · b", "2 · (−3)", -6),
    (b * a, "b · a", "(−3) · 2", -6),
    (a + b * c, "a + b · c", "2 − 3 · 0.5", 0.5),
    (a * (b + c), "a · (b + c)", "2 · (−3 + 0.5)", -5),
    (a * (1 - a), "a · (1 − a)", "2 · (1 − 2)", -2),
    (a - (b - c), "a − (b − c)", "2 − (−3 − 0.5)", 5.5),
    (a / (b * c), "a / (b · c)", "2 / ((−3) · 0.5)", -4.0 / 3),
    ((a - c) / 2, "(a − c) / 2", "(2 − 0.5) / 2", 0.75),
    (.power(a - b, 2), "(a − b)²", "(2 − (−3))²", 25),
    (.power(b, 2), "b²", "(−3)²", 9),
    (.negative(a * c), "−a · c", "−2 · 0.5", -1),
    (.negative(a + c), "−(a + c)", "−(2 + 0.5)", -2.5),
    (
      1 / (1 + .call(.exp, .negative(c))), "1 / (1 + e^(−c))", "1 / (1 + e^(−0.5))",
      0.6224593312018546
    ),
    (.call(.sqrt, a), "√(a)", "√(2)", 2.0.squareRoot()),
    (.positive(b, then: b, otherwise: 0), "(b if b > 0, else 0)", "(−3 if −3 > 0, else 0)", 0),
    (.sum([a, .rest(count: 7, value: 1.5)]), "a + …", "2 + [7 more: 1.5]", 3.5),
  ]

  @Test(arguments: cases)
  func `symbols, numbers and value`(
    _ formula: Formula, _ symbols: String, _ numbers: String, _ value: Double
  ) {
    #expect(TextFormulas().text(formula) == symbols)
    #expect(TextFormulas(hasNumbers: true).text(formula) == numbers)
    expectClose(formula.evaluated() ?? .nan, value, Tolerance(relative: 1e-15))
  }

  @Test func `names and other numbers`() {
    let formula = Self.a * Self.b + Self.a
    #expect(formula.uses == ["a", "b"])
    #expect(formula.evaluated { $0 == "a" ? 10 : nil } == -20)
    #expect(Formula.letter("δ").evaluated() == nil)
  }

  @Test func `indices, layers and samples`() {
    let text = TextFormulas()
    #expect(text.text(.symbol("w", layer: 1, [0, 2])) == "w¹₀₂")
    #expect(text.text(.symbol("w", layer: 12, [10, 2])) == "w¹²₁₀﹐₂")
    #expect(text.text(.symbol("a", layer: 1, [3], sample: 2)) == "a¹₃⟨2⟩")
    let latex = LaTeXFormulas()
    #expect(latex.text(.symbol("w", layer: 12, [10, 2])) == "w^{12}_{10,2}")
    #expect(
      latex.text(.derivative(of: .letter("C"), by: .symbol("w⁺", layer: 1)))
        == "\\frac{\\partial C}{\\partial {w^{+}}^{1}}")
    #expect(latex.text(.letter("a & b_c")) == "\\mathrm{a \\& b\\_c}")
    let mathML = MathMLFormulas()
    #expect(mathML.text(.symbol("z", [1])) == "<msub><mi>z</mi><mrow><mn>1</mn></mrow></msub>")
    #expect(mathML.text(.letter("<b>")) == "<mi>&lt;b&gt;</mi>")
  }

  @Test func `numbers of a network say which they are`() {
    let mathML = MathMLFormulas(hasNumbers: true, namesFigures: true)
    #expect(mathML.text(Self.b * Self.a).contains("<mn data-figure=\"b\">−3</mn>"))
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (0.1, "0.1"), (-2.5, "−2.5"), (1234567, "1.23457e6"),
      (123456.7, "123457"), (0.000012345678, "0.0000123457"), (9.9999999, "10"),
      (1e-7, "1e−07"), (0.99999999, "1"), (.infinity, "∞"), (.nan, "NaN"), (5e-324, "5e−324"),
      (-1.7976931348623157e308, "−1.79769e308"),
    ] as [(Double, String)])
  func `numbers are short and true`(_ value: Double, _ text: String) {
    #expect(Digits.short(value) == text)
  }

  @Test func `all digits read back`() {
    for value in [0.1, -1e-300, 0.29102777369359933, 12345678.9] {
      let text = Digits.full(value).map { $0 == "−" ? "-" : String($0) }.joined()
      #expect(Double(text) == value)
    }
  }
}
