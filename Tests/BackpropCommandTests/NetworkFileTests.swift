import Backprop
import Foundation
import Testing

/// Networks as lists of layers: `--network FILE.yaml`, in place, and in `--config`.
@Suite struct NetworkFileTests {
  private static let layers = """
    # A network of layers with options.
    - dense: 24
    - batch-norm
    - relu
    - dropout: 0.2
    - dense: {units: 16, bias: none, initializer: he-normal, name: second}
    - leaky-relu: {slope: 0.05}
    - dense: _            # the data's own number of outputs

    """
  private static let line =
    "dense 24, batch-norm, relu, dropout 0.2, dense 16, leaky-relu 0.05, dense 10"

  @Test func aRunOfAFileWorksFromEndToEnd() throws {
    let place = try Workplace()
    try place.write("net.yaml", Array(Self.layers.utf8))
    let train = try place.run([
      "train", "digits", "--network", "net.yaml", "--epochs", "2", "--output", "r",
      "--initializer", "lecun-normal",
    ])
    #expect(train.errors == "")
    #expect(train.lines.contains("network \(Self.line)"))
    #expect(train.lines.contains { $0.contains("batch-norm1  [24]") })

    let model = try Model(contentsOf: "\(place.path)/r")
    let dense = (model.step.network as? Sequential)?.layers.compactMap { $0.layer as? Dense } ?? []
    #expect(dense.map(\.initializer.name) == ["lecun-normal", "he-normal", "lecun-normal"])
    #expect(dense.map(\.bias) == [.unit, .none, .unit])

    let test = try #require(train.lines.first { $0.hasPrefix("test, best") })
    let figures = try #require(test.split(separator: ": ").last)
    #expect(try place.run(["evaluate", "r"]).lines[1] == "test: \(figures)")
    let show = try place.run(["show", "r"])
    #expect(show.lines.contains("network \(Self.line)"))
    #expect(!show.output.contains("{"))
    let check = try place.run(["check", "r"])
    #expect(check.code == 0 && check.lines[0].hasPrefix("\(Self.line), softmax-cross-entropy"))
    #expect(try place.run(["runs", "."]).output.contains(Self.line.prefix(47) + "…"))
    let page = try place.text("r/report.html")
    #expect(page.contains("<title>digits: \(Self.line)"))
    #expect(page.contains("leaky-relu1"))
  }

  @Test func aResolvedListMakesTheSameParameters() throws {
    let place = try Workplace()
    try place.write("net.yml", Array(Self.layers.utf8))
    let list = Self.layers.replacing("- ", with: "  - ")
    try place.write("c.yaml", Array("data: digits\nepochs: 2\nbias: layer\nnetwork:\n\(list)".utf8))
    let flags = ["--network", "net.yml", "--epochs", "2", "--bias", "layer"]
    let calls = [["digits"] + flags, ["--config", "c.yaml"]]
    for (index, call) in calls.enumerated() {
      let run = try place.run(["train"] + call + ["--quiet", "--output", "\(index)"])
      #expect(run.errors == "")
      let again = try place.run([
        "train", "--config", "\(index)/config.yaml", "--quiet", "--output", "\(index)again",
      ])
      #expect(again.errors == "")
      for file in ["model.safetensors", "config.yaml", "model.json"] {
        let text = try FileIO.read("\(place.path)/\(index)/\(file)")
        #expect(try FileIO.read("\(place.path)/\(index)again/\(file)") == text, "\(file)")
        #expect(try FileIO.read("\(place.path)/0/\(file)") == text, "\(file)")
      }
    }
  }

  @Test func aTableTellsItsOutputs() throws {
    let place = try Workplace()
    var text = "a,b,y,z\n"
    for row in 0..<60 { text += "\(row % 7),\(row),\(Double(row) * 1.5 + 0.25),\(row % 5).5\n" }
    try place.write("t.csv", Array(text.utf8))
    let call = [
      "train", "t.csv", "--target", "y", "z", "--network", "[dense: 6, tanh, dense: _]",
      "--epochs", "3", "--quiet", "--output", "r",
    ]
    #expect(try place.run(call).errors == "")
    let predict = try place.run(["predict", "r", "t.csv"])
    #expect(predict.errors == "" && predict.lines.count == 61)
    #expect(try place.text("r/config.yaml").contains("\"units\":2"))
  }

