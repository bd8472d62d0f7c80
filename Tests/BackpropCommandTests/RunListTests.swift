import Foundation
import Testing

/// `show`, `runs`, `manual` and the scripts of shells.
@Suite struct RunListTests {
  @Test func showTellsWhatTheRunIs() throws {
    let place = try Workplace()
    #expect(try place.run(["train", "iris", "--epochs", "3", "--quiet"]).code == 0)
    let run = try place.run(["show", "runs/iris-1"])
    #expect(run.code == 0)
    #expect(run.errors == "")
    for line in [
      "run runs/iris-1: iris", "network 4-16-3 tanh identity", "classes (3)", "  0  setosa",
      "scaling of inputs: (x - offset) * scale", "history", "result",
    ] { #expect(run.lines.contains(line), "\(line)") }
    #expect(run.lines.filter { $0.hasSuffix("* best") }.count == 1)
    #expect(run.lines.contains { $0.hasPrefix("  test accuracy ") && $0.hasSuffix(" %") })
    let object = try place.run(["show", "runs/iris-1", "--json"]).events()
    #expect(object.count == 1)
    #expect(object[0]["event"] as? String == "show")
    #expect((object[0]["history"] as? [Any])?.count == 3)
  }

  @Test func showOfNoRunIsOneLine() throws {
    let run = try Workplace().run(["show", "nowhere"])
    #expect(run.code == 1)
    #expect(run.errors.filter(\.isNewline).count == 1)
  }

  @Test func runsAreListedSortedAndBrokenOnesNamed() throws {
    let place = try Workplace()
    for call in [["xor", "--epochs", "2"], ["iris", "--epochs", "9"], ["xor", "--epochs", "3"]] {
      #expect(try place.run(["train"] + call + ["--quiet"]).code == 0)
    }
    try place.write("runs/bad/run.json", Array("{".utf8))
    try place.write("runs/other/file.txt", [])
    func names(_ arguments: [String]) throws -> [String] {
      let run = try place.run(["runs"] + arguments)
      #expect(run.code == 0)
      #expect(run.errors.hasPrefix("backprop: unreadable: runs/bad/run.json: "))
      return run.lines.dropFirst().map { String($0.prefix { $0 != " " }) }
    }
    #expect(try names([]) == ["iris-1", "xor-1", "xor-2"])
    #expect(try names(["--sort", "epochs"]) == ["xor-1", "xor-2", "iris-1"])
    let losses = try place.run(["runs", "--sort", "loss", "--json"]).events()
      .compactMap { $0["test_loss"] as? Double }
    #expect(losses.count == 3)
    #expect(losses == losses.sorted())
    #expect(try place.run(["runs", "--sort", "size"]).code == 64)
    let none = try place.run(["runs", "nowhere"])
    #expect(none.code == 1)
    #expect(none.errors == "backprop: error: cannot read nowhere: there is none\n")
  }

  @Test func theManualHasEveryCommandAndFlag() throws {
    let place = try Workplace()
    let page = try place.run(["manual"])
    #expect(page.lines.first?.hasPrefix(".TH BACKPROP 1") == true)
    let plain = page.output.replacing("\\-", with: "-")
    for command in ["train", "evaluate", "predict", "check", "show", "runs", "manual"] {
      let help = try place.run([command, "--help"]).output
      for word in help.split(whereSeparator: { " ,\n(".contains($0) })
      where word.hasPrefix("--") && word.dropFirst(2).allSatisfy({ $0.isLetter || $0 == "-" }) {
        guard !["--help", "--version"].contains(word) else { continue }
        #expect(plain.contains(word), "\(command) \(word)")
      }
      #expect(plain.contains(".SH \"\(command.uppercased())\""), "\(command)")
    }
    let isPlain = page.output.utf8.allSatisfy { $0 < 128 }
    #expect(isPlain)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func shellsCanComplete(shell: String) throws {
    let script = try Workplace().run(["--generate-completion-script", shell])
    #expect(script.code == 0)
    #expect(script.output.contains("learning-rate"))
  }
}
