import ArgumentParser
import Backprop

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
