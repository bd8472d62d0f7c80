import Foundation
import Testing

@Suite struct TrainCommandTests {
  private static let files = [
    "config.yaml", "metrics.jsonl", "model.json", "model.safetensors", "report.html", "run.json",
  ]

  @Test func jsonTellsStartEpochsAndEnd() throws {
    let place = try Workplace()
    let run = try place.run(["train", "digits", "--epochs", "3", "--json"])
    #expect(run.code == 0)
    #expect(run.errors == "")
    let events = try run.events()
    #expect(events.map { $0["event"] as? String } == ["start", "epoch", "epoch", "epoch", "end"])
    #expect(events[0]["network"] as? String == "64-128-10 relu identity")
    #expect(events[0]["training_samples"] as? Int == 1257)
    #expect(events[0]["parameters"] as? Int == 9610)
    for (number, event) in events[1...3].enumerated() {
      #expect(event["epoch"] as? Int == number + 1)
      for name in [
        "loss", "validation_loss", "validation_accuracy", "seconds", "samples_per_second",
      ] { #expect(event[name] is Double, "\(name)") }
    }
    let end = events[4]
    for name in [
      "test_loss", "test_accuracy", "last_test_loss", "last_test_accuracy", "train_seconds",
      "samples_per_second",
    ] { #expect(end[name] is Double, "\(name)") }
    #expect(end["run"] as? String == "runs/digits-1")
    let losses = events[1...3].compactMap { $0["validation_loss"] as? Double }
    #expect(end["best_epoch"] as? Int == losses.firstIndex(of: losses.min()!)! + 1)
    #expect(end["test_accuracy"] as! Double > 0.85)
  }

  @Test func runFolderHoldsItsFilesAndNothingElse() throws {
    let place = try Workplace()
    for _ in 1...2 { #expect(try place.run(["train", "xor", "--epochs", "2"]).code == 0) }
    let output = try place.run(["train", "xor", "--epochs", "2", "--output", "some/where/"])
    #expect(output.lines.last == "run some/where")
    let runs = ["runs", "runs/xor-1", "runs/xor-2", "some", "some/where"]
    let files = ["runs/xor-1", "runs/xor-2", "some/where"].flatMap { folder in
      Self.files.map { "\(folder)/\($0)" }
    }
    let checkpoints = place.contents.filter { $0.contains("/checkpoints") }
    #expect(place.contents.filter { !checkpoints.contains($0) } == (runs + files).sorted())
    #expect(checkpoints.contains("some/where/checkpoints/checkpoint-000001.safetensors"))
    let metrics = try place.text("runs/xor-1/metrics.jsonl").split(separator: "\n")
    #expect(metrics.count == 4)
    #expect(metrics[0].hasPrefix("{\"event\":\"start\""))
    #expect(metrics[3].hasPrefix("{\"event\":\"end\""))
    let record = try place.text("runs/xor-1/run.json")
    for part in ["\"seed\": 0", "\"random_version\": 1", "\"kernels\"", "\"flushes_denormals\""] {
      #expect(record.contains(part), "\(part)")
    }
  }

  @Test(arguments: [["digits", "--split-seed", "7"], ["iris", "--split-seed", "3"], ["xor"]])
  func evaluateReproducesTheTest(data: [String]) throws {
    let place = try Workplace()
    let trained = try place.run(["train"] + data + ["--epochs", "4", "--json"]).events()
    let run = try place.run(["evaluate", "runs/\(data[0])-1", "--json"])
    let evaluated = try run.events()
    #expect(evaluated.count == 1)
    for name in ["test_loss", "test_accuracy"] {
      #expect(evaluated[0][name] as? Double == trained.last?[name] as? Double, "\(name)")
    }
  }

  @Test func evaluateKnowsNothingOfTheLastEpoch() throws {
    let place = try Workplace()
    // The rate grows until the network is worse than before: best and last differ.
    let trained = try place.run([
      "train", "iris", "--epochs", "12", "--optimizer", "sgd", "--learning-rate", ".1",
      "--schedule", "exponential:factor=1.03", "--json",
    ]).events()
    let end = try #require(trained.last)
    #expect(end["best_epoch"] as! Int != 12)
    #expect(end["test_loss"] as! Double != end["last_test_loss"] as! Double)
    let evaluated = try place.run(["evaluate", "runs/iris-1", "--json"]).events()
    #expect(evaluated[0]["test_loss"] as? Double == end["test_loss"] as? Double)
  }

  @Test func ofEqualEpochsTheEarlierIsBest() throws {
    let place = try Workplace()
    // So small a rate is 0 in float32: the network never changes.
    let arguments = [
      "train", "xor", "--optimizer", "sgd", "--learning-rate", "1e-60", "--epochs", "3", "--json",
    ]
    let events = try place.run(arguments).events()
    let losses = events[1...3].compactMap { $0["validation_loss"] as? Double }
    #expect(Set(losses).count == 1)
    #expect(events.last?["best_epoch"] as? Int == 1)
  }

  @Test func threadsChangeNoFigure() throws {
    let place = try Workplace()
    func losses(_ threads: String) throws -> [Double] {
      try place.run(["train", "digits", "--epochs", "2", "--threads", threads, "--json"]).events()
        .compactMap { ($0["loss"] ?? $0["test_loss"]) as? Double }
    }
    let one = try losses("1")
    #expect(one.count == 3)
    #expect(try losses("3") == one)
  }

  @Test(arguments: ["0", "1", "2"]) func xorIsLearnt(seed: String) throws {
    let end = try Workplace().run(["train", "xor", "--seed", seed, "--json"]).events().last
    #expect(end?["test_accuracy"] as? Double == 1)
    #expect((end?["classes_never_predicted"] as? [String])?.isEmpty == true)
  }

  @Test func classesThatDieAreNamed() throws {
    let place = try Workplace()
    let arguments = [
      "train", "digits", "--batch-size", "100000", "--epochs", "1", "--initializer", "zeros",
    ]
    let never = try place.run(arguments + ["--json"]).events().last?["classes_never_predicted"]
    #expect((never as? [String])?.count == 9)
    let text = try place.run(arguments + ["--quiet"])
    #expect(text.lines.count == 4)
    #expect(text.lines[2].hasPrefix("never predicted in the test: class "))
  }

  @Test func quietPrintsTestAndRun() throws {
    let lines = try Workplace().run(["train", "iris", "--quiet"]).lines
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("test, best epoch "))
    #expect(lines[1].hasPrefix("test, last epoch 60: loss "))
    #expect(lines[2] == "run runs/iris-1")
  }

  @Test func textShowsNetworkEpochsAndConfusion() throws {
    let run = try Workplace().run(["train", "iris", "--epochs", "2"])
    #expect(run.code == 0)
    for part in [
      "iris: 105 training, 15 validation, 30 test samples; 4 inputs, 3 classes",
      "network 4-16-3 tanh identity", "hidden  [4, 16]          80  tanh",
      "output  [16, 3]          51  identity", "total                   131",
      " epoch       loss   val loss  val accuracy  seconds  samples/s", "predicted", "versic.",
    ] { #expect(run.output.contains(part), "\(part) in \(run.output)") }
  }
}
