import BackpropCore
import BackpropExecution
import Synchronization
import Testing

@testable import Backprop

/// What plans say about themselves.
@Suite struct PlanListingTests {
  private static func step(
    _ text: String = "784-30-10 sigmoid sigmoid", loss: any Loss = .halfSquaredError,
    optimizer: any Optimizer = SGD(), precision: ScalarType = .float32, threads: Int = 1
  ) throws -> TrainingStep {
    let network = try MultilayerPerceptron(NetworkSpecification(parsing: text))
    let sizes = network.specification.sizes.compactMap { $0 }
    return try TrainingStep(
      network, loss: loss, optimizer: optimizer, input: .float([sizes[0]]),
      target: .classes(sizes[sizes.count - 1]), precision: precision, threads: threads)
  }

  /// Products of 784-30-10 at batch 10: two forward, one for δ one layer back, two for weights.
  @Test func productsOfAKnownNetwork() throws {
    let listing = try Self.step().planListing(batch: 10)
    #expect(listing.instructions.count == 10)
    #expect(listing.instructions.map(\.number) == Array(1...10))
    let products = listing.instructions.filter { $0.kernel == .gemm || $0.kernel == .fused }
    var sizes: [String] = []
    for product in products {
      guard case .product(let m, let n, let k, _, _, let count) = product.size else {
        Issue.record("\(product.size)")
        continue
      }
      let own = 2 * m * n * k * count
      #expect(product.kernel == .gemm ? product.flops == own : product.flops > own)
      sizes.append(product.size.description)
    }
    #expect(
      sizes == ["10×30×784", "10×10×30", "10×30×10 Bᵀ", "784×30×10 Aᵀ", "30×10×10 Aᵀ"])
    #expect(products[3].summary == "inputᵀ · #7 + hidden.weight")
    // A: 10·784, B: 784·30, one row of 30; C and a: 10·30. Numbers of 4 bytes.
    #expect(products[0].bytesRead == 4 * (7840 + 23_520 + 30))
    #expect(products[0].bytesWritten == 4 * 600)
    // In place: the weights are read and written, but they are one piece of memory.
    #expect(products[3].writes.map(\.name) == ["hidden.weight"])
    #expect(products[3].workingSet == 4 * (7840 + 300 + 23_520))
    #expect(listing.bytesRead == listing.instructions.map(\.bytesRead).reduce(0, +))
    #expect(listing.inputByteCount == 4 * (7840 + 10))
  }

  /// σ of a 10×30 layer behind the product; a·(1 − a) where it is used; the update of the biases, alone.
  @Test func pointwiseCode() throws {
    let listing = try Self.step().planListing(batch: 10)
    let fused = listing.instructions[3]
    #expect(fused.kernel == .fused)
    #expect(fused.words == ["sigmoid"])
    #expect(fused.summary.hasPrefix("input · hidden.weight: sigmoid of "))
    #expect(fused.flops == 470_400 + 300 * 26)
    #expect(listing.instructions[6].words.prefix(3) == ["subtract", "multiply", "multiply"])
    let map = listing.instructions[7]
    #expect(map.kernel == .map && map.size == .domain(rows: 1, columns: 30))
    #expect(map.words == ["fnma"])
    #expect(map.bytesRead == 2 * 120 + 4 && map.bytesWritten == 120)
    #expect(map.flops == 2 * 30)
    let codes = listing.instructions.map(\.code)
    #expect(codes.contains { $0.contains("multiply ×2") })
  }

  @Test(arguments: [ScalarType.float32, .float64], [1, 3])
  func memoryOfAStepIsWhatItAllocates(precision: ScalarType, threads: Int) throws {
    let step = try Self.step(
      "20-70-40-5 relu identity", loss: .softmaxCrossEntropy, optimizer: Adam(),
      precision: precision, threads: threads)
    let data = try Dataset.random(64, inputs: 20, outputs: 5)
    var state = try step.initialState(seed: 1)
    // Shuffled, so that rows are copied and not read where they are.
    try step.run(&state, data.batches(of: 16, key: RandomKey(3))[0])
    let memory = try step.memory(batch: 16)
    let plan = try step.plan(.training, batch: 16).plan
    let runner = try #require(step.runners.withLock { $0.first })
    #expect(
      memory.arena + memory.scratch + memory.constants
        == runner.workspace.byteCount + plan.listing(state: step.layout).constantByteCount)
    #expect(memory.batch == runner.batchByteCount)
    #expect(memory.state == step.layout.byteCount)
    // Adam keeps two arrays beside each parameter.
    #expect(memory.optimizer == 2 * memory.parameters && memory.variables == 0)
    #expect(
      memory.byteCount == memory.state + memory.arena + memory.scratch + memory.constants
        + memory.batch)
  }

  @Test func memoryOfATrainerIsWhatItAllocates() throws {
    let step = try Self.step("6-9-4 sigmoid identity", loss: .softmaxCrossEntropy)
    let data = try Dataset.random(1100, inputs: 6, outputs: 4)
    let split = try DataSplit(
      training: data, validation: data, test: data)
    _ = try Trainer(step).fit(split, epochs: 1, batchSize: 10)
    let memory = try step.trainerMemory(batch: 10)
    let runner = try #require(step.runners.withLock { $0.first })
    #expect(step.runners.withLock { $0.count } == 1)
    // Validation reads its rows where they are.
    #expect(memory.batch >= runner.batchByteCount && runner.batchByteCount > 0)
    // The workspace holds no constants: those are the plans'.
    let constants = try [
      step.planListing(batch: 10), step.planListing(batch: 500, predicting: true),
    ]
    .reduce(0) { $0 + $1.constantByteCount }
    #expect(
      memory.arena + memory.scratch + memory.constants == runner.workspace.byteCount + constants)
    #expect(memory.stateCount == 3 && memory.byteCount > 3 * memory.state)
  }

  @Test func aFloorIsTheLargerOfArithmeticAndMemory() throws {
    let listing = try Self.step().planListing(batch: 10)
    let (product, map) = (listing.instructions[8], listing.instructions[7])
    func limits(_ flops: Double, _ bytes: Double) -> MachineLimits {
      MachineLimits(
        flopsPerSecond: flops,
        bandwidths: [
          .init(workingSet: 1 << 14, bytesPerSecond: 4 * bytes),
          .init(workingSet: 1 << 16, bytesPerSecond: bytes),
        ])
    }
    #expect(product.floor(limits(1e9, 1e12)) == 470_400 / 1e9)
    #expect(!product.isMemoryBound(limits(1e9, 1e12)))
    let bytes = Double(product.bytesRead + product.bytesWritten)
    #expect(product.floor(limits(1e12, 1e6)) == bytes / 1e6)
    // A small working set has the bandwidth of the smallest that was measured.
    #expect(map.floor(limits(1e15, 1e6)) == Double(map.bytesRead + map.bytesWritten) / 4e6)
    // The product of this one is too small for AMX; that of a wide layer has six products on tiles, and its code.
    let wide = try Self.step("64-64-10 relu identity", loss: .softmaxCrossEntropy)
      .planListing(batch: 256).instructions.first { $0.kernel == .fused }
    let both = MachineLimits(
      flopsPerSecond: 1e9, tileFlopsPerSecond: 1e10,
      bandwidths: [.init(workingSet: 1, bytesPerSecond: 1e15)])
    let rows256 = 2 * 256 * 64 * 64
    #expect(product.tileProducts == 0)
    if let wide, KernelPath.current == .amx {
      #expect(wide.tileProducts == 6)
      #expect(
        wide.floor(both) == Double(6 * rows256) / 1e10 + Double(wide.flops - rows256) / 1e9)
    }
    // No thread helps an instruction that is not shared.
    #expect(map.floor(limits(1e9, 1e9), threads: 4) == map.floor(limits(1e9, 1e9)))
  }

  @Test(arguments: KernelPath.supported) func limitsAreMeasured(_ path: KernelPath) {
    let limits = MachineLimits.measured(.float64, path: path)
    #expect(limits.flopsPerSecond > 1e6 && limits.flopsPerSecond < 1e13)
    #expect(limits.tileFlopsPerSecond == 0)  // of float64
    if path == .amx {
      #expect(MachineLimits.measured(path: path).tileFlopsPerSecond > limits.flopsPerSecond)
    }
    #expect(limits.bandwidths.map(\.workingSet) == MachineLimits.workingSets)
    let rates = limits.bandwidths.map(\.bytesPerSecond)
    #expect(rates.allSatisfy { $0 > 1e6 && $0 < 1e13 })
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
    let slow = MachineLimits(
      flopsPerSecond: 1,
      bandwidths: limits.bandwidths.map { .init(workingSet: $0.workingSet, bytesPerSecond: 1) })
    #expect(slow.fastest(limits).bandwidths.map(\.bytesPerSecond) == rates)
    #expect(slow.fastest(limits).flopsPerSecond == limits.flopsPerSecond)
  }

  @Test(arguments: [false, true]) func timesOfEveryInstruction(_ predicting: Bool) throws {
    let step = try Self.step("5-4-3 tanh identity", loss: .softmaxCrossEntropy)
    let timing = try step.planTiming(batch: 7, predicting: predicting, seconds: 0.01)
    let listing = try step.planListing(batch: 7, predicting: predicting)
    #expect(timing.instructions.count == listing.instructions.count)
    #expect(timing.instructions.allSatisfy { $0.best >= 0 && $0.best <= $0.median })
    #expect(timing.whole.best > 0 && timing.repetitions >= 4)
  }
}
