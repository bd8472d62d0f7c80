import CBackpropKernels

/// A product in twice the precision, and the sum of the magnitudes of its terms, which bounds what rounding can do.
struct Reference {
  private(set) var values: [Double], magnitudes: [Double]
  /// What is left of the exact sum behind `values`.
  private(set) var rests: [Double]

  init<T: Real>(_ product: Product, _ operands: Operands<T>) {
    let (m, n, k) = (product.m, product.n, product.k)
    values = .init(repeating: 0, count: product.batch * m * n)
    (magnitudes, rests) = (values, values)
    let (a, b, start) = (
      T.widened(operands.a), T.widened(operands.b), T.widened(operands.start)
    )
    for place in values.indices where !start.isEmpty {
      values[place] = start[product.start == .row ? place % n : place]
      magnitudes[place] = abs(values[place])
    }
    for batch in 0..<product.batch {
      for i in 0..<m {
        let row = (batch * m + i) * n
        for step in 0..<k {
          let x = a[(batch * m + i) * k + step]
          if T.self == Float.self {
            add(x, b, (batch * k + step) * n, to: row, n)
          } else {
            addExactly(x, b, (batch * k + step) * n, to: row, n)
          }
        }
      }
    }
  }

  /// Adds x·b[from ..< from + n] to a row; products of float32 are exact in float64.
  private mutating func add(_ x: Double, _ b: [Double], _ from: Int, to row: Int, _ n: Int) {
    values.withUnsafeMutableBufferPointer { values in
      magnitudes.withUnsafeMutableBufferPointer { magnitudes in
        b.withUnsafeBufferPointer { b in
          for j in 0..<n {
            let term = x * b[from &+ j]
            values[row &+ j] += term
            magnitudes[row &+ j] += abs(term)
          }
        }
      }
    }
  }

  /// The same with what rounding loses kept apart (Knuth's two-sum; a fused multiply-add for the product).
  private mutating func addExactly(_ x: Double, _ b: [Double], _ from: Int, to row: Int, _ n: Int) {
    for j in 0..<n {
      let y = b[from + j], term = x * y, old = values[row + j], sum = old + term
      let part = sum - old
      rests[row + j] += (old - (sum - part)) + (term - part) + (-term).addingProduct(x, y)
      values[row + j] = sum
      magnitudes[row + j] += abs(term)
    }
  }

  /// The error of an element over ε·(|A||B|); beside it, the error over the bound.
  struct Errors: CustomStringConvertible {
    /// The greatest |error| / (ε·(|A||B|)), and the root of the mean square, where nothing can underflow.
    var worst = 0.0, rms = 0.0
    /// Elements beyond the bound, the first of them, and elements that were compared.
    var failures = 0, first: Int?, count = 0

    var description: String {
      "\(failures) of \(count) elements are wrong, from \(first ?? -1); worst \(worst), RMS \(rms)"
        + " · ε·(|A||B|)"
    }
  }

  /// The factor c of |error| ≤ c·ε·(|A||B|) + underflow, the same for fused multiply-adds and AMX.
  ///
  /// What can be proved of a chain is K/2. The errors of single roundings seldom agree: the worst of all
  /// cases here are 0.75·√K for fused multiply-adds (15.2 for K = 1100) and 0.27·√K for AMX (4.7 for K = 530).
  static func factor(steps: Int) -> Double { max(1, Double(steps).squareRoot()) }

  /// The errors of results. A step of k may lose half of the least denormal, or 8·tiny where denormals are flushed.
  func errors<T: Real>(of results: [T], steps: Int, flushing: Bool = false) -> Errors {
    let got = T.widened(results), c = Self.factor(steps: steps)
    let lost = Double(steps) * T.tiny * (flushing ? 8 : T.epsilon)
    var errors = Errors(), squares = 0.0
    for place in got.indices {
      let magnitude = magnitudes[place]
      guard magnitude < T.overflow else { continue }  // also where an input is NaN or infinite
      let error = abs((got[place] - values[place]) - rests[place])
      errors.count += 1
      if !(error <= c * T.epsilon * magnitude + lost) {
        errors.failures += 1
        if errors.first == nil { errors.first = place }
      }
      guard magnitude > lost / T.epsilon else { continue }
      let ratio = error / (T.epsilon * magnitude)
      errors.worst = max(errors.worst, ratio)
      squares += ratio * ratio
    }
    errors.rms = (squares / Double(max(errors.count, 1))).squareRoot()
    return errors
  }
}
