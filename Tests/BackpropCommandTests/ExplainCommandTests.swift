import Backprop
import Foundation
import Testing

@Suite struct ExplainCommandTests {
  /// The worked example in every format, compared with files in `Golden`. With
  /// BACKPROP_UPDATE_GOLDEN=1 they are written.
  @Test(arguments: [
    ("explain.txt", ["explain"]), ("explain.md", ["explain", "--format", "markdown"]),
    ("explain.tex", ["explain", "--format", "latex"]),
    ("explain.json", ["explain", "--format", "json"]),
    ("explain.html", ["explain", "--format", "html"]),
    ("explain-weight.txt", ["explain", "--weight", "hidden.weight[0,0]"]),
    ("explain-matrix.txt", ["explain", "--form", "matrix"]),
    ("explain-diagonal.txt", ["explain", "--form", "diagonal"]),
    ("explain-jacobian.txt", ["explain", "--form", "jacobian", "--bias", "none"]),
    ("explain-pseudocode.txt", ["explain", "--pseudocode"]),
  ])
  func `the worked example is as stored`(_ name: String, _ arguments: [String]) throws {
    let run = try Workplace().run(arguments)
    #expect(run.code == 0 && run.errors == "")
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name)")
    if ProcessInfo.processInfo.environment["BACKPROP_UPDATE_GOLDEN"] == "1" {
      try Data(Self.shown(run.output).utf8).write(to: file)
    }
    #expect(try Self.shown(run.output) == String(contentsOf: file, encoding: .utf8))
  }

  /// Without a page's style and script, which have tests of their own, and without the last digits
  /// of numbers: another order of sums may change those.
  private static func shown(_ text: String) -> String {
    var text = text
    for name in ["style", "script"] {
      guard let start = text.range(of: "<\(name)>"), let end = text.range(of: "</\(name)>") else {
        continue
      }
      text.removeSubrange(start.upperBound..<end.lowerBound)
    }
    return text.replacing(/(\d+\.\d{12})\d+/) { $0.output.1 }
  }

  @Test func `numbers after many steps, and the published ones`() throws {
    let run = try Workplace().run(["explain", "--steps", "10000"])
    let last = try #require(run.lines.first { $0.hasPrefix("    10000  ") })
    #expect(last.contains("3.51018778297") && last.contains("0.0159136204"))
    let other = try Workplace().run(["explain", "--order", "sequential", "--steps", "10000"])
    let line = try #require(other.lines.first { $0.hasPrefix("    10000  ") })
    #expect(line.contains("0.015912196326") && line.contains("0.984065734485"))
    #expect(other.output.contains("0.291027923905"))
  }

  @Test func `a run's sample, close up`() throws {
    let place = try Workplace()
    _ = try place.run(["train", "--epochs", "1", "--output", "run", "--quiet"])
    let overview = try place.run(["explain", "run", "--sample", "3"])
    #expect(
      overview.code == 0 && overview.output.contains("Sample 3 of digits, the test part: class "))
    #expect(overview.output.contains("hidden.weight along 4 random directions"))
    let weight = try place.run([
      "explain", "run", "--sample", "3", "--weight", "output.weight[5,2]",
    ])
    #expect(weight.output.contains("finite differences") && weight.code == 0)
    let part = try place.run([
      "explain", "run", "--part", "training", "--samples", "4", "--layer", "output",
    ])
    #expect(part.output.contains("4 samples") && part.code == 0)
    let json = try place.run(["explain", "run", "--compare-precision", "--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let layers = try #require(object?["layers"] as? [[String: Any]])
    #expect(layers[0]["training_precision"] != nil && layers[0]["delta"] != nil)
  }

  @Test func `a run that one sample is not enough for`() throws {
    let place = try Workplace()
    _ = try place.run([
      "train", "iris", "--network", "[dense: 6, batch-norm, relu, dense: _]", "--epochs", "1",
      "--output", "run", "--quiet",
    ])
    let run = try place.run(["explain", "run", "--sample", "29"])
    #expect(run.code == 0 && run.output.contains("The batch has 9 samples"))
    #expect(run.output.contains("couples the samples"))
  }

  @Test func `a network with its parameters from a file`() throws {
    let place = try Workplace()
    _ = try place.run([
      "train", "xor", "--network", "2-3-2 tanh", "--epochs", "1", "--output", "run", "--quiet",
    ])
    let run = try place.run([
      "explain", "--network", "2-3-2 tanh", "--loss", "softmax-cross-entropy", "--parameters",
      "run/model.safetensors", "--input-values", "0,1;1,1", "--target-values", "0,1;1,0",
      "--sample", "1",
    ])
    #expect(run.code == 0 && run.output.contains("numbers of sample 1"))
    let other = try place.run([
      "explain", "--network", "2-4-2 tanh", "--parameters", "run/model.safetensors",
      "--input-values", "0,1", "--target-values", "0,1",
    ])
    #expect(other.code == 1 && other.lines.isEmpty)
    #expect(other.errors.contains("run/model.safetensors") && other.errors.contains("[2, 4]"))
  }

  @Test func `worksheets and verification`() throws {
    let place = try Workplace()
    #expect(try place.run(["explain", "--worksheet", "--output", "sheet.json"]).code == 0)
    let sheet = try place.text("sheet.json")
    let filled = sheet.replacing(
      "\"value\": null", with: "\"value\": 0.3775", maxReplacements: 2)
    try place.write("sheet.json", Array(filled.utf8))
    let run = try place.run(["explain", "--verify", "sheet.json"])
    #expect(run.code == 1)
    #expect(
      run.lines.first
        == "hidden.a[0] is wrong: 0.3775; it should be 0.5932699921071872, off by −0.216")
    #expect(
      run.lines.last == "sheet.json: 1 of 2 numbers is wrong, by a mistake of its own; 40 left open"
    )
    _ = try place.run(["explain", "--format", "json", "--output", "all.json"])
    let right = try place.run(["explain", "--verify", "all.json"])
    #expect(right.code == 0 && right.lines == ["all.json: all 42 numbers are right"])
    #expect(
      try place.run(["explain", "--verify", "all.json", "--loss", "squared-error"]).code == 1)
  }

  @Test(arguments: [
    (["--layer", "hiden"], "unknown layer 'hiden'; did you mean 'hidden'?"),
    (["--weight", "hidden.weight"], "expected a path with indices, as in hidden.weight[0,1]"),
    (["--weight", "hidden.weight[2,0]"], "there is no hidden.weight[2,0]"),
    (["--sample", "1"], "the worked example has one sample, 0"),
    (["--input-values", "1,2"], "--input-values needs --network: which network?"),
    (["--network", "2-2 sigmoid"], "which numbers? Say --input-values and --target-values"),
    (
      ["--network", "2-2 sigmoid", "--input-values", "1,b", "--target-values", "1,2"],
      "input-values: 'b' is not a number"
    ),
    (
      ["--network", "2-2 sigmoid", "--input-values", "1,2;3", "--target-values", "1,2;3,4"],
      "input-values: samples have [2, 1] numbers"
    ),
    (
      ["--network", "3-2 sigmoid", "--input-values", "1,2", "--target-values", "1,2"],
      "network '3-2 sigmoid': 3 inputs, but the data has 2"
    ),
    (["--format", "pdf"], "unknown format 'pdf'"), (["--steps", "0"], "steps is 0"),
    (["--form", "matrx"], "unknown form 'matrx'; did you mean 'matrix'?"),
    (["--verify", "none.json"], "none.json"), (["missing"], "missing"),
    (["--top", "0"], "top is 0"), (["--unit", "1"], "--unit needs --layer"),
    (["--output", "no/such/folder/x.html"], "no/such/folder"),
  ])
  func `mistakes get one line`(_ arguments: [String], _ text: String) throws {
    let place = try Workplace()
    let run = try place.run(["explain"] + arguments)
    #expect(run.code == 1 && run.lines.isEmpty, "\(run.output)")
    #expect(run.errors.contains(text), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(place.contents.isEmpty)
  }

  @Test func `measured layers reach the metrics and the report`() throws {
    let place = try Workplace()
    let run = try place.run([
      "train", "--epochs", "1", "--explain-every", "10", "--output", "run", "--json",
    ])
    #expect(run.code == 0)
    let events = try run.events().filter { $0["event"] as? String == "layers" }
    #expect(events.count == 4 && events[1]["step"] as? Int == 20)
    #expect(try place.text("run/metrics.jsonl").contains("\"update_ratio\""))
    #expect(try place.text("run/report.html").contains("Gradient norm of each layer"))
    let wrong = try place.run(["train", "--explain-every", "0", "--output", "other"])
    #expect(wrong.code == 1 && wrong.errors.contains("explain-every is 0"))
  }
}
