import ArgumentParser
import Backprop

/// A recurrent network that reads a text character by character.
struct LSTM: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lstm", abstract: "An LSTM on the characters of a text.")

  @OptionGroup var course: Course
  @Option(help: "Units of the memory.")
  var units = 256
  @Option(help: "Characters that go back through time.")
  var context = 128

  func run() throws {
    let text = try Characters.read(course.data)
    let characters = try Characters(text, context: min(context, text.count / 30))
    let network = Sequential([
      ("tokens", Embedding(characters.alphabet.count, features: 64)),
      ("memory", Recurrent(.lstm, units)),
      ("output", Dense(characters.alphabet.count)),
    ])
    try characters.train(network, course, steps: 3_000, batch: 32, rate: 3e-3)
  }
}
