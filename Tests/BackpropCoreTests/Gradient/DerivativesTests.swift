import BackpropCore
import BackpropTesting
import Testing

/// Jacobians, directional derivatives and Hessians, against each other and against differences.
@Suite struct DerivativesTests {
  private let builder = GraphBuilder()
  private let x, w: Value
  private var bindings: [Leaf: Numbers<Double>]

  init() throws {
    x = builder.leaf(.input("x"), [2, 3], .float64)
    w = builder.leaf(.parameter("w"), [3, 2], .float64)
    bindings = [
      .input("x"): .random([2, 3], seed: 1), .parameter("w"): .random([3, 2], seed: 2),
      .input("v"): .random([2, 3], seed: 3), .input("u"): .random([3, 2], seed: 4),
    ]
  }

  private func values(_ outputs: [Value]) throws -> [[Double]] {
    let interpreted = try Interpreter<Double>(builder.graph).values(of: outputs, bindings: bindings)
    let planned = try PlanEvaluator(.float64).values(of: outputs, in: builder, bindings: bindings)
    for (a, b) in zip(interpreted, planned.outputs) {
      #expect(a.shape == b.shape)
      for (a, b) in zip(a.values, b.values) { #expect(abs(a - b) <= 1e-13 * max(1, abs(a))) }
    }
    return interpreted.map(\.values)
  }

  private func expectEqual(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-13) {
    #expect(a.count == b.count)
    for (a, b) in zip(a, b) { #expect(abs(a - b) <= tolerance * max(1, abs(a)), "\(a) \(b)") }
  }

  private func multiply(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    stride(from: 0, to: matrix.count, by: vector.count).map { row in
      zip(matrix[row..<row + vector.count], vector).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  @Test func aDirectionalDerivativeIsTheJacobianTimesTheDirection() throws {
    let y = try (x.matmul(w)).tanh() * 2
    let (v, u) = (
      builder.leaf(.input("v"), [2, 3], .float64), builder.leaf(.input("u"), [3, 2], .float64)
    )
    let rows = try jacobian(of: y, withRespectTo: [x, w])
    #expect(rows.map(\.shape) == [[4, 2, 3], [4, 3, 2]])
    let along = try directionalDerivative(of: y, along: [(x, v), (w, u)])
    #expect(along.shape == y.shape)
    let numbers = try values(rows + [along, v, u])
    let expected = zip(multiply(numbers[0], numbers[3]), multiply(numbers[1], numbers[4])).map(+)
    expectEqual(numbers[2], expected)
  }

  @Test func rowsOfTheJacobianAreDifferences() throws {
    let y = try (x.exp() * x.square()).sum(axes: [1])
    let rows = try jacobian(of: y, withRespectTo: [x])[0]
    let found = try values([rows])[0]
    for place in 0..<6 {
      func at(_ move: Double) throws -> [Double] {
        var moved = bindings
        moved[.input("x")]!.values[place] += move
        return try Interpreter<Double>(builder.graph).values(of: [y], bindings: moved)[0].values
      }
      let differences = try zip(at(1e-5), at(-1e-5)).map { ($0 - $1) / 2e-5 }
      expectEqual([found[place], found[6 + place]], differences, 1e-8)
    }
  }

  @Test func aHessianTimesAVectorNeedsNoHessian() throws {
    let cost = try (x.matmul(w)).sigmoid().square().mean()
    let v = builder.leaf(.input("v"), [2, 3], .float64)
    let all = try hessian(of: cost, withRespectTo: x)
    #expect(all.shape == [6, 6])
    let product = try hessianVectorProduct(of: cost, withRespectTo: [x], [v])[0]
    let numbers = try values([all, product, v])
    expectEqual(numbers[1], multiply(numbers[0], numbers[2]))
    for i in 0..<6 {
      for j in 0..<i { #expect(abs(numbers[0][i * 6 + j] - numbers[0][j * 6 + i]) < 1e-15) }
    }
  }

  @Test func ofAQuadraticFormItIsTheMatrix() throws {
    let matrix: [Double] = [2, 1, 1, 5]
    let a = builder.leaf(.input("a"), [2, 2], .float64)
    let z = builder.leaf(.input("z"), [2], .float64)
    var bindings = self.bindings
    bindings[.input("a")] = Numbers([2, 2], matrix)
    bindings[.input("z")] = Numbers([2], [0.3, -4])
    let row = try z.reshaped(to: [1, 2])
    let cost = try 0.5 * row.matmul(a).matmul(row, transposeB: true).sum()
    let second = try hessian(of: cost, withRespectTo: z)
    let found = try Interpreter<Double>(builder.graph).values(of: [second], bindings: bindings)
    expectEqual(found[0].values, matrix)
  }

  @Test func wrongShapesAreNamed() throws {
    let y = try x.sum(axes: [1])
    let error = #expect(throws: ShapeError.self) {
      try hessianVectorProduct(of: x.square().sum(), withRespectTo: [x], [y])
    }
    #expect("\(error!)".contains("[2, 3]") && "\(error!)".contains("[2]"))
    #expect(throws: ShapeError.self) { try hessian(of: y, withRespectTo: x) }
    #expect(throws: ShapeError.self) { try directionalDerivative(of: y, along: []) }
    #expect(throws: ShapeError.self) {
      try jacobian(of: x.sliced(axis: 0, 0..<0), withRespectTo: [x])
    }
  }
}
