import BackpropCore
import BackpropExecution
import BackpropTesting
import Testing

/// Convolutions and poolings as plans run them: windows read in place by products, products folded block by block.
@Suite struct WindowPlanTests {
  /// A convolution with bias and relu, pooled, convolved again, and spread by a transposed one.
  struct Case: Sendable, CustomTestStringConvertible {
    var image: Shape
    var window: Window
    var channels: Int
    var pool = Window(WindowAxis(2, stride: 2), WindowAxis(2, stride: 2))

    var testDescription: String { "\(image), \(window), \(channels)" }
  }

  static let cases = [
    // Sizes of a small network for digits: one channel, whose windows stand side by side along a row.
    Case(image: [3, 28, 28, 1], window: Window(WindowAxis(5), WindowAxis(5)), channels: 20),
    // Runs of several vectors, padding, odd sizes.
    Case(
      image: [2, 9, 11, 19],
      window: Window(
        WindowAxis(3, before: 1, after: 1), WindowAxis(3, before: 1, after: 1)),
      channels: 35),
    // Everything at once.
    Case(
      image: [2, 13, 12, 7],
      window: Window(
        WindowAxis(3, stride: 2, dilation: 2, before: 2, after: 3),
        WindowAxis(2, stride: 3, dilation: 3, before: 1, after: 0)),
      channels: 17,
      pool: Window(
        WindowAxis(3, stride: 2, before: 1, after: 1), WindowAxis(2, stride: 1, before: 1))),
    // More rows and steps than a block holds.
    Case(
      image: [2, 12, 12, 40],
      window: Window(WindowAxis(4, before: 1, after: 2), WindowAxis(4, before: 2, after: 1)),
      channels: 112),
    // More channels than code behind a product takes at once.
    Case(image: [1, 4, 3, 2], window: Window(WindowAxis(2), WindowAxis(1)), channels: 600),
    // One column of results, and one row.
    Case(
      image: [1, 6, 5, 3], window: Window(WindowAxis(6), WindowAxis(2)), channels: 1,
      pool: Window(WindowAxis(1), WindowAxis(2))),
  ]

  private static func graph(
    _ item: Case, _ type: ScalarType
  ) throws -> (GraphBuilder, [Value], [Leaf: Numbers<Double>]) {
    let builder = GraphBuilder()
    var bindings: [Leaf: Numbers<Double>] = [:]
    func leaf(_ name: String, _ shape: Shape) -> Value {
      let numbers = RandomKey(UInt64(bindings.count + 3)).normals(shape.count)
      // Numbers that float32 holds, and some equal ones for the maxima to share.
      bindings[.input(name)] = Numbers(shape, numbers.map { Double(Float($0 * 4).rounded() / 4) })
      return builder.leaf(.input(name), shape, type)
    }
    let x = leaf("x", item.image)
    let inputs = item.window.count * item.image[3]
    let weight = leaf("weight", [inputs, item.channels])
    let bias = leaf("bias", [item.channels])
    let windows = try x.unfolded(item.window)
    let rows = try windows.reshaped(to: [windows.shape.rows, inputs])
    let z = try rows.matmul(weight) + bias
    let a = try z.relu().reshaped(to: Shape(windows.shape.sizes.dropLast() + [item.channels]))
    let pooled = try a.maxPooled(item.pool)
    let summed = try a.sumPooled(item.pool)
    let back = leaf("back", [item.channels, inputs])
    let folded = try z.matmul(back).reshaped(to: windows.shape)
      .folded(item.window, height: item.image[1], width: item.image[2])
    // Windows over what a product has just made, which leaves its images with padding.
    let next = leaf("next", [9 * item.channels, 3])
    let around = try (a * 0.125).unfolded(
      Window(WindowAxis(3, before: 1, after: 2), WindowAxis(3, before: 2, after: 0)))
    let second = try around.reshaped(to: [around.shape.rows, 9 * item.channels]).matmul(next)
    let adjoint = leaf("adjoint", pooled.shape)
    let cost =
      try (pooled * adjoint).sum() + (folded * x).sum() + summed.square().sum()
      + (second * 0.125).square().sum()
    let gradients = try gradient(of: cost, withRespectTo: [x, weight, bias, back, next])
    return (builder, [pooled, summed, folded, second] + gradients, bindings)
  }

  private func values(
    _ item: Case, _ type: ScalarType, _ path: KernelPath, fuses: Bool = true, threads: Int = 1
  ) throws -> [Numbers<Double>] {
    let (builder, outputs, bindings) = try Self.graph(item, type)
    var options = PlanOptions()
    options.path = path
    options.fuses = fuses
    options.serialThreshold = 0
    return try PlanEvaluator(type, options: options, threads: threads).values(
      of: outputs, in: builder, bindings: bindings
    ).outputs
  }

