import Backprop
import Testing

@Suite struct CheckCommandTests {
  @Test func `a new network passes, with both numbers of the worst place of each parameter`() throws
  {
    let run = try Workplace().run(["check"])
    #expect(run.code == 0 && run.errors == "")
    #expect(
      run.lines.first
        == "64-12-10 sigmoid identity, softmax-cross-entropy, 5 samples of digits")
    let paths = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]
    for path in paths {
      let words = try #require(run.lines.first { $0.hasPrefix("\(path) ") })
        .split(separator: " ").compactMap { Double($0) }
      // Checked, kinks, error, the two numbers, and how sure the second is.
      #expect(words.count == 6 && words[2] <= 1e-7 && words[5] <= 1e-7 * words[4].magnitude)
      #expect((words[3] - words[4]).magnitude <= 1e-7 * words[3].magnitude, "\(words)")
    }
    #expect(run.lines.last?.hasPrefix("passed: worst error ") == true)
  }

  @Test func `an error above the tolerance is a failure`() throws {
    let run = try Workplace().run(["check", "--tolerance", "1e-15"])
    #expect(run.code == 1 && run.errors == "")
    #expect(run.lines.last?.hasPrefix("failed: worst error ") == true)
  }

  @Test func `every activation, cost and bias rule`() throws {
    let run = try Workplace().run(["check", "--all"])
    #expect(run.code == 0 && run.errors == "")
    #expect(run.lines.last == "all passed, tolerance 1e-07")
    // Two for each activation, one for each cost (two for two of them), five bias rules.
    let count = 2 * Activation.allNames.count + Losses.allNames.count + 2 + 5
    #expect(run.lines.dropFirst().dropLast().count == count)
    #expect(run.lines.dropFirst().dropLast().allSatisfy { $0.hasSuffix("passed") })
    #expect(try Workplace().run(["check", "--all", "--tolerance", "1e-15"]).code == 1)
  }

  @Test func `bias flags and cost`() throws {
    let run = try Workplace().run([
      "check", "--network", "4-5-3 gelu", "--loss", "huber:delta=0.5", "--bias", "layer",
      "--freeze-biases",
    ])
    #expect(run.code == 0)
    #expect(run.lines.first == "4-5-3 gelu gelu, huber, 5 samples of random numbers")
    #expect(!run.output.contains("bias "))
  }

  @Test func `a run is checked on its own data`() throws {
    let place = try Workplace()
    let train = try place.run([
      "train", "iris", "--network", "6 relu", "--epochs", "2", "--output", "r", "--quiet",
    ])
    #expect(train.code == 0)
    let run = try place.run(["check", "r", "--samples", "9"])
    #expect(run.code == 0 && run.errors == "")
    #expect(run.lines.first == "4-6-3 relu identity, softmax-cross-entropy, 9 samples of iris")
  }

  @Test func `a run is checked on other data, to second order`() throws {
    let place = try Workplace()
    let rows = "1,red,x\n2,blue,y\n3,red,x\n2,red,y\n5,blue,x\n4,red,y\n"
    try place.write("a.csv", Array(("width,colour,kind\n" + rows + rows + rows).utf8))
    try place.write("b.csv", Array("kind,colour,width\ny,blue,2.5\nx,red,4\n".utf8))
    let train = try place.run([
      "train", "a.csv", "--network", "4 tanh", "--epochs", "2", "--output", "r", "--quiet",
    ])
    #expect(train.code == 0, "\(train.errors)")
    for order in ["1", "2"] {
      let run = try place.run(["check", "r", "--data", "b.csv", "--samples", "2", "--order", order])
      #expect(run.code == 0 && run.errors == "")
      #expect(run.lines.first?.hasSuffix(" 2 samples of b.csv") == true, "\(run.lines)")
      #expect(run.lines.contains { $0.hasSuffix("; second derivatives") } == (order == "2"))
    }
    let other = try place.run(["check", "r", "--data", "iris"])
    #expect(
      other.errors
        == "backprop: error: r learnt from a table: iris must be one too, such as a .csv file\n")
    let named = try place.run([
      "train", "xor", "--network", "4 tanh", "--epochs", "2", "--output", "n", "--quiet",
    ])
    #expect(named.code == 0)
    #expect(try place.run(["check", "n", "--data", "xor", "--samples", "4"]).code == 0)
    #expect(
      try place.run(["check", "n", "--data", "b.csv"]).errors
        == "backprop: error: n did not learn from a table: b.csv must be a .npz file, or one of "
        + "digits, iris, xor, mnist, fashion-mnist\n")
  }

  @Test func `modes`() throws {
    let network = ["check", "--network", "4-5-3 gelu", "--seed", "7"]
    let full = try Workplace().run(network + ["--mode", "full"])
    #expect(full.code == 0 && !full.output.contains("direction"))
    let run = try Workplace().run(network + ["--mode", "directions", "--directions", "3"])
    #expect(run.code == 0)
    #expect(run.lines.contains { $0.hasPrefix("all parameters  3 directions ") })
    #expect(run.lines.contains { $0.hasPrefix("output.bias     3 directions ") })
  }

  @Test func `one JSON object`() throws {
    let run = try Workplace().run(["check", "--network", "4-5-3 gelu", "--json", "--order", "2"])
    #expect(run.code == 0 && run.lines.count == 1)
    let report = try JSONText.parse(Array(run.output.utf8)[...], name: "output")
    #expect(report["event"]?.string == "check" && report["order"]?.integer == 2)
    #expect(report["passed"]?.bool == true)
    let parameters = try #require(report["parameters"]?.elements)
    #expect(
      parameters.map { $0["path"]?.string } == [
        "hidden.weight", "hidden.bias", "output.weight", "output.bias",
      ])
    #expect(parameters.allSatisfy { $0["suspicion"]?.string == "none" })
    #expect(parameters.allSatisfy { ($0["error"]?.double ?? 1) <= 1e-7 })
  }

  @Test(arguments: [
    (["--order", "3"], "order is 3; expected 1 or 2"),
    (["--mode", "some"], "unknown mode 'some'; known: automatic, full, directions"),
    (["--directions", "0"], "directions is 0; expected 1 or more"),
    (["--data", "a.csv"], "--data needs a run: which one?"),
    (["--all", "--json"], "--all stands alone; leave '--json' out"),
    (
      ["--tolerance", "2"],
      "a relative tolerance of 2.0 makes no check; expected a number from 0 to 0.01"
    ),
    (["--samples", "0"], "samples is 0; expected 1 or more"),
    (["--samples", "5000"], "samples is 5000; digits has 1797"),
    (["--all", "--loss", "huber"], "--all stands alone; leave 'huber' out"),
    (["r", "--network", "5 relu"], "a run stands alone; leave '5 relu' out"),
    (["nowhere"], "cannot read nowhere/run.json: No such file or directory"),
  ])
  func `errors`(_ arguments: [String], _ message: String) throws {
    let run = try Workplace().run(["check"] + arguments)
    #expect(run.errors == "backprop: error: \(message)\n")
    #expect(run.code == 1 && run.output == "")
  }
}
