/// How a parameter starts: a name, and a function from shape and key to numbers.
///
/// The ready-made ones (`.glorotUniform`, `.zeros`, …) are in the module `Backprop`.
public struct Initializer: Sendable, CustomStringConvertible {
  /// The name, in kebab case.
  public let name: String
  private let make: @Sendable (Shape, RandomKey) -> [Double]

  /// Makes an initializer.
  ///
  /// - Parameters:
  ///   - name: what run files and messages call it.
  ///   - make: gives `shape.count` numbers in row-major order; all randomness must come from the key.
  public init(_ name: String, _ make: @escaping @Sendable (Shape, RandomKey) -> [Double]) {
    self.name = name
    self.make = make
  }

  /// The starting numbers.
  public func callAsFunction(_ shape: Shape, key: RandomKey) -> [Double] { make(shape, key) }

  public var description: String { name }

  /// All elements 0.
  public static let zeros = Initializer("zeros") { shape, _ in [Double](repeating: 0, count: shape.count) }
  /// All elements 1.
  public static let ones = Initializer("ones") { shape, _ in [Double](repeating: 1, count: shape.count) }
}
