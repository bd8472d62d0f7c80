#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
