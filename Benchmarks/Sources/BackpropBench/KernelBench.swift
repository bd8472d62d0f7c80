import Backprop
import Comparison

/// Kernels as small graphs, and their times.
struct KernelBench {
  let type: ScalarType
  let threads: Int
  let isTrial: Bool

  /// Where arrays fit, by their bytes together: caches of today's server cores, and memory.
  static let places = [
    ("L1, 24 KiB", 24 << 10), ("L2, 1 MiB", 1 << 20), ("L3, 12 MiB", 12 << 20),
    ("memory, 384 MiB", 384 << 20),
  ]

  /// A product of two matrices as it occurs in a dense layer with weights [inputs, outputs].
  struct Product {
    enum Kind: String { case forward = "x · w", backward = "δ · wᵀ", weights = "xᵀ · δ" }
    let kind: Kind
    /// The result is [m, n], k is summed over.
    let m, n, k: Int
    var name: String { "\(m)×\(n)×\(k)" }
    var operations: Double { 2 * Double(m) * Double(n) * Double(k) }
  }

  /// Each layer of the cases in its three directions, and squares.
  static let products: [Product] = {
    var made: [Product] = []
    for (inputs, outputs) in [(784, 30), (784, 128), (784, 2048), (2048, 2048)] {
      for batch in [10, 128, 256] {
        made.append(Product(kind: .forward, m: batch, n: outputs, k: inputs))
        made.append(Product(kind: .backward, m: batch, n: inputs, k: outputs))
        made.append(Product(kind: .weights, m: inputs, n: outputs, k: batch))
      }
    }
    return made + [256, 1024].map { Product(kind: .forward, m: $0, n: $0, k: $0) }
  }()

  /// Seconds of one product, operands where the last run left them.
  func seconds(_ product: Product) throws -> Double {
    let (m, n, k) = (product.m, product.n, product.k)
    let (isA, isB) = (product.kind == .weights, product.kind == .backward)
    let shapes: [Shape] = [isA ? [k, m] : [m, k], isB ? [n, k] : [k, n]]
    return try seconds(shapes) { try [$0[0].matmul($0[1], transposeA: isA, transposeB: isB)] }
  }

  /// Work on each element of arrays, or on rows.
  enum Map: String, CaseIterable {
    case exp, sigmoid
    case adam = "adam update"
    case softmax10 = "softmax of 10"
    case softmax128 = "softmax of 128"
    case softmax1024 = "softmax of 1024"

    /// Arrays that are read and written.
    var arrays: Int { self == .adam ? 7 : 2 }
    var row: Int? {
      switch self {
      case .softmax10: 10
      case .softmax128: 128
      case .softmax1024: 1024
      default: nil
      }
    }
  }

  func seconds(_ map: Map, count: Int) throws -> Double {
    let shape: Shape = map.row.map { [max(count / $0, 1), $0] } ?? [count]
    let shapes = [Shape](repeating: shape, count: map == .adam ? 4 : 1)
    return try seconds(shapes) { x in
      switch map {
      case .exp: return [try x[0].exp()]
      case .sigmoid: return [try x[0].sigmoid()]
      case .adam:
        let (parameter, gradient) = (x[0], x[1])
        let mean = try 0.9 * x[2] + 0.1 * gradient
        let square = try 0.999 * x[3] + 0.001 * (gradient * gradient)
        let scale = try square.sqrt() * 1.5 + 1e-8
        return [mean, square, try parameter - 0.001 * (mean / scale)]
      default: return [try x[0].softmax()]
      }
    }
  }

  private func seconds(_ shapes: [Shape], _ body: ([Value]) throws -> [Value]) throws -> Double {
    let builder = GraphBuilder()
    let leaves = shapes.enumerated().map { index, shape in
      builder.leaf(.input("x\(index)"), shape, type)
    }
    let function = try CompiledFunction(
      builder, outputs: body(leaves), scalarType: type, threads: threads)
    // Numbers between 0.01 and 1.29: positive for the root, none denormal.
    let inputs = shapes.map { shape in
      Tensor((0..<shape.count).map { Float($0 * 37 % 129 + 1) / 100 }, shape: shape, as: type)
    }
    return try best { try function.run(inputs) }
  }

  /// The least time of a call, each sample long enough for the clock. With one thread the
  /// processor's time counts.
  private func best(_ body: () throws -> Void) rethrows -> Double {
    let clock = { threads == 1 ? Clock.cpu : Clock.wall }
    try body()
    var calls = 1
    var least = Double.infinity
    for _ in 0..<(isTrial ? 2 : 9) {
      while true {
        let start = clock()
        for _ in 0..<calls { try body() }
        let seconds = clock() - start
        least = min(least, seconds / Double(calls))
        if seconds >= (isTrial ? 2e-4 : 5e-3) || calls >= 1 << 20 { break }
        calls *= 2
      }
    }
    return least
  }
}
