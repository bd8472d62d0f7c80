import RealModule

/// Which of the two functions called GELU.
public enum GELUForm: String, Hashable, Sendable, CaseIterable {
  /// x · Φ(x), Φ the distribution function of the standard normal distribution.
  case exact
  /// The approximation `½x(1 + tanh(√(2/π)(x + 0.044715x³)))`.
  case tanh
}

/// The Gaussian error linear unit `y = x · Φ(x)`, with Φ(x) = ½(1 + erf(x/√2)), or its tanh
/// approximation.
///
/// - Shapes: any → the same.
/// - Derivative: `∂C/∂x = g ⊙ (Φ(x) + x ⊙ φ(x))`, φ the normal density; in the form `tanh` that of
///   its formula.
/// - Precision: absolute error of at most about 2·ε·|x|, ε = 2⁻²³ or 2⁻⁵², by the bounds of ``Erf``
///   and ``Tanh``; relative precision is lost far below 0, where y vanishes.
/// - Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)" (2016), section 2.
public struct Gelu: UnaryOp {
  public static let name = "gelu"
  public static let derivative =
    "∂C/∂x = g ⊙ (Φ(x) + x ⊙ φ(x)), φ the normal density; in the form tanh that of its "
    + "formula"
  /// Which function.
  public let form: GELUForm
  /// Makes the op.
  public init(form: GELUForm) { self.form = form }

  private static var cubic: Double { 0.044715 }
  private static var rate: Double { (2 / Double.pi).squareRoot() }

  public func apply<R: RealNumber>(_ x: R) -> R {
    switch form {
    case .exact: x * (R(0.5) * (1 + .erf(x * R(0.5.squareRoot()))))
    case .tanh: x * (R(0.5) * (1 + .tanh(R(Self.rate) * (x + R(Self.cubic) * (x * x * x)))))
    }
  }

  public func derivative(x: Value, y: Value, adjoint g: Value) throws -> Value? {
    let gate = try gate(x)
    switch form {
    case .exact:
      let density = try (1 / (2 * Double.pi).squareRoot()) * (-0.5 * x.square()).exp()
      return try g * (gate + x * density)
    case .tanh:
      // With gate s = ½(1 + tanh u): s′ = 2s(1 − s)u′.
      let slope = try Self.rate + (3 * Self.rate * Self.cubic) * x.square()
      return try g * (gate + x * (2 * gate * (1 - gate) * slope))
    }
  }

  public func lowering(_ inputs: [ValueType]) -> Lowering { .expanded }

  public func expand(_ inputs: [Value]) throws -> Value { try inputs[0] * gate(inputs[0]) }

  /// What x is multiplied by.
  private func gate(_ x: Value) throws -> Value {
    switch form {
    case .exact: try 0.5 * (1 + (x * 0.5.squareRoot()).erf())
    case .tanh: try 0.5 * (1 + (Self.rate * (x + Self.cubic * x.power(3))).tanh())
    }
  }
}

extension Value {
  /// The Gaussian error linear unit of each element: see ``Gelu``.
  public func gelu(_ form: GELUForm = .exact) throws -> Value { try apply(Gelu(form: form)) }
}
