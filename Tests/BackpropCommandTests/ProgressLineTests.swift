import Foundation
import Testing

/// The line that a terminal shows while a network is trained.
@Suite struct ProgressLineTests {
  @Test func aTerminalShowsOneLineWrittenAnew() throws {
    let text = try Self.onTerminal(columns: 100, ["train", "xor", "--epochs", "5"])
    let updates = text.split(whereSeparator: \.isNewline)
      .filter { $0.hasPrefix("epoch ") }
    #expect(updates.count == 5)
    for (number, update) in updates.enumerated() {
      #expect(update.hasPrefix("epoch \(number + 1)/5  loss "))
      #expect(update.hasSuffix("\u{1b}[K"))
      for part in ["val ", "accuracy ", "/s  ", number == 4 ? "took " : " left"] {
        #expect(update.contains(part), "\(part)")
      }
    }
    #expect(!text.contains("val loss"))
    #expect(text.contains("run runs/xor-1"))
  }

  @Test(arguments: [20, 40, 60]) func aNarrowTerminalGetsAShorterLine(columns: Int) throws {
    let text = try Self.onTerminal(columns: columns, ["train", "xor", "--epochs", "3"])
    let updates = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("epoch ") }
    #expect(updates.count == 3)
    for update in updates { #expect(update.count - 3 < columns, "\(update)") }
  }

  @Test func aPipeGetsPlainLines() throws {
    let run = try Workplace().run(["train", "xor", "--epochs", "3"])
    #expect(!run.output.contains("\r") && !run.output.contains("\u{1b}"))
  }

  /// Runs the command on a pseudo-terminal, which Python makes, and gives what it wrote.
  private static func onTerminal(columns: Int, _ arguments: [String]) throws -> String {
    let program = """
      import fcntl, os, pty, struct, sys, termios
      master, slave = pty.openpty()
      size = struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0)
      fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
      child = os.fork()
      if child == 0:
        os.dup2(slave, 1)
        os.execv(sys.argv[2], sys.argv[2:])
      os.close(slave)
      while True:
        try: part = os.read(master, 4096)
        except OSError: break
        if not part: break
        sys.stdout.buffer.write(part)
      os.waitpid(child, 0)
      """
    let place = try Workplace()
    let process = place.makeProcess([])
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["python3", "-c", program, "\(columns)", CommandRun.executable.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
