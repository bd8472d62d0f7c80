// Takes a number of steps of a small network and nothing else: Scripts/instruction_gate.sh counts the
// instructions of runs of two lengths, whose difference is that of the steps.
//
//     InstructionSteps NETWORK STEPS
import Backprop

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct Case {
  let name: String
  let inputs, batch: Int
  let step: () throws -> TrainingStep
}

func step(
  _ network: some Layer, _ loss: some Loss, _ optimizer: some Optimizer, inputs: Int
) throws -> TrainingStep {
  try TrainingStep(
    network, loss: loss, optimizer: optimizer, input: .float([inputs]), target: .classes(10))
}

func perceptron(_ text: String) throws -> MultilayerPerceptron {
  try MultilayerPerceptron(NetworkSpecification(parsing: text))
}

let cases = [
  Case(name: "784-30-10-sigmoid-sgd", inputs: 784, batch: 10) {
    try step(
      perceptron("784-30-10 sigmoid sigmoid"), .halfSquaredError, SGD(learningRate: 3), inputs: 784)
  },
  Case(name: "784-128-64-10-relu-adam", inputs: 784, batch: 128) {
    try step(
      perceptron("784-128-64-10 relu identity"), .softmaxCrossEntropy, Adam(learningRate: 0.001),
      inputs: 784)
  },
  Case(name: "64-32-10-relu-momentum-dropout", inputs: 64, batch: 32) {
    let network = Sequential([
      ("hidden", Dense(32)), ("relu", Activation.relu), ("dropout", Dropout(0.5)),
      ("output", Dense(10)),
    ])
    return try step(network, .softmaxCrossEntropy, Momentum(learningRate: 0.01), inputs: 64)
  },
]

/// Four batches in which a fifth of the inputs is not 0, as in images of digits.
func data(inputs: Int, batch: Int) throws -> Dataset {
  let count = 4 * batch
  let values = RandomKey(1).uniforms(count * inputs).map { Float($0 < 0.2 ? 5 * $0 : 0) }
  let classes = RandomKey(2).uniforms(count).map { Int32($0 * 10) }
  return try Dataset(
    name: "random", inputs: Tensor(values, shape: [count, inputs]), targets: Tensor(classes),
    classCount: 10)
}

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "list" {
  for item in cases { print(item.name) }
  exit(0)
}
guard arguments.count == 2, let item = cases.first(where: { $0.name == arguments.first }),
  let steps = arguments.last.flatMap({ Int($0) }), steps >= 1
else {
  print("usage: InstructionSteps list | NETWORK STEPS")
  exit(2)
}
if let wanted = getenv(KernelPath.variable), String(cString: wanted) != KernelPath.current.rawValue
{
  print("this machine has no kernels \(String(cString: wanted))")
  exit(3)
}
let training = try item.step()
var state = try training.initialState(seed: 1)
let batches = try data(inputs: item.inputs, batch: item.batch).batches(of: item.batch)
var total = 0.0
for index in 0..<steps { total += try training.run(&state, batches[index % batches.count]) }
guard total.isFinite else { fatalError("the cost is not finite") }
