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
    #expect(run.lines.dropFirst().dropLast().count == 39)
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

  @Test(arguments: [
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
