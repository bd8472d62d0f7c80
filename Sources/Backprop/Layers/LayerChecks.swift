import BackpropCore

/// Checks that a value of some sizes can be counted: a network that a file asks for must not make a
/// size overflow.
///
/// - Throws: `ShapeError` if the product is above 2⁵⁶.
func requireCountable(_ sizes: [Int], _ layer: String, _ x: Value) throws {
  guard Shape.count(of: sizes) != nil else {
    let text = sizes.map(String.init).joined(separator: " × ")
    throw ShapeError(layer, [x.shape], "\(text) numbers are more than can be counted")
  }
}

/// Checks that a value is a sequence of vectors, none of its sizes 0.
func requireSequence(_ x: Value, _ layer: String, _ what: String = "the input") throws {
  guard x.shape.rank == 3, x.shape.count > 0, x.scalarType.isReal else {
    throw ShapeError(
      layer, [x.shape],
      "\(what) is \(x.type); expected real numbers [batch, time, features], no size 0")
  }
}

/// Checks the ε of a normalisation.
///
/// - Throws: ``ConfigurationError`` if it is not above 0.
func checkEpsilon(_ epsilon: Double, of layer: String) throws {
  guard NumberRange.positive.contains(epsilon) else {
    throw ConfigurationError(
      layer,
      "\(layer): epsilon is \(shortest(epsilon)); expected \(NumberRange.positive.rawValue)")
  }
}
