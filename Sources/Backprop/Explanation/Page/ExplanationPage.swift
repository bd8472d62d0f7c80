/// An explanation as one self-contained page: a drawing, a walk-through, all numbers that it uses,
/// and the chain rule of every weight shown.
///
/// The page needs no network. Without its script every step and every chain rule stands there in
/// order. What the script relies on: an element with `data-figure` shows that number; a step says
/// in `data-figure` what it computes and in `data-uses` what it takes; `data-chain` opens the
/// article `chain-NAME`.
struct ExplanationPage {
  let explanation: Explanation
  let view: ExplanationView
  let figures: [Figure]
  /// The number of the step that computes a figure, from 1.
  let steps: [String: Int]
  /// The value of every number that a step shows or takes.
  let numbers: [String: Double]
  /// The weights and biases with a chain rule on the page.
  let chains: [(id: String, html: String)]
  private let chainNames: Set<String>
  let maker: FigureMaker

  init(_ explanation: Explanation, _ view: ExplanationView) throws {
    (self.explanation, self.view) = (explanation, view)
    maker = FigureMaker(explanation: explanation)
    figures = explanation.figures(view)
    var steps: [String: Int] = [:]
    for (index, figure) in figures.enumerated() where steps[figure.id] == nil {
      steps[figure.id] = index + 1
    }
    self.steps = steps
    var numbers: [String: Double] = [:]
    for figure in figures {
      figure.forms.last?.visit { formula in
        if case .quantity(let quantity) = formula { numbers[quantity.id] = quantity.value }
      }
    }
    for figure in figures { numbers[figure.id] = figure.value }
    self.numbers = numbers
    chains = try Self.chains(explanation, view, figures)
    chainNames = Set(chains.map(\.id))
  }

  /// The chain rules of all weights whose gradient is a step.
  private static func chains(
    _ explanation: Explanation, _ view: ExplanationView, _ figures: [Figure]
  ) throws -> [(id: String, html: String)] {
    try figures.compactMap { figure in
      guard figure.id.hasSuffix(".gradient"), figure.pass == .backward else { return nil }
      let id = String(figure.id.dropLast(".gradient".count))
      guard let (path, index) = try? ExplanationView.weight(named: id),
        explanation.layers.contains(where: { $0.parameters.contains { $0.path == path } })
      else { return nil }
      let document = try explanation.chainRule(path, index, view)
      return (id, DocumentHTML(top: 3).text(document))
    }
  }

  /// The page.
  var html: String {
    let title = "Backpropagation, step by step: \(explanation.network)"
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Markup.escaped(title))</title>
      <style>
      \(Self.style)
      </style></head><body><main>
      <header><h1>\(Markup.escaped(title))</h1>
      \(Markup.element("p", [:], Markup.escaped(explanation.introduction[0])))
      </header>
      <section id="network" aria-label="Network"><div class="scroll">
      \(drawing)
      </div>
      \(Self.key)
      </section>
      <section id="walk" aria-label="Walk-through"><h2>Step by step</h2>
      <ol class="steps">
      \(figures.enumerated().map { step($0 + 1, $1) }.joined(separator: "\n"))
      </ol></section>
      \(more)
      <section id="values"><h2>All numbers</h2>
      \(notes)
      \(tables)
      </section>
      <section id="chains"><h2>Chain rules</h2>
      \(chains.map { article($0.id, $0.html) }.joined(separator: "\n"))
      \(fallback)
      </section>
      </main>
      <script>
      \(Self.script)
      </script></body></html>