  @Test(arguments: cases, [ScalarType.float64, .float32])
  func matchesTheInterpreterOnEveryPath(item: Case, type: ScalarType) throws {
    let (builder, outputs, bindings) = try Self.graph(item, type)
    let expected = try Interpreter<Double>(builder.graph).values(of: outputs, bindings: bindings)
    let tolerance = type == .float64 ? 1e-13 : 2e-5
    var first: [Numbers<Double>]?
    for path in KernelPath.supported {
      let got = try values(item, type, path)
      for (index, (a, b)) in zip(expected, got).enumerated() {
        let size = a.values.map(abs).max() ?? 1
        let worst = zip(a.values, b.values).map { abs($0 - $1) / max(1, size) }.max() ?? 0
        #expect(worst <= tolerance, "\(path), value \(index): \(worst)")
      }
      guard path != .amx else { continue }
      if let first { #expect(first.map(\.values) == got.map(\.values), "\(path)") }
      first = first ?? got
    }
  }

  @Test(arguments: cases) func givesTheSameBitsForAnyThreads(item: Case) throws {
    for path in KernelPath.supported {
      let one = try values(item, .float32, path)
      for threads in [2, 3] {
        let more = try values(item, .float32, path, threads: threads)
        #expect(one.map(\.values) == more.map(\.values), "\(path), \(threads) threads")
      }
    }
  }

  @Test func neverMakesTheWindowsOfAConvolution() throws {
    let builder = GraphBuilder()
    let window = Window(WindowAxis(3, before: 1, after: 1), WindowAxis(3, before: 1, after: 1))
    let x = builder.leaf(.input("x"), [2, 8, 8, 5], .float32)
    let weight = builder.leaf(.parameter("weight"), [45, 7], .float32)
    let windows = try x.unfolded(window).reshaped(to: [128, 45])
    let cost = try windows.matmul(weight).relu().square().sum()
    let outputs = try gradient(of: cost, withRespectTo: [x, weight])
    let layout = StateLayout([("weight", [45, 7])], scalarType: .float32)
    let plan = try Plan(builder, outputs: outputs, state: layout)
    let lines = plan.instructionList
    #expect(lines.filter { $0.contains("of windows") }.count == 2, "\(plan.listing)")
    #expect(lines.filter { $0.contains("gemm") && $0.contains("fold 3×3") }.count == 1)
    #expect(!lines.contains { $0.contains("unfold") || $0.hasPrefix("fold") }, "\(plan.listing)")
    let kernels = plan.listing(state: layout).instructions.map(\.kernel)
    #expect(kernels.filter { $0 == .window }.count == 2)  // the padding, and the product that folds
  }

  /// In a chain of convolutions only the data is copied for its padding: images that the step makes get it at once, and
  /// the adjoint of an image is one product over windows, whose code joins it. What is cheap is not stored.
  @Test func aChainOfConvolutionsTakesFewPasses() throws {
    let builder = GraphBuilder()
    let axis = WindowAxis(3, before: 1, after: 1), window = Window(axis, axis)
    let x = builder.leaf(.input("x"), [64, 8, 8, 3], .float32)
    let first = builder.leaf(.parameter("first"), [27, 16], .float32)
    let second = builder.leaf(.parameter("second"), [144, 16], .float32)
    func convolved(_ x: Value, _ weight: Value) throws -> Value {
      let rows = try x.unfolded(window).reshaped(to: [64 * 64, 9 * x.shape.last])
      return try rows.matmul(weight).reshaped(to: [64, 8, 8, 16])
    }
    let z = try convolved(x, first)
    let centered = try z - z.mean(axes: [0, 1, 2])
    let cost = try convolved(centered.relu(), second).square().sum()
    let outputs = try gradient(of: cost, withRespectTo: [first, second])
    let layout = StateLayout([("first", [27, 16]), ("second", [144, 16])], scalarType: .float32)
    let plan = try Plan(builder, outputs: outputs, state: layout)
    let listing = plan.listing(state: layout).instructions
    #expect(listing.filter { $0.kernel == .window }.count == 1, "\(plan.listing)")
    #expect(listing.filter { $0.words.contains("pad") }.count == 2, "\(plan.listing)")
    #expect(!plan.listing.contains("fold"))
    // The images: with padding; without, before and behind the mean, they are never stored.
    let relu = try #require(listing.first { $0.words.contains("relu") })
    #expect(relu.words == ["subtract", "relu", "pad"])
    #expect(relu.writes.map(\.byteCount) == [4 * 64 * 10 * 10 * 16])
    #expect(
      listing.contains { $0.kernel == .fused && $0.words.starts(with: ["subtract", "relu"]) })
  }

  /// Padding can make a small image larger than the kernels can count: an error, not a trap.
  @Test func refusesImagesThatAreTooLarge() throws {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [64, 8, 8, 1], .float32)
    let around = WindowAxis(3, before: 6000, after: 6000)
    let windows = try x.unfolded(Window(around, around))
    let weight = builder.leaf(.input("weight"), [9, 4], .float32)
    let sums = try windows.reshaped(to: [windows.shape.rows, 9]).matmul(weight).sum()
    let error = #expect(throws: ShapeError.self) {
      try Plan(builder, outputs: [sums], state: StateLayout([], scalarType: .float32))
    }
    #expect("\(error!)".contains("smaller batches"), "\(error!)")
  }

  @Test func sharesTheDerivativeOfEqualMaxima() throws {
    let builder = GraphBuilder()
    let x = builder.leaf(.input("x"), [1, 2, 4, 1], .float64)
    let window = Window(WindowAxis(2, stride: 2), WindowAxis(2, stride: 2))
    let y = try x.maxPooled(window)
    let dx = try gradient(of: y.sum(), withRespectTo: [x])
    let bindings: [Leaf: Numbers<Double>] = [
      .input("x"): Numbers([1, 2, 4, 1], [1, 3, .nan, 0, 3, 0, 5, 5])
    ]
    let interpreted = try Interpreter<Double>(builder.graph).values(
      of: [y] + dx, bindings: bindings)
    #expect(interpreted[0].values[0] == 3 && interpreted[0].values[1].isNaN)
    #expect(interpreted[1].values == [0, 0.5, 0, 0, 0.5, 0, 0, 0])
    for path in KernelPath.supported {
      var options = PlanOptions()
      options.path = path
      let got = try PlanEvaluator(.float64, options: options).values(
        of: [y] + dx, in: builder, bindings: bindings
      ).outputs
      #expect(got[0].values[0] == 3 && got[0].values[1].isNaN)
      #expect(got[1].values == interpreted[1].values, "\(path)")
    }
  }
}
