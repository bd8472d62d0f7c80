import ArgumentParser
import Backprop

/// Images squeezed through a few numbers and painted again, by convolutions and transposed ones.
struct Autoencoder: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autoencoder", abstract: "A convolutional autoencoder on MNIST.")

  @OptionGroup var course: Course

  static func network(side: Int) -> Sequential {
    let quarter = side / 4
    return Sequential([
      ("image", Reshape([side, side, 1])),
      ("conv1", Conv2D(8, kernel: 3, stride: 2, padding: .same)), ("relu1", Activation.relu),
      ("conv2", Conv2D(16, kernel: 3, stride: 2, padding: .same)), ("relu2", Activation.relu),
      ("flatten", Flatten()), ("code", Dense(16)),
      ("spread", Dense(quarter * quarter * 16)), ("relu3", Activation.relu),
      ("maps", Reshape([quarter, quarter, 16])),
      ("up1", ConvTransposed2D(8, kernel: 2, stride: 2)), ("relu4", Activation.relu),
      ("up2", ConvTransposed2D(1, kernel: 2, stride: 2)), ("sigmoid", Activation.sigmoid),
      ("pixels", Flatten()),
    ])
  }

  func run() throws {
    let images = try course.data.map { try DataSplit.mnist(directory: $0).training } ?? .digits()
    let features = images.featureCount
    let brightest: Float = features == 64 ? 16 : 255
    let pixels = images.inputs.array(of: UInt8.self).map { Float($0) / brightest }
    let shape: Shape = [images.count, features]
    // What comes out should be what goes in.
    let data = try Dataset(
      name: images.name, inputs: Tensor(pixels, shape: shape), targets: Tensor(pixels, shape: shape)
    )
    let held = data[0..<min(1000, data.count / 10)]
    let step = try TrainingStep(
      Self.network(side: features == 64 ? 8 : 28), loss: .meanSquaredError,
      optimizer: Adam(learningRate: 2e-3), input: .float([features]), target: .values([features]),
      threads: course.threads)
    let state = try course.train(step, steps: 2_000, batch: 64) { _ in data[held.count..<data.count]
    }
    let error = try step.evaluate(state, on: held).loss
    print("mean squared error of a pixel: \(Course.rounded(error))")
    let (painted, _) = try step.predict(state, held.batches(of: 1)[0])
    Self.draw(Array(pixels.prefix(features)), beside: painted.array(of: Float.self))
  }

  /// Prints an image and what became of it.
  static func draw(_ image: [Float], beside other: [Float]) {
    let side = image.count == 64 ? 8 : 28
    let shades = Array(" .:-=+*#%@")
    for row in 0..<side {
      let lines = [image, other].map { pixels in
        String(
          pixels[row * side..<(row + 1) * side].map { shades[Int(max(0, min($0, 0.999)) * 10)] })
      }
      print(lines.joined(separator: " | "))
    }
  }
}
