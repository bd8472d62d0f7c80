import Backprop
import Foundation
import Testing

/// Texts of help, compared with files in `Golden`. With BACKPROP_UPDATE_GOLDEN=1 they are written.
@Suite struct HelpTests {
  @Test(arguments: [
    ("help", ["--help"]), ("train-help", ["train", "--help"]),
    ("evaluate-help", ["evaluate", "--help"]), ("predict-help", ["predict", "--help"]),
    ("check-help", ["check", "--help"]), ("show-help", ["show", "--help"]),
    ("runs-help", ["runs", "--help"]), ("explain-help", ["explain", "--help"]),
    ("plan-help", ["plan", "--help"]),
  ]) func helpIsAsStored(name: String, arguments: [String]) throws {
    let run = try Workplace().run(arguments)
    #expect(run.code == 0)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name).txt")
    if ProcessInfo.processInfo.environment["BACKPROP_UPDATE_GOLDEN"] == "1" {
      try Data(run.output.utf8).write(to: file)
    }
    #expect(try run.output == String(contentsOf: file, encoding: .utf8))
  }

  @Test func trainHelpListsEveryName() throws {
    let help = try Workplace().run(["train", "--help"]).output
    let words = Set(help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    let names =
      Activation.allNames + Losses.allNames + Optimizers.allNames + Schedule.allNames
      + Initializers.allNames + ["digits", "iris", "xor", "mnist", "fashion-mnist"]
    for name in names { #expect(words.contains(name), "\(name)") }
  }

  @Test func versionIsTheLibrarys() throws {
    #expect(try Workplace().run(["--version"]).output == Backprop.version + "\n")
  }
}
