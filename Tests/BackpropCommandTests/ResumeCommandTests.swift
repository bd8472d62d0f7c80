import Foundation
import Testing

/// Runs that are interrupted, and go on.
@Suite struct ResumeCommandTests {
  /// Starts a run, waits until it trains, and ends it by signals.
  private static func interrupted(
    _ place: Workplace, _ arguments: [String], _ signals: [Int32] = [SIGINT],
    after events: Int = 3
  ) throws -> (code: Int32, errors: String) {
    let process = place.makeProcess(["train"] + arguments + ["--json"])
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    var lines = 0
    while lines < events {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      lines += data.filter { $0 == UInt8(ascii: "\n") }.count
    }
    for signal in signals { kill(process.processIdentifier, signal) }
    _ = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: complaint, as: UTF8.self))
  }

  private static let settings = [
    "digits", "--network", "64-32-10 relu identity", "--epochs", "400", "--seed", "5",
  ]

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal saves, and the run goes on to the same bits`(_ signal: Int32) throws {
    let place = try Workplace()
    let ended = try Self.interrupted(place, Self.settings + ["--output", "run"], [signal])
    #expect(ended.code == 128 + signal, "\(ended)")
    let lines = ended.errors.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(ended.errors.hasPrefix("backprop: interrupted in epoch "), "\(ended.errors)")
    #expect(ended.errors.hasSuffix("; go on with: backprop train --resume run\n"))
    #expect(place.contents.contains("run/checkpoints/checkpoint-000001.safetensors"))
    #expect(!place.contents.contains("run/run.json"))
    // Other commands say what it is.
    for command in [["evaluate", "run"], ["show", "run"], ["check", "run"], ["plan", "run"]] {
      let run = try place.run(command)
      #expect(run.code == 1)
      #expect(
        run.errors == "backprop: error: cannot read run: the run is not finished; go on with: "
          + "backprop train --resume run\n", "\(command): \(run.errors)")
    }
    let listed = try place.run(["runs", "."])
    #expect(listed.output.contains("not finished"), "\(listed.output)")
    let resumed = try place.run(["train", "--resume", "run/", "--json"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    let names = try resumed.events().compactMap { $0["event"] as? String }
    #expect(names.prefix(2) == ["start", "resume"])
    let whole = try place.run(["train"] + Self.settings + ["--output", "whole", "--quiet"])
    #expect(whole.code == 0)
    let files = ["run", "whole"].map { "\(place.path)/\($0)/model.safetensors" }
    #expect(FileManager.default.contentsEqual(atPath: files[0], andPath: files[1]))
    // The log has each epoch once.
    let epochs = try place.text("run/metrics.jsonl").split(separator: "\n").filter {
      $0.contains("\"event\":\"epoch\"")
    }
    #expect(epochs.count == 400)
    #expect(!place.contents.contains { $0.hasSuffix(".tmp") })
  }

  @Test func `a second signal ends at once, and an earlier checkpoint stays`() throws {
    let place = try Workplace()
    let arguments = Self.settings + ["--checkpoint-every", "5", "--output", "run"]
    let ended = try Self.interrupted(place, arguments, [SIGINT, SIGINT, SIGINT])
    #expect(ended.code == 130)
    #expect(ended.errors.contains("go on with: backprop train --resume run"), "\(ended.errors)")
    #expect(try place.run(["train", "--resume", "run", "--quiet"]).code == 0)
  }

  @Test func `a run that is never saved leaves nothing`() throws {
    let place = try Workplace()
    let arguments = ["digits", "--epochs", "1000000", "--checkpoint-every", "never"]
    let ended = try Self.interrupted(place, arguments)
    #expect(ended.code == 130)
    #expect(ended.errors == "backprop: interrupted; nothing was saved\n")
    #expect(place.contents == [])
  }

  @Test func `a finished run trains on for more epochs`() throws {
    let place = try Workplace()
    let settings = ["train", "iris", "--quiet", "--output"]
    #expect(try place.run(settings + ["part", "--epochs", "5"]).code == 0)
    let more = try place.run(["train", "--resume", "part", "--epochs", "9", "--quiet"])
    #expect(more.code == 0, "\(more.errors)")
    #expect(try place.run(settings + ["whole", "--epochs", "9"]).code == 0)
    let files = ["part", "whole"].map { "\(place.path)/\($0)/model.safetensors" }
    #expect(FileManager.default.contentsEqual(atPath: files[0], andPath: files[1]))
    #expect(try place.text("part/config.yaml").contains("epochs: 9"))
    let reproduced = try place.run(["train", "--reproduce", "part"])
    #expect(reproduced.code == 0)
    #expect(
      reproduced.lines.first == "part is reproduced: 131 numbers are equal to the bit",
      "\(reproduced.output)")
  }

  @Test func `a run that is not reproduced says what differs`() throws {
    let place = try Workplace()
    #expect(
      try place.run(["train", "iris", "--epochs", "3", "--quiet", "--output", "run"]).code == 0)
    let file = try place.text("run/config.yaml")
    try place.write(
      "run/config.yaml", Array(file.replacingOccurrences(of: "seed: 0", with: "seed: 1").utf8))
    let run = try place.run(["train", "--reproduce", "run"])
    #expect(run.code == 1)
    #expect(run.lines[0] == "run is not reproduced:")
    #expect(run.lines[1].hasPrefix("  epoch 1 is the first to differ: loss "))
    #expect(run.output.contains("hidden.weight: 64 of 64 numbers differ"), "\(run.output)")
    #expect(run.output.contains("  seed: 0 then, 1 now"))
    let json = try place.run(["train", "--reproduce", "run", "--json"]).events()
    #expect(json[0]["equal"] as? Bool == false)
  }

  @Test func `a training that diverges is saved before the step, and can go back`() throws {
    let place = try Workplace()
    try place.write("t.csv", Array(Self.table.utf8))
    let settings = [
      "train", "t.csv", "--target", "y", "--optimizer", "momentum", "--learning-rate", "10",
      "--epochs", "20", "--quiet", "--output", "run",
    ]
    let run = try place.run(settings)
    #expect(run.code == 1)
    #expect(run.errors.hasPrefix("backprop: error: training diverged in epoch "), "\(run.errors)")
    #expect(run.errors.contains("--resume run --on-nonfinite backtrack"), "\(run.errors)")
    #expect(!place.contents.contains("run/model.safetensors"))
    let back = try place.run(
      ["train", "--resume", "run", "--on-nonfinite", "backtrack", "--quiet"])
    #expect(back.code == 0, "\(back.errors)")
    #expect(back.errors.contains("went back, to learn with a rate of"))
    #expect(place.contents.contains("run/run.json"))
  }

  private static let table: String = {
    let rows = (0..<60).map { "\($0 % 7),\($0 % 5),\($0 % 7 * 3 - $0 % 5).\($0 % 10)" }
    return "a,b,y\n" + rows.joined(separator: "\n") + "\n"
  }()

  @Test func `mistakes are told in a line`() throws {
    let place = try Workplace()
    #expect(
      try place.run(["train", "iris", "--epochs", "2", "--quiet", "--output", "run"]).code == 0)
    let before = place.contents
    for (arguments, message) in [
      (["--resume", "none"], "cannot read none: there is no such run"),
      (["--resume", "run/run.json"], "cannot read run/run.json: it is no folder"),
      (
        ["--resume", "run"],
        "run is finished after 2 epochs; to train on, say --epochs with more"
      ),
      (
        ["--resume", "run", "--seed", "4"],
        "--resume takes its settings from run; leave --seed out"
      ),
      (["digits", "--resume", "run"], "--resume takes its settings from run; leave the data out"),
      (
        ["--reproduce", "run", "--epochs", "3"],
        "--reproduce takes its settings from run; leave --epochs out"
      ),
      (
        ["iris", "--checkpoint-every", "often"],
        "checkpoint-every is 'often'; expected a number above 0 of steps, seconds or minutes, as "
          + "in '500 steps' or '10 minutes'"
      ),
      (["iris", "--keep-checkpoints", "0"], "keep-checkpoints is 0; expected 1 or more"),
      (
        ["iris", "--on-nonfinite", "stopp"],
        "unknown on-nonfinite 'stopp'; did you mean 'stop'? Known: stop, skip, backtrack"
      ),
    ] {
      let run = try place.run(["train"] + arguments)
      #expect(run.errors == "backprop: error: \(message)\n", "\(run.errors)")
      #expect(run.code == 1)
    }
    #expect(place.contents == before)
  }

  @Test(arguments: ["config.yaml", "metrics.jsonl", "model.safetensors", "checkpoints"])
  func `a run with links in it does not go on`(_ name: String) throws {
    let place = try Workplace()
    #expect(
      try place.run(["train", "iris", "--epochs", "2", "--quiet", "--output", "run"]).code == 0)
    let (file, outside) = ("\(place.path)/run/\(name)", "\(place.path)/outside")
    try FileManager.default.moveItem(atPath: file, toPath: outside)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: outside)
    let run = try place.run(["train", "--resume", "run", "--epochs", "3"])
    let kind = name == "checkpoints" ? "folder" : "plain file"
    let error =
      name == "config.yaml"
      ? "cannot read run/config.yaml: it is no plain file"
      : "cannot resume run: \(name) in it is no \(kind)"
    #expect(run.errors == "backprop: error: \(error)\n")
  }

  @Test func `what a killed process left half written is removed`() throws {
    let place = try Workplace()
    #expect(
      try place.run(["train", "iris", "--epochs", "2", "--quiet", "--output", "run"]).code == 0)
    for name in [
      "model.safetensors.12-0.tmp", "checkpoints/checkpoint-000002.safetensors.12-0.tmp",
    ] {
      try place.write("run/\(name)", [1, 2, 3])
    }
    try place.write("run/mine.tmp", [1])
    let run = try place.run(["train", "--resume", "run", "--epochs", "3", "--quiet"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(place.contents.filter { $0.hasSuffix(".tmp") } == ["run/mine.tmp"])
  }

  @Test func `two processes do not train one run`() throws {
    let place = try Workplace()
    let first = try Self.interrupted(
      place, ["digits", "--epochs", "1000000", "--output", "run"], [SIGINT])
    #expect(first.code == 130)
    let process = place.makeProcess(["train", "--resume", "run", "--json"])
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    #expect(!output.fileHandleForReading.availableData.isEmpty)
    let second = try place.run(["train", "--resume", "run"])
    #expect(
      second.errors
        == "backprop: error: cannot write run/metrics.jsonl: another process is writing it\n")
    process.terminate()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
  }
}
