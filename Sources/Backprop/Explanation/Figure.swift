import BackpropCore

/// One number of an ``Explanation``: its name, its formula, the formula with the numbers in, and its
/// value.
///
/// | name | number |
/// |---|---|
/// | `input[0]`, `target[0]` | of the sample shown |
/// | `hidden.z[0]`, `hidden.a[0]` | weighted input and activation of a unit |
/// | `hidden.slope[0]` | σ′(z) |
/// | `output.p[0]` | probability, where the cost applies softmax or sigmoid itself |
/// | `cost.output[0]`, `cost`, `cost.after` | an output's share, the batch's cost, that after the update |
/// | `hidden.a[0].gradient`, `output.p[0].gradient` | ∂C_x/∂a, ∂C_x/∂p |
/// | `hidden.delta[0]` | δ = ∂C_x/∂z; where samples are coupled `hidden.adjoint[0]`, ∂C/∂z |
/// | `hidden.in[0]` | what enters from another kind of layer |
/// | `hidden.weight[0,1]` | from input 0 to unit 1 |
/// | `hidden.weight[0,1].gradient`, `hidden.weight[0,1].next` | ∂C/∂w, and w after the update |
///
/// A number of another sample of the batch has `@` and the sample's number behind its name.
public struct Figure: Sendable {
  /// The passes of a step.
  public enum Pass: String, Sendable, CaseIterable { case given, forward, cost, backward, update }

  /// The name.
  public let id: String
  /// What it is, in words.
  public let title: String
  /// When it is computed.
  public let pass: Pass
  /// The value, as the graph has it.
  public let value: Double
  /// The symbol.
  let symbol: Formula
  /// The right-hand sides, each equal to the value; none for a number that is given, or that only
  /// the graph knows.
  let forms: [Formula]

  /// The names of the figures whose numbers the formula takes.
  public var uses: [String] { forms.last?.uses ?? [] }

  /// The symbol in plain text, as in `z¹₀`.
  public var symbolText: String { TextFormulas().text(symbol) }
  /// The formula in plain text; nil for a number that is given.
  public var formulaText: String? {
    forms.isEmpty ? nil : forms.map { TextFormulas().text($0) }.joined(separator: " = ")
  }
  /// The formula in plain text with the numbers in; nil for a number that is given.
  public var numbersText: String? { forms.last.map { TextFormulas(hasNumbers: true).text($0) } }

  /// What the formula gives for other numbers, by name; nil if there is no formula.
  package func recomputed(_ numbers: (String) -> Double?) -> Double? {
    forms.last?.evaluated(numbers)
  }

  /// What figures of a layer's units are called.
  static let unitKinds = ["z", "a", "p", "slope", "delta", "adjoint"]

  /// Whether a figure is one of a layer's units.
  static func isUnit(_ id: String, of layer: String) -> Bool {
    unitKinds.contains { id.hasPrefix("\(layer).\($0)[") }
  }

  func isOf(_ layer: String) -> Bool { Self.isUnit(id, of: layer) }

  /// The name of an element of an array, by its place in row-major order.
  static func name(_ path: String, _ index: Int, in shape: Shape) -> String {
    var places: [Int] = []
    var rest = index
    for size in shape.sizes.reversed() {
      places.insert(rest % max(size, 1), at: 0)
      rest /= max(size, 1)
    }
    return "\(path)[\(places.map(String.init).joined(separator: ","))]"
  }
}
