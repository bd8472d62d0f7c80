import ArgumentParser
import Backprop

/// Residual blocks with batch normalisation on colour images; each step sees them moved and mirrored in another way.
struct ResNet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resnet", abstract: "A small residual network on CIFAR-10's images.")

  @OptionGroup var course: Course

  /// Two convolutions beside a way around them.
  struct Block: Layer {
    let channels: Int
    let stride: Int

    func callAsFunction(_ x: Value, _ scope: Scope) throws -> Value {
      func convolution(_ kernel: Int, _ stride: Int) -> Conv2D {
        Conv2D(
          channels, kernel: ImageSize(kernel, kernel), stride: ImageSize(stride, stride),
          padding: .same, bias: .none)
      }
      var y = try scope("conv1", convolution(3, stride), x)
      y = try scope("norm1", BatchNorm(), y).relu()
      y = try scope("conv2", convolution(3, 1), y)
      y = try scope("norm2", BatchNorm(), y)
      let isSame = stride == 1 && x.shape[3] == channels
      let short = isSame ? x : try scope("short", convolution(1, stride), x)
      return try (short + y).relu()
    }
  }

  static let network = Sequential([
    ("stem", Conv2D(16, kernel: 3, padding: .same, bias: .none)), ("norm", BatchNorm()),
    ("relu", Activation.relu),
    ("block1", Block(channels: 16, stride: 1)), ("block2", Block(channels: 32, stride: 2)),
    ("block3", Block(channels: 64, stride: 2)), ("pool", GlobalPool()), ("dropout", Dropout(0.3)),
    ("output", Dense(10)),
  ])

  func run() throws {
    let (training, test) = try samples()
    let steps = course.steps ?? 4_000
    let step = try TrainingStep(
      Self.network, loss: .softmaxCrossEntropy,
      optimizer: AdamW(learningRate: 2e-3, weightDecay: 0.05), input: .float([32, 32, 3]),
      target: .classes(10), schedule: .cosine(over: steps), threads: course.threads)
    let state = try course.train(step, steps: steps, batch: 64) { epoch in
      try Self.varied(
        training, key: RandomKey(course.seed).folded("variation").folded(UInt64(epoch)))
    }
    let accuracy = try step.evaluate(state, on: test).accuracy ?? 0
    print("test: \(Course.rounded(100 * accuracy)) % right")
  }

  private func samples() throws -> (training: Dataset, test: Dataset) {
    if let folder = course.data {
      return (
        try Dataset.cifar10(contentsOf: ["\(folder)/cifar10-train-first4000.bin.gz"]),
        try Dataset.cifar10(contentsOf: ["\(folder)/cifar10-test-first1000.bin.gz"])
      )
    }
    let data = try Self.stripes(count: 300)
    return (data[0..<200], data[200..<300])
  }

  /// Images of coloured stripes, ten classes by direction and colour: what stands in for photographs.
  static func stripes(count: Int) throws -> Dataset {
    var stream = RandomStream(RandomKey(3))
    var (pixels, classes): ([UInt8], [Int32]) = ([], [])
    for number in 0..<count {
      let kind = number % 10
      let phase = Int(stream.below(8))
      for place in 0..<32 * 32 {
        let along = kind < 5 ? place / 32 : place % 32
        let isBright = (along + phase) / 4 % 2 == 0
        for channel in 0..<3 {
          let isColoured = (kind % 5 + 1) >> channel & 1 == 1
          pixels.append(UInt8((isBright && isColoured ? 180 : 40) + Int(stream.below(40))))
        }
      }
      classes.append(Int32(kind))
    }
    return try Dataset(
      name: "stripes", inputs: Tensor(pixels, shape: [count, 32, 32, 3]),
      targets: Tensor(classes, shape: [count]), classCount: 10, scaling: .unit(255))
  }

  /// The images moved by up to four places, and every other one mirrored.
  static func varied(_ data: Dataset, key: RandomKey) throws -> Dataset {
    var stream = RandomStream(key)
    let pixels = data.inputs.array(of: UInt8.self)
    var varied = [UInt8](repeating: 0, count: pixels.count)
    for sample in 0..<data.count {
      let (down, right) = (Int(stream.below(9)) - 4, Int(stream.below(9)) - 4)
      let isMirrored = stream.below(2) == 1
      for y in max(0, down)..<min(32, 32 + down) {
        for x in max(0, right)..<min(32, 32 + right) {
          let from = ((sample * 32 + y - down) * 32 + x - right) * 3
          let to = ((sample * 32 + y) * 32 + (isMirrored ? 31 - x : x)) * 3
          for channel in 0..<3 { varied[to + channel] = pixels[from + channel] }
        }
      }
    }
    return try Dataset(
      name: data.name, inputs: Tensor(varied, shape: data.inputs.shape), targets: data.targets,
      classCount: data.classCount, scaling: data.scaling)
  }
}