      """
  }

  /// What is asked for beside the walk: the equations in another form, the algorithm, the costs of
  /// further updates, the checks.
  private var more: String {
    var document = Document()
    if view.isPseudocode {
      document.heading(1, "The algorithm")
      document.blocks.append(.code(explanation.pseudocode))
    }
    if let form = view.form, form != .element {
      document.heading(1, "The equations, form \(form.rawValue)")
      document.blocks += explanation.laws(form)
      let chosen = explanation.layers.reversed().filter {
        view.layer == nil || view.layer == $0.name
      }
      for layer in chosen where explanation.parts.dense[layer.name] != nil {
        document.heading(2, layer.name)
        document.blocks +=
          form == .jacobian
          ? MatrixForms(explanation).jacobian(layer.name)
          : MatrixForms(explanation).equations(layer.name, form)
      }
    }
    explanation.costHistory(&document)
    explanation.checked(&document)
    return "<section id=\"more\">\(DocumentHTML(top: 2).text(document))</section>"
  }

  private static let key = """
    <p class="key"><span><span class="line"></span>positive weight</span>
    <span><span class="line neg"></span>negative weight</span>
    <span class="if-js"><span class="f used">used</span> by this step</span>
    <span class="if-js"><span class="f result">result</span> of this step</span>
    <span class="if-js"><span class="f later">not known yet</span></span>
    <span class="if-js">Click a weight for its chain rule</span></p>
    """

  private var notes: String {
    let lines = explanation.introduction.dropFirst() + explanation.remarks
    let own = [
      "The tables print weights with a row for each receiving unit, as in z = W·a + b. A weight opens "
        + "its chain rule, any other underlined number leads to the step that computes it. On the "
        + "keyboard, Tab reaches each table and each layer of the drawing, the arrow keys move within "
        + "it and Enter opens. Numbers are rounded here; the attribute value of each has all digits."
    ]
    return (own + lines).map { Markup.element("p", ["class": "soft"], Markup.escaped($0)) }
      .joined(separator: "\n")
  }

  // MARK: the walk

  private func step(_ number: Int, _ figure: Figure) -> String {
    let value = Markup.element(
      "data",
      ["class": "f", "data-figure": Self.token(figure.id), "value": figure.value.description],
      Digits.short(figure.value, 9))
    let alias = explanation.aliases[figure.id].map { Markup.escaped(" (\($0))") } ?? ""
    let attributes = [
      "class=\"step\"", "id=\"step-\(number)\"", "data-pass=\"\(figure.pass.rawValue)\"",
      "data-figure=\"\(Markup.escaped(Self.token(figure.id)))\"",
      "data-uses=\"\(Markup.escaped(figure.uses.map(Self.token).joined(separator: " ")))\"",
    ].joined(separator: " ")
    return """
      <li \(attributes)>
      <h3>\(Markup.escaped(Self.capitalized(figure.title)))</h3><span class="rule">\(alias)</span>
      <p class="value"><code>\(Markup.escaped(figure.id))</code> = \(value)</p>
      \(DocumentHTML(namesFigures: true).formula(figure))
      </li>
      """
  }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  private func article(_ id: String, _ html: String) -> String {
    Markup.element("article", ["class": "chain", "id": "chain-\(Self.token(id))"], "\n\(html)\n")
  }

  /// What weights without a chain rule of their own open.
  private var fallback: String {
    guard hasOtherWeights else { return "" }
    return """
      <article class="chain" id="chain-none"><h3><code class="weight-name">a weight</code></h3>
      <p>The page has the chain rules of the weights with the largest gradients. This one is shown by</p>
      <pre>backprop explain … --weight "<span class="weight-name">NAME</span>"</pre></article>
      """
  }

  // MARK: names

  /// A link to the article of a weight.
  func chainLink(_ id: String) -> String {
    chainNames.contains(id) ? Self.link("chain-\(id)") : "#chain-none"
  }

  /// A fragment: what may not stand in one is encoded.
  static func link(_ id: String) -> String {
    var text = "#"
    for byte in token(id).utf8 {
      let character = Character(UnicodeScalar(byte))
      if byte < 128, character.isLetter || character.isNumber || "-._~,".contains(character) {
        text.append(character)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }

  /// A name in an attribute that is a list of names: without spaces.
  static func token(_ id: String) -> String {
    String(id.map { $0.isWhitespace ? "␣" : $0 })
  }

  /// A number in a table: a link to its chain rule or its step, if it has one.
  func cell(_ id: String, _ value: Double) -> String {
    let text = Digits.short(value)
    let data = Markup.element("data", ["value": value.description], text)
    let name = Self.token(id)
    if isWeight(id) {
      return Markup.element(
        "a", ["class": "f", "data-figure": name, "data-chain": name, "href": chainLink(id)], data)
    }
    if let step = steps[id] {
      return Markup.element(
        "a", ["class": "f", "data-figure": name, "href": "#step-\(step)"], data)
    }
    return Markup.element(
      "data", ["class": "f", "data-figure": name, "value": value.description], text)
  }

  private func isWeight(_ id: String) -> Bool {
    guard id.hasSuffix("]"), let end = id.firstIndex(of: "[") else { return false }
    let path = id[..<end]
    return explanation.parts.dense.values.contains {
      $0.weightPath == path || $0.biasPath.map { $0 == path } == true
    }
  }
}
