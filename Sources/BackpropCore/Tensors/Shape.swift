/// The sizes of a tensor's axes, outermost first. Numbers are stored in row-major order.
///
/// `[]` is the shape of a scalar. A size may be 0; a negative size is a programmer's mistake.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The size of each axis.
  public let sizes: [Int]

  /// Makes a shape from sizes.
  public init(_ sizes: [Int]) {
    precondition(sizes.allSatisfy { $0 >= 0 }, "a size is negative: \(sizes)")
    self.sizes = sizes
  }

  /// Makes a shape from literal sizes, as in `[64, 784]`.
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }

  /// The number of axes.
  public var rank: Int { sizes.count }

  /// The number of elements: the product of the sizes, 1 for a scalar.
  public var count: Int { sizes.reduce(1, *) }

  /// The size of the last axis, 1 for a scalar.
  public var last: Int { sizes.last ?? 1 }

  /// The product of all sizes but the last, 1 for a scalar.
  public var rows: Int { sizes.dropLast().reduce(1, *) }

  /// The size of an axis; negative axes count from the end.
  public subscript(axis: Int) -> Int { sizes[axis < 0 ? axis + rank : axis] }

  /// The distance, in elements, between neighbours along each axis.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    return strides
  }

  public var description: String { "[\(sizes.map(String.init).joined(separator: ", "))]" }

  /// The shape that two shapes broadcast to by NumPy's rule, or nil if they do not fit.
  ///
  /// Axes are compared from the last; sizes must be equal, or one of them 1 or absent.
  public func broadcast(with other: Shape) -> Shape? {
    var result: [Int] = []
    for axis in 1..<(Swift.max(rank, other.rank) + 1) {
      let a = axis <= rank ? sizes[rank - axis] : 1
      let b = axis <= other.rank ? other.sizes[other.rank - axis] : 1
      guard a == b || a == 1 || b == 1 else { return nil }
      result.append(a == 1 ? b : a)
    }
    return Shape(result.reversed())
  }

  /// The product of sizes; nil if it is more than 2⁵⁶, and so more than can be counted in bytes.
  package static func count(of sizes: [Int]) -> Int? {
    var count = 1
    for size in sizes {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
      if isTooLarge || product > 1 << 56 { return nil }
      count = product
    }
    return count
  }

  /// Axes as numbers from 0, sorted and checked; nil if one is out of range or named twice.
  package func resolved(axes: [Int]) -> [Int]? {
    let resolved = axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    guard resolved.allSatisfy({ (0..<rank).contains($0) }), Set(resolved).count == axes.count
    else { return nil }
    return resolved
  }
}
