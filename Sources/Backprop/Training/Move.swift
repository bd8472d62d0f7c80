package import BackpropCore

/// A line through arrays of numbers, one or several at once.
package struct Move: Sendable {
  /// What moves in one array, and how far for a distance of 1.
  package struct Part: Sendable {
    package let path: String
    package let elements: [(index: Int, amount: Double)]
  }

  package let parts: [Part]
  /// The step that differences begin with, a power of two: x ± h loses few bits.
  package let step: Double

  /// No move at all.
  package static let none = Move(parts: [], step: 1)

  /// The derivative along the line, from the gradient of each array.
  package func along(_ gradient: (_ path: String) -> [Double]) -> Double {
    parts.reduce(0) { sum, part in
      let gradient = gradient(part.path)
      return part.elements.reduce(sum) { $0 + $1.amount * gradient[$1.index] }
    }
  }

  /// One element alone.
  ///
  /// - Parameter norm: the greatest magnitude in the array, if it is known.
  package static func element(
    _ index: Int, of path: String, _ weights: [Double], norm: Double? = nil
  ) -> Move {
    let scale = scale(weights[index], norm ?? Self.norm(weights))
    return Move(
      parts: [Part(path: path, elements: [(index, 1)])],
      step: Double(sign: .plus, exponent: scale.exponent - 10, significand: 1))
  }

  /// One of many random directions: each element by a normal number, in the unit of its own weight.
  ///
  /// - Parameter limit: at most about so many elements move: every second, third, … one, from a
  ///   random place on.
  package static func direction(
    _ number: Int, of path: String, _ weights: [Double], _ key: RandomKey, limit: Int = .max
  ) -> Move {
    let norm = norm(weights)
    let key = key.folded(UInt64(number))
    let every = (weights.count - 1) / max(limit, 1) + 1
    let first = every == 1 ? 0 : Int(key.folded("first").uniforms(1)[0] * Double(every))
    let places = Array(stride(from: first, to: weights.count, by: every))
    let normals = key.normals(places.count)
    let elements = zip(places, normals).map { ($0, scale(weights[$0], norm) * $1) }
    return Move(parts: [Part(path: path, elements: elements)], step: 0x1p-10)
  }

  /// Several moves at once, with the least of their steps.
  package static func joint(_ moves: [Move]) -> Move {
    Move(parts: moves.flatMap(\.parts), step: moves.map(\.step).min() ?? 1)
  }

  /// The greatest magnitude in an array.
  package static func norm(_ weights: [Double]) -> Double { weights.map(\.magnitude).max() ?? 0 }

  private static func scale(_ weight: Double, _ norm: Double) -> Double {
    let scale = norm == 0 ? 1 : max(weight.magnitude, 0.1 * norm, 0.01)
    return scale.isFinite ? scale : 1
  }
}
