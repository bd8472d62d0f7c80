import ArgumentParser
import Backprop

/// Transformer blocks that look back along a text, all characters of a window at once.
struct GPT: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gpt", abstract: "A transformer on the characters of a text.")

  @OptionGroup var course: Course
  @Option(help: "Transformer blocks.")
  var layers = 4
  @Option(help: "Features of a character.")
  var features = 128
  @Option(help: "Characters that the network looks back to.")
  var context = 128

  func run() throws {
    let text = try Characters.read(course.data)
    let characters = try Characters(text, context: min(context, text.count / 30))
    let blocks = (1...max(layers, 1)).map { number -> (name: String, layer: any Layer) in
      let block = TransformerEncoderBlock(
        heads: 4, hidden: 4 * features, isCausal: true, normalization: .before)
      return ("block\(number)", block)
    }
    let network = Sequential(
      [
        ("tokens", Embedding(characters.alphabet.count, features: features)),
        ("positions", LearnedPositions(characters.context)),
      ] + blocks + [("norm", LayerNorm()), ("output", Dense(characters.alphabet.count))])
    try characters.train(network, course, steps: 3_000, batch: 32, rate: 1e-3)
  }
}
