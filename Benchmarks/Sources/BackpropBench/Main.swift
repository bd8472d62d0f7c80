import ArgumentParser

@main
struct BackpropBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backprop-bench",
    abstract: "Measures swift-backprop, alone or against others.",
    subcommands: [RunCommand.self, CompareCommand.self, KernelsCommand.self])
}
