import Backprop
import Testing

@Suite struct InitializerTests {
  private let key = RandomKey(42).folded("initial")

  /// Mean 0 and the standard deviation that the formula promises, for [40, 500]: fan in 40, fan out
  /// 500.
  private static let deviations: [(String, Double)] = [
    ("standard-normal", 1), ("normal:0.3", 0.3), ("uniform:0.6", (0.12).squareRoot()),
    ("glorot-uniform", glorot), ("glorot-normal", glorot), ("he-uniform", he), ("he-normal", he),
    ("lecun-uniform", lecun), ("lecun-normal", lecun),
  ]
  private static let glorot: Double = (2.0 / 540).squareRoot()
  private static let he: Double = (2.0 / 40).squareRoot()
  private static let lecun: Double = (1.0 / 40).squareRoot()

  @Test(arguments: deviations)
  func statistics(_ name: String, _ deviation: Double) throws {
    let initializer = try Initializers.named(name)
    #expect(initializer.name == name)
    let numbers = initializer([40, 500], key: key)
    #expect(numbers.count == 20_000)
    let mean = numbers.reduce(0, +) / 20_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    // Five standard deviations of the mean, and of the variance of a normal (wider than a
    // uniform's).
    #expect(abs(mean) < 5 * deviation / 20_000.0.squareRoot())
    #expect(abs(variance / (deviation * deviation) - 1) < 5 * (2 / 20_000.0).squareRoot())
    let largest = numbers.map(abs).max()!
    if name.contains("uniform") {
      let limit = deviation * 3.0.squareRoot()
      #expect(largest <= limit && largest > 0.999 * limit)
    } else {
      #expect(largest > 3 * deviation)
    }
    #expect(initializer([40, 500], key: key) == numbers)
    #expect(initializer([40, 500], key: key.folded("other")) != numbers)
  }

  @Test func constants() throws {
    #expect(try Initializers.named("constant:-0.25")([2], key: key) == [-0.25, -0.25])
    #expect(try Initializers.named("constant:0")([1], key: key) == [0])
    #expect(try Initializers.named("ones")([], key: key) == [1])
    #expect(try Initializers.named("zeros")([3, 0], key: key) == [])
    #expect(Initializer.heUniform([0, 3], key: key) == [])
  }

  /// A kernel [5, 5, 4, 8] has fan in 100 and fan out 200; a vector of 9 has both 9.
  @Test func fans() {
    let kernel = Initializer.lecunUniform([5, 5, 4, 8], key: key)
    let wide = Initializer.uniform(0.03.squareRoot())([800], key: key)
    expectClose(kernel, wide, Tolerance(relative: 1e-14))
    let glorot = Initializer.glorotUniform([5, 5, 4, 8], key: key)
    expectClose(
      glorot, Initializer.uniform(0.02.squareRoot())([800], key: key), Tolerance(relative: 1e-14))
    let vector = Initializer.glorotUniform([9], key: key)
    expectClose(
      vector, Initializer.uniform((6.0 / 18).squareRoot())([9], key: key),
      Tolerance(relative: 1e-14))
  }

  @Test(arguments: [
    (
      "lecun",
      "unknown initializer 'lecun'; known: zeros, ones, standard-normal, glorot-uniform, glorot-normal, he-uniform, he-normal, lecun-uniform, lecun-normal, constant, uniform, normal"
    ),
    (
      "he-norml",
      "unknown initializer 'he-norml'; did you mean 'he-normal'? Known: zeros, ones, standard-normal, glorot-uniform, glorot-normal, he-uniform, he-normal, lecun-uniform, lecun-normal, constant, uniform, normal"
    ),
    ("constant", "initializer 'constant': it needs a number, as in constant:0.1"),
    ("normal:0", "initializer 'normal': the number is 0; expected a number above 0"),
    ("zeros:1", "initializer 'zeros': it takes no number"),
    ("constant:c=1", "initializer 'constant': it has no option 'c'"),
    ("constant:x", "initializer 'constant': 'x' is not an option with a number, such as key=0.5"),
  ])
  func refuses(_ text: String, _ message: String) {
    expectError(message) { _ = try Initializers.named(text) }
  }
}
