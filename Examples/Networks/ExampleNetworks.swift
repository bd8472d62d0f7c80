import ArgumentParser

/// Networks on real data, each in a file of its own: `swift run -c release Networks gpt --data FOLDER`.
@main
struct ExampleNetworks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Networks", abstract: "Small networks, each trained by one command.",
    subcommands: [
      LeNet.self, ResNet.self, Autoencoder.self, LSTM.self, GPT.self, Newton.self,
    ])
}
