// Counts what a training step allocates: nothing, after the first. Run in release:
//
//     swift run -c release AllocationCheck
import Backprop
import BackpropExecution
import CAllocationCounter

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs steps and gives the allocations of steps 2 to 100: batch assembly, clipping, the optimiser and the running cost
/// included. With `leak`, each step also allocates once on purpose; with `measures`, each step also measures all
/// layers.
func allocations(
  _ step: TrainingStep, _ data: Dataset, batch: Int, leak: Bool = false, measures: Bool = false
) throws -> Int64 {
  var state = try step.initialState(seed: 1)
  let batches = data.batches(of: batch, key: RandomKey(1), epoch: 1)
  var total = 0.0
  var kept: [UnsafeMutableRawPointer] = []
  kept.reserveCapacity(100)
  // Measured steps keep their numbers; there is room for those of an epoch.
  var recorder = try LayerRecorder(step, batch: batch, weighted: false, steps: 100, every: 1)
  func take(_ index: Int) throws -> Double {
    let batch = batches[index % (data.count / batch)]
    return measures ? try recorder.run(step, &state, batch) : try step.run(&state, batch)
  }
  total += try take(0)
  let before = allocation_count()
  for index in 1..<100 {
    total += try take(index)
    if leak { kept.append(.allocate(byteCount: 64, alignment: 8)) }
  }
  let count = allocation_count() - before
  for memory in kept { memory.deallocate() }
  guard total.isFinite else { fatalError("the cost is not finite") }
  return count
}

func step(
  _ network: String, _ optimizer: some Optimizer,
  _ regularization: Regularization = Regularization(),
  precision: ScalarType = .float32, threads: Int = 1
) throws -> TrainingStep {
  let specification = try NetworkSpecification(parsing: network)
    .resolved(inputs: 64, outputs: 10, loss: .softmaxCrossEntropy, isClassification: true)
  var options = PlanOptions()
  if threads > 1 { options.serialThreshold = 0 }
  return try TrainingStep(
    Regularized(MultilayerPerceptron(specification)), loss: .softmaxCrossEntropy,
    optimizer: optimizer,
    input: .float([64]), target: .classes(10), regularization: regularization,
    schedule: .exponential(factor: 0.999),
    trainingSamples: 1000, precision: precision, threads: threads, options: options)
}

/// A perceptron behind dropout and batch normalisation: random keys and untrained state take part.
struct Regularized: Layer {
  let network: MultilayerPerceptron
  init(_ network: MultilayerPerceptron) { self.network = network }
  func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
    let kept = try scope("dropout", Dropout(0.1), x)
    return try scope("network", network, try scope("norm", BatchNorm(), kept))
  }
}

let digits = try Dataset.digits()
let all = Regularization(l2: 0.1, weightDecay: 0.01, clipValue: 1, clipNorm: 1)
let cases: [(String, TrainingStep)] = [
  ("sgd", try step("64-30-10 sigmoid", SGD(learningRate: 0.1))),
  ("adam, decay, clipping", try step("64-30-10 relu", Adam(learningRate: 1e-3), all)),
  (
    "the same in float64",
    try step("64-30-10 gelu", Adam(learningRate: 1e-3), all, precision: .float64)
  ),
  (
    "the same on 3 threads",
    try step("64-128-64-10 tanh", Adam(learningRate: 1e-3), all, threads: 3)
  ),
]
guard allocation_counting_works() != 0 else {
  print("skipped: the allocator cannot be interposed on this system")
  exit(0)
}
var failures = 0
for (name, step) in cases {
  let count = try allocations(step, digits, batch: 10)
  print("\(name): \(count) allocations in steps 2 to 100")
  let measured = try allocations(step, digits, batch: 10, measures: true)
  print("\(name), every layer measured: \(measured) allocations in steps 2 to 100")
  failures += (count != 0 ? 1 : 0) + (measured != 0 ? 1 : 0)
}
let seen = try allocations(cases[0].1, digits, batch: 10, leak: true)
print("one deliberate allocation a step: \(seen) seen")
if seen != 99 { failures += 1 }
exit(failures == 0 ? 0 : 1)
