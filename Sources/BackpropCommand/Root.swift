import ArgumentParser
import Backprop

/// The command `backprop`.
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backprop",
    abstract: "Trains neural networks by backpropagation.",
    version: version,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, ShowCommand.self,
      RunsCommand.self, ExplainCommand.self, CheckCommand.self, PlanCommand.self,
      ManualCommand.self,
    ])
}
