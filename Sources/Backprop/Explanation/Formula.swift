import RealModule

/// A formula of an explanation: it can be written with symbols, written with the numbers in, and
/// computed.
///
/// One tree serves all three, so that what a reader sees with symbols is what the numbers were put
/// into. Every renderer (plain text, LaTeX, MathML) walks the same tree.
indirect enum Formula: Hashable, Sendable {
  /// A number that belongs to the formula, such as the ½ of a cost.
  case number(Double)
  /// A symbol that stands for no single number here, such as δ of a whole layer.
  case symbol(Symbol)
  /// A number of the network: its name, its symbol, its value.
  case quantity(Quantity)
  /// ∂y/∂x.
  case derivative(of: Formula, by: Formula)
  case sum([Formula])
  case negative(Formula)
  case product([Formula])
  case quotient(Formula, Formula)
  case power(Formula, Int)
  case call(Function, Formula)
  /// The first formula where the condition `x > 0` holds, else the second.
  case positive(Formula, then: Formula, otherwise: Formula)
  /// Terms of a long sum that are not written out.
  case rest(count: Int, value: Double)
  /// Σ over an index: for general statements, never computed.
  case series(index: String, Formula)
  /// Elementwise product.
  case hadamard([Formula])
  case transpose(Formula)
  case diagonal(Formula)
  /// A matrix or column of numbers with its symbol.
  case matrix(Matrix)

  /// A letter with a layer above and indices below.
  struct Symbol: Hashable, Sendable {
    /// The letter or word.
    var base: String
    /// The number of the layer; nil for none.
    var layer: String?
    /// Indices, from 0, or letters.
    var indices: [String]
    /// The sample, where a formula goes over several.
    var sample: Int?

    /// Makes a symbol.
    init(
      _ base: String, layer: String? = nil, _ indices: [String] = [], sample: Int? = nil
    ) {
      (self.base, self.layer, self.indices, self.sample) = (base, layer, indices, sample)
    }
  }

  /// A number of the network.
  struct Quantity: Hashable, Sendable {
    /// The name of the figure, as in `hidden.z[0]`.
    var id: String
    /// What formulas call it.
    var symbol: Formula
    /// The number.
    var value: Double
  }

  /// Numbers in rows, with what they are called.
  struct Matrix: Hashable, Sendable {
    /// What formulas call it.
    var symbol: Formula
    /// The rows that are shown; nil stands for what is left out.
    var rows: [[Double?]]
  }

  /// The functions that formulas call by name.
  enum Function: String, Hashable, Sendable {
    case exp = "exp"
    case ln = "ln"
    case sqrt = "√"
    case tanh = "tanh"
    case sigmoid = "σ"
    case abs = "abs"
    case sign = "sign"
    case normal = "Φ"
    /// An activation whose own letter is all there is to say, and its derivative; not computed.
    case activation = "φ"
    case slope = "σ′"
    case activationSlope = "φ′"
  }
}

extension Formula {
  /// The number that the formula gives; nil where it cannot be computed.
  ///
  /// - Parameter value: another number for a figure, by name; nil for its own.
  func evaluated(_ value: (_ id: String) -> Double? = { _ in nil }) -> Double? {
    func all(_ parts: [Formula], _ start: Double, _ join: (Double, Double) -> Double) -> Double? {
      var result = start
      for part in parts {
        guard let number = part.evaluated(value) else { return nil }
        result = join(result, number)
      }
      return result
    }
    switch self {
    case .number(let number): return number
    case .quantity(let quantity): return value(quantity.id) ?? quantity.value
    case .rest(_, let number): return number
    case .sum(let terms): return all(terms, 0, +)
    case .product(let factors): return all(factors, 1, *)
    case .negative(let part): return part.evaluated(value).map { -$0 }
    case .quotient(let top, let bottom):
      return top.evaluated(value).flatMap { top in bottom.evaluated(value).map { top / $0 } }
    case .power(let base, let exponent):
      return base.evaluated(value).map { base in
        (0..<exponent).reduce(1) { product, _ in product * base }
      }
    case .call(let function, let argument):
      return argument.evaluated(value).flatMap { function.value(at: $0) }
    case .positive(let condition, let yes, let no):
      return condition.evaluated(value).flatMap { ($0 > 0 ? yes : no).evaluated(value) }
    case .symbol, .derivative, .series, .hadamard, .transpose, .diagonal, .matrix: return nil
    }
  }

  /// The names of the figures whose numbers go in, each once, in order.
  var uses: [String] {
    var found: [String] = []
    visit { formula in
      if case .quantity(let quantity) = formula, !found.contains(quantity.id) {
        found.append(quantity.id)
      }
    }
    return found
  }

  func visit(_ body: (Formula) -> Void) {
    body(self)
    switch self {
    case .sum(let parts), .product(let parts), .hadamard(let parts):
      parts.forEach { $0.visit(body) }
    case .negative(let part), .power(let part, _), .call(_, let part), .series(_, let part),
      .transpose(let part), .diagonal(let part):
      part.visit(body)
    case .quotient(let a, let b), .derivative(let a, let b):
      a.visit(body)
      b.visit(body)
    case .positive(let a, let b, let c): [a, b, c].forEach { $0.visit(body) }
    case .number, .symbol, .quantity, .rest, .matrix: break
    }
  }
}

extension Formula.Function {
  /// The value at a number; nil for a function that is only named.
  func value(at x: Double) -> Double? {
    switch self {
    case .exp: .exp(x)
    case .ln: .log(x)
    case .sqrt: x.squareRoot()
    case .tanh: .tanh(x)
    case .sigmoid: x >= 0 ? 1 / (1 + .exp(-x)) : .exp(x) / (1 + .exp(x))
    case .abs: x.magnitude
    case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
    case .normal: 0.5 * (1 + .erf(x / 2.0.squareRoot()))
    case .activation, .activationSlope, .slope: nil
    }
  }
}

// MARK: - Building

extension Formula: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  init(floatLiteral value: Double) { self = .number(value) }
  init(integerLiteral value: Int) { self = .number(Double(value)) }

  static func + (a: Formula, b: Formula) -> Formula {
    if case .sum(let terms) = a { return .sum(terms + [b]) }
    return .sum([a, b])
  }
  static func - (a: Formula, b: Formula) -> Formula { a + .negative(b) }
  static func * (a: Formula, b: Formula) -> Formula {
    if case .product(let factors) = a { return .product(factors + [b]) }
    return .product([a, b])
  }
  static func / (a: Formula, b: Formula) -> Formula { .quotient(a, b) }

  static let pi = Formula.number(.pi)

  /// A symbol.
  static func symbol(
    _ base: String, layer: Int? = nil, _ indices: [Int] = [], sample: Int? = nil
  ) -> Formula {
    .symbol(
      Symbol(base, layer: layer.map(String.init), indices.map(String.init), sample: sample))
  }

  /// A symbol with letters for indices.
  static func letter(
    _ base: String, layer: String? = nil, _ indices: String...
  ) -> Formula {
    .symbol(Symbol(base, layer: layer, indices))
  }
}
