/// How a parameter starts: a name, and a function from shape and key to numbers.
///
/// The ready-made ones (`.glorotUniform`, `.zeros`, …) are in the module `Backprop`.
public struct Initializer: Sendable, CustomStringConvertible {
  /// The name, in kebab case.
  public let name: String
  private let make: @Sendable (Shape, RandomKey, Range<Int>) -> [Double]
  /// Whether elements can be made some at a time, so that nobody needs memory for all of them as Float64.
  package let isPiecewise: Bool

  /// Makes an initializer.
  ///
  /// - Parameters:
  ///   - name: what run files and messages call it.
  ///   - make: gives `shape.count` numbers in row-major order; all randomness must come from the key.
  public init(_ name: String, _ make: @escaping @Sendable (Shape, RandomKey) -> [Double]) {
    self.name = name
    self.make = { shape, key, _ in make(shape, key) }
    isPiecewise = false
  }

  /// Makes an initializer whose elements do not depend on each other.
  ///
  /// - Parameters:
  ///   - name: what run files and messages call it.
  ///   - elements: gives the numbers of a range of places in row-major order.
  public init(
    _ name: String,
    elements:
      @escaping @Sendable (_ shape: Shape, _ key: RandomKey, _ range: Range<Int>) -> [Double]
  ) {
    (self.name, make, isPiecewise) = (name, elements, true)
  }

  /// The starting numbers.
  public func callAsFunction(_ shape: Shape, key: RandomKey) -> [Double] {
    make(shape, key, 0..<shape.count)
  }

  /// The starting numbers of a range of places; all of them if they cannot be made in pieces.
  package func elements(_ shape: Shape, key: RandomKey, in range: Range<Int>) -> [Double] {
    make(shape, key, range)
  }

  public var description: String { name }

  /// All elements 0.
  public static let zeros = Initializer("zeros") { _, _, range in
    [Double](repeating: 0, count: range.count)
  }
  /// All elements 1.
  public static let ones = Initializer("ones") { _, _, range in
    [Double](repeating: 1, count: range.count)
  }
}