  /// 105 samples: batches of 8 leave one over, which has no variance.
  @Test func noBatchOfOneForBatchNormalisation() throws {
    let place = try Workplace()
    let call = [
      "train", "iris", "--network", "[dense: 5, batch-norm, tanh, dense: _]", "--epochs", "1",
    ]
    #expect(try place.run(call + ["--json"]).events()[0]["batch_size"] as? Int == 9)
    for size in ["8", "1"] {
      #expect(
        try place.run(call + ["--batch-size", size]).errors.hasPrefix(
          "backprop: error: batch-size \(size) leaves one of 105 samples for the last batch: layer "
        ))
    }
  }

  @Test func probabilitiesChooseTheCost() throws {
    let place = try Workplace()
    let call = [
      "train", "iris", "--network", "[dense: 6, tanh, dense: _, softmax]", "--epochs", "1",
      "--json",
    ]
    #expect(try place.run(call).events()[0]["loss"] as? String == "cross-entropy")
    let run = try place.run(call + ["--loss", "softmax-cross-entropy"])
    #expect(
      run.errors.hasPrefix(
        "backprop: error: softmax-cross-entropy takes logits, not the output of "))
  }

  @Test func checkTakesAFile() throws {
    let place = try Workplace()
    try place.write("net.yaml", Array(Self.layers.utf8))
    let check = try place.run(["check", "--network", "net.yaml"])
    #expect(check.code == 0)
    #expect(check.lines[0] == "\(Self.line), softmax-cross-entropy, 5 samples of digits")
    let other = try place.run(["check", "--network", "[dense: 5, gelu, dense: 3]"])
    #expect(other.code == 0)
    #expect(other.lines[0].hasSuffix("5 samples of random numbers"))
  }

  @Test(arguments: [
    (
      "- dense: 8\n- dense: {units: 4, unit: 3}",
      ":2:21: layer 2 'dense': unknown option 'unit'; did you mean 'units'? Known: units, bias, freeze-biases, initializer, bias-initializer, name"
    ),
    ("- dense: 8\n  bias: none", ":2:3: layer 1: 'dense' and 'bias' stand side by side; "),
    ("- relu\n-\n  dens: 8", ":3:3: layer 2: unknown kind of layer 'dens'; did you mean 'dense'?"),
    ("- sequential:\n  - relu\n  - dropout: 2", ":3:5: layer 1.2 'dropout': rate: expected "),
    ("- dense: 7", ": the network has 7 outputs, but the data has 10; end it with dense: 10 or "),
    (
      "- relu\n- dense: 2000000000\n- dense: 2000000000",
      ":3:3: layer 'dense2.weight': scope of [2000000000, 2000000000]: more parameters than "
    ),
    (
      "dense: 7", ": expected a list of layers, as in [dense: 128, relu, dense: _], found an object"
    ),
    ("", ": expected a list of layers, as in [dense: 128, relu, dense: _], found null"),
    ("- a: b: c", ": line 1: not YAML: "), ("- &a [*a]", ""),
    ("- ? [a]\n  : 3", ":1:3: expected a name before ':', found a list or mapping"),
    (
      "- &a [1,1,1,1,1,1,1,1,1,1]\n- &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        + "- &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n- &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        + "- &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]",
      ": line 3: expected at most 16 aliases, found more"
    ),
  ]) func aWrongFileIsToldWithItsPlace(text: String, message: String) throws {
    let place = try Workplace()
    try place.write("net.yaml", Array(text.utf8))
    let run = try place.run(["train", "digits", "--network", "net.yaml"])
    #expect(run.code == 1)
    #expect(run.errors.hasPrefix("backprop: error: net.yaml\(message)"), "\(run.errors)")
    #expect(run.errors.filter(\.isNewline).count == 1)
    #expect(place.contents == ["net.yaml"])
  }

  @Test func aWrongListInAConfigurationIsToldWithItsPlace() throws {
    let place = try Workplace()
    try place.write(
      "c.yaml", Array("data: iris\nnetwork:\n  - dense: 3\n  - dense: {units: _, bais: none}".utf8))
    let run = try place.run(["train", "--config", "c.yaml"])
    #expect(
      run.errors.hasPrefix("backprop: error: c.yaml:4:23: layer 2 'dense': unknown option 'bais'"),
      "\(run.errors)")
  }
}
