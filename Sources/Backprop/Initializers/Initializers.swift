public import BackpropCore

/// The initialisers by name, as the command line and run files write them.
///
/// Fan in and fan out are the numbers of inputs and outputs that meet in one unit: for a weight
/// [inputs, outputs] its two sizes; for a kernel [height, width, inputs, outputs] these two times
/// height · width; for a vector its one size.
///
/// | name | numbers |
/// |---|---|
/// | `zeros`, `ones` | all 0, all 1 |
/// | `constant:c` | all c |
/// | `uniform:r` | uniform in (−r, r) |
/// | `standard-normal` | N(0, 1) |
/// | `normal:s` | normal with standard deviation s |
/// | `glorot-uniform` | uniform, r = √(6 / (fan in + fan out)) |
/// | `glorot-normal` | normal, s = √(2 / (fan in + fan out)) |
/// | `he-uniform` | uniform, r = √(6 / fan in) |
/// | `he-normal` | normal, s = √(2 / fan in) |
/// | `lecun-uniform` | uniform, r = √(3 / fan in) |
/// | `lecun-normal` | normal, s = √(1 / fan in): Nielsen's better start |
public enum Initializers {
  private static let plain: [Initializer] = [
    .zeros, .ones, .standardNormal, .glorotUniform, .glorotNormal, .heUniform, .heNormal,
    .lecunUniform, .lecunNormal,
  ]

  /// Every name. `constant`, `uniform` and `normal` take a number: `constant:0.1`.
  public static let allNames = plain.map(\.name) + ["constant", "uniform", "normal"]

  /// The initialiser of a name: `lecun-normal`, `constant:0.1`.
  ///
  /// - Throws: ``ConfigurationError`` for an unknown name, or a number that is missing or out of
  ///   range.
  public static func named(_ text: String) throws -> Initializer {
    let text = try OptionText(text, kind: "initializer")
    try text.requireUnnamedOnly()
    if let initializer = plain.first(where: { $0.name == text.name }) {
      guard text.unnamed == nil else { throw text.error("it takes no number") }
      return initializer
    }
    guard allNames.contains(text.name) else {
      throw ConfigurationError.unknown("initializer", text.name, known: allNames)
    }
    guard let number = text.unnamed else {
      throw text.error("it needs a number, as in \(text.name):0.1")
    }
    if text.name == "constant" { return .constant(number) }
    guard number > 0 else {
      throw text.error(
        "the number is \(shortest(number)); expected \(NumberRange.positive.rawValue)")
    }
    return text.name == "uniform" ? .uniform(number) : .normal(deviation: number)
  }
}

extension Initializer {
  /// All elements c.
  public static func constant(_ c: Double) -> Initializer {
    Initializer("constant:\(shortest(c))") { _, _, range in
      [Double](repeating: c, count: range.count)
    }
  }

  /// Uniform in (−limit, limit).
  public static func uniform(_ limit: Double) -> Initializer {
    uniform("uniform:\(shortest(limit))") { _ in limit }
  }

  /// Normal with mean 0 and a standard deviation.
  public static func normal(deviation: Double) -> Initializer {
    normal("normal:\(shortest(deviation))") { _ in deviation }
  }

  /// Normal with mean 0 and standard deviation 1: the start of Nielsen's first programs, for
  /// weights and biases.
  public static let standardNormal = normal("standard-normal") { _ in 1 }

  /// Uniform with limit √(6 / (fan in + fan out)).
  ///
  /// - Source: X. Glorot, Y. Bengio, "Understanding the Difficulty of Training Deep Feedforward
  ///   Neural Networks" (2010), equation (16).
  public static let glorotUniform = uniform("glorot-uniform") {
    (6 / ($0.in + $0.out)).squareRoot()
  }

  /// Normal with standard deviation √(2 / (fan in + fan out)), not truncated. Source: see
  /// ``glorotUniform``.
  public static let glorotNormal = normal("glorot-normal") { (2 / ($0.in + $0.out)).squareRoot() }

  /// Uniform with limit √(6 / fan in), for relu.
  ///
  /// - Source: K. He et al., "Delving Deep into Rectifiers" (2015), equation (10).
  public static let heUniform = uniform("he-uniform") { (6 / $0.in).squareRoot() }

  /// Normal with standard deviation √(2 / fan in), not truncated, for relu. Source: see
  /// ``heUniform``.
  public static let heNormal = normal("he-normal") { (2 / $0.in).squareRoot() }

  /// Uniform with limit √(3 / fan in).
  ///
  /// - Source: Y. LeCun et al., "Efficient BackProp" (1998), equation (16).
  public static let lecunUniform = uniform("lecun-uniform") { (3 / $0.in).squareRoot() }

  /// Normal with standard deviation √(1 / fan in), not truncated: Nielsen's N(0, 1/√n_in). Source:
  /// see ``lecunUniform``.
  public static let lecunNormal = normal("lecun-normal") { (1 / $0.in).squareRoot() }

  private static func uniform(
    _ name: String, _ limit: @escaping @Sendable (Fans) -> Double
  ) -> Initializer {
    Initializer(name) { shape, key, range in
      let limit = limit(Fans(shape))
      return key.uniforms(range).map { (2 * $0 - 1) * limit }
    }
  }

  private static func normal(
    _ name: String, _ deviation: @escaping @Sendable (Fans) -> Double
  ) -> Initializer {
    Initializer(name) { shape, key, range in
      let deviation = deviation(Fans(shape))
      return key.normals(range).map { $0 * deviation }
    }
  }
}

/// How many inputs and outputs meet in one unit.
private struct Fans {
  let `in`, out: Double

  init(_ shape: Shape) {
    // A size of 0 has no elements to fill, and should not divide by 0 either.
    func atLeastOne(_ count: Int) -> Double { Double(max(count, 1)) }
    guard shape.rank >= 2 else {
      (self.in, out) = (atLeastOne(shape.count), atLeastOne(shape.count))
      return
    }
    let window = shape.sizes.dropLast(2).reduce(1, *)
    (self.in, out) = (atLeastOne(window * shape[-2]), atLeastOne(window * shape[-1]))
  }
}
