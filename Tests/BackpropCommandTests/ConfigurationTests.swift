import Backprop
import Foundation
import Testing

/// `--config`, and the `config.yaml` of a run.
@Suite struct ConfigurationTests {
  @Test func aResolvedConfigurationMakesTheSameParameters() throws {
    let place = try Workplace()
    let calls: [[String]] = [
      ["iris", "--epochs", "3", "--momentum", ".8", "--learning-rate", ".1", "--seed", "7"],
      [
        "digits", "--epochs", "2", "--network", "_-12-_ sigmoid", "--initializer", "normal:0.3",
        "--schedule", "warmup:epochs=1 then cosine:epochs=1", "--freeze-biases",
        "--split-seed", "18446744073709551615", "--clip-norm", "1",
      ],
      ["xor", "--epochs", "4", "--precision", "float64", "--l2", "0.01", "--bias=layer"],
    ]
    for call in calls {
      #expect(try place.run(["train"] + call + ["--quiet", "--output", "first"]).code == 0)
      let again = try place.run([
        "train", "--config", "first/config.yaml", "--quiet", "--output", "second",
      ])
      #expect(again.errors == "")
      for file in ["model.safetensors", "config.yaml", "model.json"] {
        let paths = ["first", "second"].map { "\(place.path)/\($0)/\(file)" }
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]), "\(file)")
      }
      for folder in ["first", "second"] {
        try FileManager.default.removeItem(atPath: "\(place.path)/\(folder)")
      }
    }
  }

  @Test func aTableIsReadAgainAsItWas() throws {
    let place = try Workplace()
    var text = "a,b,\"c, d\",y\n"
    for row in 0..<60 { text += "\(row % 7),\(row),x\(row % 3),\(Double(row % 7) * 1.5 + 0.25)\n" }
    try place.write("t.csv", Array(text.utf8))
    let call = [
      "train", "t.csv", "--epochs", "3", "--drop", "b", "--kind", "a=number", "--target", "y",
      "--quiet", "--output", "first",
    ]
    #expect(try place.run(call).errors == "")
    let again = [
      "train", "--config", "first/config.yaml", "--quiet", "--output", "second",
    ]
    #expect(try place.run(again).errors == "")
    let paths = ["first", "second"].map { "\(place.path)/\($0)/model.safetensors" }
    #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]))
    #expect(try place.text("first/config.yaml").contains("drop: [\"b\"]"))
  }

  @Test func flagsWin() throws {
    let place = try Workplace()
    let file = "data: iris\nepochs: 9\nbatch_size: 10\nseed: ~\nfreeze-biases: false\n"
    try place.write("c.yaml", Array(file.utf8))
    let start = try place.run(["train", "xor", "--epochs=2", "--config", "c.yaml", "--json"])
      .events()[0]
    #expect(start["data"] as? String == "xor")
    #expect(start["epochs"] as? Int == 2)
    #expect(start["batch_size"] as? Int == 10)
    #expect(start["freeze_biases"] as? Bool == false)
  }

  @Test func aFlagSwitchesOffWhatAFileSwitchesOn() throws {
    let place = try Workplace()
    let file = "data: t.csv\nfreeze-biases: true\nno-shuffle: true\nheader: false\nepochs: 1\n"
    try place.write("c.yaml", Array(file.utf8))
    let rows = (0..<40).map { "\($0 % 7),\($0),\(Double($0) + 0.5)\n" }
    try place.write("t.csv", Array(rows.joined().utf8))
    let call = ["train", "--config", "c.yaml", "--quiet"]
    #expect(try place.run(call + ["--output", "a"]).errors == "")
    var text = try place.text("a/config.yaml")
    for line in ["freeze-biases: true", "no-shuffle: true", "no-header: true"] {
      #expect(text.contains("\(line)\n"), "\(line)")
    }
    let flags = ["--no-freeze-biases", "--shuffle", "--output", "b"]
    #expect(try place.run(call + flags).errors == "")
    text = try place.text("b/config.yaml")
    for line in ["freeze-biases: true", "no-shuffle: true"] { #expect(!text.contains(line)) }
    #expect(try place.text("b/run.json").contains("\"shuffle\": true"))
    #expect(try place.text("b/model.json").contains("\"freeze_biases\": false"))
    // Of two on one line, the last counts.
    let last = ["--shuffle", "--no-shuffle", "--output", "c"]
    #expect(try place.run(call + last).errors == "")
    #expect(try place.text("c/config.yaml").contains("no-shuffle: true"))
  }

  @Test func aListOnTheCommandLineReplacesThatOfTheFile() throws {
    let place = try Workplace()
    try place.write("c.yaml", Array("data: t.csv\ndrop: [a, b]\ntarget: [c]\nepochs: 1\n".utf8))
    let rows = (0..<40).map { "\($0 % 7),\($0),\(Double($0) + 0.5),\($0).25\n" }
    try place.write("t.csv", Array("a,b,c,d\n\(rows.joined())".utf8))
    let run = try place.run([
      "train", "--config", "c.yaml", "--drop", "c", "--target", "d", "--quiet", "--output", "r",
    ])
    #expect(run.errors == "")
    let text = try place.text("r/config.yaml")
    #expect(text.contains("drop: [\"c\"]\n") && text.contains("target: [\"d\"]\n"))
    #expect(try Model(contentsOf: "\(place.path)/r").preprocessing?.inputColumns == ["a", "b"])
    // The page shows all of the file.
    let page = try place.text("r/report.html")
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let name = line.prefix { $0 != ":" }.replacing("-", with: " ")
      #expect(page.contains(">\(name)</"), "\(name)")
    }
  }

  @Test(arguments: [
    ("shuffle: true\nno-shuffle: true", "line 2: 'no-shuffle' stands here a second time"),
    ("find-learning-rate: true", "line 1: 'find-learning-rate' is for the command line only"),
    ("epoch: 5", "line 1: unknown setting 'epoch'; did you mean 'epochs'?"),
    ("data: xor\nepochs: five", "line 2: The value 'five' is invalid for '--epochs"),
    ("epochs: [1, 2]", "line 1: 'epochs': expected one value, found a list"),
    ("\n\nfreeze-biases: 3", "line 3: 'freeze-biases': expected true or false, found '3'"),
    ("drop: {a: b}", "line 1: 'drop': expected a value or a list of values, found a mapping"),
    ("- 1", "line 1: expected lines of 'name: value'"),
    ("output: x", "line 1: 'output' is for the command line only"),
    ("seed: 1\nseed: 2", "line 1: seed stands there a second time"),
    ("seed: 1\nbatch-size: 2\nbatch_size: 3", "line 3: 'batch-size' stands here a second time"),
    ("a: b: c", "line 1: not YAML"),
  ]) func aWrongFileIsToldWithItsLine(text: String, message: String) throws {
    let place = try Workplace()
    try place.write("c.yaml", Array(text.utf8))
    let run = try place.run(["train", "xor", "--config", "c.yaml"])
    #expect(run.code == 1)
    #expect(run.errors.hasPrefix("backprop: error: c.yaml: \(message)"), "\(run.errors)")
    #expect(run.errors.filter(\.isNewline).count == 1)
    #expect(place.contents == ["c.yaml"])
  }

  @Test func aMissingFileIsTold() throws {
    let run = try Workplace().run(["train", "xor", "--config", "none.yaml"])
    #expect(run.code == 1)
    #expect(run.errors == "backprop: error: cannot read none.yaml: No such file or directory\n")
  }
}
