import ArgumentParser
import Backprop

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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

/// The entry: runs a command, and turns every error into one line and an exit code.
@main enum Main {
  static func main() {
    // A reader of the output that goes away, as in `| head`, must not end a run.
    signal(SIGPIPE, SIG_IGN)
    // Nor must a limit on the size of files: writing fails instead, with a line.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try Root.parseAsRoot(
        ResolvedConfiguration.expanded(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      fail(error)
    }
  }

  /// Prints an error and ends the process: 0 for help and version, 64 for wrong usage, 1 for all
  /// else.
  private static func fail(_ error: any Error) -> Never {
    let code = Root.exitCode(for: error)
    if code == .success || error is ExitCode { Root.exit(withError: error) }
    var message = Root.message(for: error).split(whereSeparator: \.isNewline)
      .joined(separator: " ")
    if code == .validationFailure { message += " (see backprop --help)" }
    complain("backprop: error: \(message)")
    exit(code.rawValue)
  }
}

/// Prints a line at once, even into a pipe.
func say(_ line: String = "") {
  print(line)
  fflush(nil)
}

/// Writes a line to the standard error.
func complain(_ line: String) {
  let text = line + "\n"
  _ = write(STDERR_FILENO, text, text.utf8.count)
}

/// The columns of the terminal that the standard output is; nil where it is none, or does not say.
var terminalWidth: Int? {
  var size = winsize()
  let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
  return isKnown ? Int(size.ws_col) : nil
}

/// Whether the standard output is a terminal whose user wants colour: NO_COLOR says no.
var hasTerminalColor: Bool {
  isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
}
