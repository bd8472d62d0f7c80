import ArgumentParser
import Backprop

/// Two convolutions with pooling, then dense layers: digits, as in 1998.
struct LeNet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lenet", abstract: "A convolutional network on MNIST.")

  @OptionGroup var course: Course

  static func network(side: Int) -> Sequential {
    let isSmall = side < 20
    return Sequential([
      ("image", Reshape([side, side, 1])),
      ("conv1", Conv2D(20, kernel: isSmall ? 3 : 5)), ("relu1", Activation.relu),
      ("pool1", MaxPool2D(2)),
      ("conv2", Conv2D(40, kernel: isSmall ? 2 : 5)), ("relu2", Activation.relu),
      ("pool2", MaxPool2D(isSmall ? 1 : 2)), ("flatten", Flatten()),
      ("hidden", Dense(100)), ("relu3", Activation.relu), ("dropout", Dropout(0.5)),
      ("output", Dense(10)),
    ])
  }

  func run() throws {
    let data =
      try course.data.map { try DataSplit.mnist(directory: $0) }
      ?? Dataset.digits().split(key: RandomKey(0))
    let steps = course.steps ?? 15_000
    let step = try TrainingStep(
      Self.network(side: data.training.featureCount == 64 ? 8 : 28), loss: .softmaxCrossEntropy,
      optimizer: Adam(learningRate: 1e-3), input: .float([data.training.featureCount]),
      target: .classes(10), schedule: .cosine(over: steps), threads: course.threads)
    let state = try course.train(step, steps: steps, batch: 64) { _ in data.training }
    let accuracy = try step.evaluate(state, on: data.test).accuracy ?? 0
    print("test: \(Course.rounded(100 * accuracy)) % right")
  }
}
