import ArgumentParser
@testable import Backprop
@testable import BackpropCommand
import BackpropCore

/// What people write: YAML, and the short texts of the command line.
enum TextTargets {
  private static let flags: CommandFlags? = try? CommandFlags(of: TrainCommand.self)

  static func yaml(_ bytes: [UInt8]) throws {
    attempt {
      let text = try YAMLText(bytes, name: FuzzTarget.file)
      let network = try text.locating { try Sequential(json: $0, outputs: 3) }
      try comesBack(network)
    }
    guard let flags else { fatalError("no flags") }
    // The parser of the command is slow, and no reader of files.
    let isParsed = bytes.count % 64 == 0
    let given = try ConfigurationFile(
      bytes, name: FuzzTarget.file, flags: flags, isParsed: isParsed
    ).given
    let arguments = given.arguments(flags)
    for name in ConfigurationFile.excluded {
      require(!arguments.contains { $0.hasPrefix("--\(name)") }, "the flag \(name) in a file")
    }
    // Flags that are good by themselves may still not go together.
    if isParsed { _ = try? TrainCommand.parse(arguments) }
  }

  static func network(_ bytes: [UInt8]) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    if text.first == "[" {
      let json = try JSONText.parse(bytes[...], name: FuzzTarget.file)
      try comesBack(Sequential(json: json, outputs: 3))
      return
    }
    let network = try NetworkSpecification(parsing: text)
    let again = try NetworkSpecification(parsing: network.description)
    require(again == network, "'\(network)' reads as '\(again)'")
    let whole = try network.resolved(
      inputs: network.sizes.first.flatMap { $0 } ?? 4,
      outputs: network.sizes.last.flatMap { $0 } ?? 3, loss: .softmaxCrossEntropy,
      isClassification: true)
    let perceptron = try MultilayerPerceptron(whole)
    _ = try TrainingStep(
      perceptron, loss: .softmaxCrossEntropy, optimizer: SGD(),
      input: .float([whole.sizes[0] ?? 1]), target: .classes((whole.sizes.last ?? 1) ?? 1))
  }

  static func options(_ bytes: [UInt8]) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    attempt {
      let loss = try Losses.named(text)
      let form = OptionText.text(loss.name, loss.options)
      require(try Losses.named(form).options.map(\.value) == loss.options.map(\.value), form)
    }
    attempt {
      let optimizer = try Optimizers.named(text)
      let form = OptionText.text(optimizer.name, optimizer.options)
      require(
        try Optimizers.named(form).options.map(\.value) == optimizer.options.map(\.value), form)
    }
    attempt {
      let activation = try Activation(named: text)
      require(try Activation(named: activation.description) == activation, activation.description)
    }
    attempt {
      let initializer = try Initializers.named(text)
      require(try Initializers.named(initializer.name).name == initializer.name, initializer.name)
      _ = initializer.elements([3, 5], key: RandomKey(1), in: 0..<15)
    }
    attempt { _ = try Precision(named: text) }
    let schedule = try Schedule(parsing: text, stepsPerEpoch: 100)
    let again = try Schedule(parsing: schedule.description)
    for step in [0, 1, 99, 100, 12_345, 1 << 40, .max] {
      let factor = schedule.factor(step: step)
      require(!factor.isNaN, "\(schedule) is not a number at \(step)")
      require(again.factor(step: step) == factor, "\(schedule) reads as \(again)")
    }
  }

  /// A network in text reads as the same text.
  private static func comesBack(_ network: Sequential) throws {
    guard let list = network.specifications else { fatalError("layers without a text") }
    let json = JSONValue.array(list.map(\.json))
    let again = try Sequential(parsing: json.text())
    require(again.specifications == list, "layers that do not come back: \(json.text())")
    _ = LayerSpecification.summary(json.elements ?? [])
    attempt { _ = try network.outputShape(.float([4])) }
  }
}
