import Testing

@Suite struct PlanCommandTests {
  private static let nielsen = [
    "plan", "--network", "784-30-10 sigmoid", "--loss", "half-squared-error", "--batch-size", "10",
  ]

  @Test func `a line an instruction, and the memory`() throws {
    let run = try Workplace().run(Self.nielsen)
    #expect(run.code == 0 && run.errors == "")
    #expect(
      run.lines.first?.hasPrefix("784-30-10 sigmoid sigmoid, half-squared-error, sgd") == true)
    #expect(run.lines.first?.contains("batch 10, float32, ") == true)
    let rows = run.lines.dropFirst().prefix { $0 != "totals" }
    #expect(rows.count == 11)
    #expect(
      rows.contains {
        $0.contains("gemm    784×30×10 Aᵀ") && $0.contains(" 470,400 ")
          && $0.hasSuffix("inputᵀ · #7 + hidden.weight")
      })
    #expect(run.lines.contains("  instructions                10"))
    #expect(run.lines.contains { $0.hasPrefix("  total") })
    #expect(!run.output.contains("ratio"))
  }

  @Test func `times stand beside their floors`() throws {
    let run = try Workplace().run([
      "plan", "--network", "20-10-5 relu", "--optimizer", "adam", "--time",
    ])
    #expect(run.code == 0 && run.errors == "")
    #expect(run.output.contains("ratio"))
    #expect(run.lines.contains { $0.hasPrefix("limits of a thread: ") })
    #expect(run.lines.contains { $0.hasPrefix("whole: best ") && $0.contains("samples/s") })
  }

  @Test func `one object of JSON`() throws {
    let events = try Workplace().run(Self.nielsen + ["--json", "--time"]).events()
    let event = try #require(events.first)
    #expect(events.count == 1)
    #expect(event["event"] as? String == "plan" && event["batch_size"] as? Int == 10)
    let instructions = try #require(event["instructions"] as? [[String: Any]])
    #expect(instructions.count == 10)
    let product = instructions[8]
    #expect(product["kernel"] as? String == "gemm" && product["flops"] as? Int == 470_400)
    #expect((product["size"] as? [String: Any])?["k"] as? Int == 10)
    #expect((product["reads"] as? [[String: Any]])?.first?["name"] as? String == "input")
    let totals = try #require(event["totals"] as? [String: Any])
    let flops = instructions.compactMap { $0["flops"] as? Int }.reduce(0, +)
    #expect(totals["flops"] as? Int == flops)
    let memory = try #require(event["memory"] as? [String: Any])
    let parts = ["parameters", "variables", "optimizer", "arena", "scratch", "constants", "batch"]
    #expect(memory["total"] as? Int == parts.compactMap { memory[$0] as? Int }.reduce(0, +))
    for instruction in instructions {
      let best = try #require(instruction["best_seconds"] as? Double)
      let floor = try #require(instruction["floor_seconds"] as? Double)
      #expect(best >= 0 && floor >= 0)
    }
    #expect((event["times"] as? [String: Any])?["best_seconds"] as? Double ?? 0 > 0)
  }

  @Test func `prediction has no update`() throws {
    let run = try Workplace().run(Self.nielsen + ["--predict"])
    #expect(run.code == 0 && run.errors == "")
    #expect(!run.output.contains("Aᵀ") && !run.output.contains("memory of train"))
  }

  @Test func `a run is shown with its own settings`() throws {
    let place = try Workplace()
    let train = try place.run([
      "train", "iris", "--network", "6 relu", "--optimizer", "momentum", "--epochs", "1",
      "--batch-size", "7", "--output", "r", "--quiet",
    ])
    #expect(train.code == 0)
    let run = try place.run(["plan", "r"])
    #expect(run.code == 0 && run.errors == "")
    #expect(
      run.lines.first?.hasPrefix("4-6-3 relu identity, softmax-cross-entropy, momentum:") == true)
    #expect(run.lines.first?.contains("batch 7, ") == true)
    #expect(try place.run(["plan", "r", "--batch-size", "9"]).output.contains("batch 9, "))
  }

  @Test(arguments: [
    (
      [],
      "which plan? Name a run folder, or a network as in --network \"784-30-10 sigmoid\""
    ),
    (["nowhere"], "cannot read nowhere/run.json: No such file or directory"),
    (["r", "--network", "5 relu"], "a run stands alone; leave '5 relu' out"),
    (["--network", "5 relu"], "the network '5 relu' leaves its inputs open; say --inputs"),
    (
      ["--network", "_-5-_ relu", "--inputs", "3"],
      "the network '_-5-_ relu' leaves its outputs open; say --outputs"
    ),
    (
      ["--network", "4-5-3 relu", "--batch-size", "0"],
      "batch-size is 0; expected a whole number of at least 1"
    ),
    (
      ["--network", "4-5-3 relu", "--batch-size", "999999999999"],
      "batch-size is 999999999999; a plan holds up to 2³¹ − 1 numbers a value"
    ),
  ])
  func `errors`(_ arguments: [String], _ message: String) throws {
    let run = try Workplace().run(["plan"] + arguments)
    #expect(run.errors == "backprop: error: \(message)\n")
    #expect(run.code == 1 && run.output == "")
  }
}
