/// What of an ``Explanation`` is shown.
public struct ExplanationView: Sendable {
  /// How the four equations are written.
  public enum Form: String, Sendable, CaseIterable {
    /// δ_j = ∂C/∂a_j · σ′(z_j), number by number.
    case element
    /// δ = ∇C ⊙ σ′(z).
    case matrix
    /// δ = diag(σ′(z)) · ∇C.
    case diagonal
    /// Derivatives of each output instead of the error; weights as they are stored.
    case jacobian
  }

  /// The equations' form; nil for number by number, or for a table alone where a network is large.
  public var form: Form?
  /// One layer, by name.
  public var layer: String?
  /// One unit of that layer.
  public var unit: Int?
  /// One weight or bias: its path and its indices.
  public var weight: (path: String, index: [Int])?
  /// Whether the algorithm for this network is printed instead.
  public var isPseudocode: Bool
  /// How many units of a large layer are gone through, and how many terms of a sum are written out.
  public var top: Int?

  /// Shows all of a small network, and a table of the layers of a large one.
  public init(
    form: Form? = nil, layer: String? = nil, unit: Int? = nil,
    weight: (path: String, index: [Int])? = nil, isPseudocode: Bool = false, top: Int? = nil
  ) {
    (self.form, self.layer, self.unit, self.weight) = (form, layer, unit, weight)
    (self.isPseudocode, self.top) = (isPseudocode, top)
  }

  /// Reads the name of a weight, as in `hidden.weight[0,1]` or `hidden.bias[2]`.
  ///
  /// - Throws: ``ConfigurationError`` if it is none.
  public static func weight(named text: String) throws -> (path: String, index: [Int]) {
    // The last bracket: a name may have others.
    let start = text.lastIndex(of: "[")
    let path = String(text[..<(start ?? text.startIndex)])
    let inner = start.map { text[text.index(after: $0)...] } ?? ""
    let index =
      inner.hasSuffix("]")
      ? inner.dropLast().split(separator: ",", omittingEmptySubsequences: false)
        .map { Int(String($0.filter { $0 != " " })) } : []
    guard !path.isEmpty, !index.isEmpty, !index.contains(nil) else {
      throw ConfigurationError(
        "weight", "weight is '\(text)'; expected a path with indices, as in hidden.weight[0,1]")
    }
    return (path, index.compactMap { $0 })
  }
}

/// How an ``Explanation`` is written.
public enum ExplanationFormat: String, Sendable, CaseIterable {
  /// Plain text for a terminal.
  case text
  /// Markdown with LaTeX formulas.
  case markdown
  /// A LaTeX document.
  case latex
  /// Every number at full precision, for machines.
  case json
  /// A page with a walk-through, in one file.
  case html
}
