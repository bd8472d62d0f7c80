import Backprop
import Foundation
import Testing

/// A person's own tables, from file to prediction.
@Suite struct TableCommandTests {
  /// 60 flowers of two kinds, with an identifier, a colour and a size that tell them apart.
  static func flowers(_ count: Int = 60) -> String {
    var text = "id,size,colour,weight,species\n"
    for row in 0..<count {
      let isRose = row % 2 == 0
      let size = Double(row % 7) * 0.25 + (isRose ? 1 : 4)
      let colour = isRose ? ["red", "white"][row % 4 / 2] : "yellow"
      text +=
        "\(row + 1),\(size),\(colour),\(10 + row % 5),\(isRose ? "rose" : "\"tulip, wild\"")\n"
    }
    return text
  }

  /// Values y = 1000 + 50·x in their own units.
  static func prices(_ count: Int = 80) -> String {
    var text = "x,noise,price\n"
    for row in 0..<count {
      let x = Double(row * 37 % count) / 4
      text += "\(x),\(row * 17 % 11),\(1000 + 50 * x)\n"
    }
    return text
  }

  private func write(_ place: Workplace, _ name: String, _ text: String) throws {
    try place.write(name, Array(text.utf8))
  }

  @Test func classesFromFileToPrediction() throws {
    let place = try Workplace()
    try write(place, "flowers.csv", Self.flowers())
    let trained = try place.run(["train", "flowers.csv", "--json"])
    #expect(trained.errors == "")
    let events = try trained.events()
    let start = try #require(events.first), end = try #require(events.last)
    #expect(start["targets"] as? [String] == ["species"])
    #expect(start["task"] as? String == "classes")
    #expect((start["notes"] as? [String])?.count == 2)
    #expect(start["network"] as? String == "5-64-2 relu identity")
    #expect(end["test_accuracy"] as? Double == 1)
    #expect(end["run"] as? String == "runs/flowers-1")
    let baseline = try #require(end["baseline"] as? [String: Any])
    #expect(baseline["accuracy"] as? Double == 0.5)
    for name in ["balanced_accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"] {
      #expect(end["test_\(name)"] is Double, "\(name)")
    }

    let evaluated = try place.run(["evaluate", "runs/flowers-1", "--json"]).events()
    #expect(evaluated[0]["test_loss"] as? Double == end["test_loss"] as? Double)

    let predicted = try place.run(["predict", "runs/flowers-1", "flowers.csv"])
    #expect(predicted.lines[0] == "row,prediction,probability_rose,\"probability_tulip, wild\"")
    #expect(predicted.lines.count == 61)
    #expect(predicted.lines[1].hasPrefix("1,rose,0.9"))
    #expect(
      predicted.lines[2].hasPrefix("2,\"tulip, wild\",0.0") || predicted.lines[2].contains("e-"))
  }

  @Test func numbersStayInTheirUnits() throws {
    let place = try Workplace()
    try write(place, "prices.csv", Self.prices())
    let end = try #require(
      try place.run(["train", "prices.csv", "--json", "--output", "run"]).events().last)
    #expect(try #require(end["test_r2"] as? Double) > 0.9)
    #expect(try #require(end["test_rmse"] as? Double) > 0.5)

    // What predict says of the file's rows gives the figures that evaluate tells.
    let rows = try place.run(["predict", "run", "prices.csv", "--json"]).events()
    let actual = Self.prices().split(separator: "\n").dropFirst().map {
      Double($0.split(separator: ",")[2])!
    }
    let predicted = rows.compactMap { $0["prediction"] as? Double }
    #expect(predicted.count == actual.count)
    let told = try place.run(["evaluate", "run", "prices.csv", "--json"]).events()[0]
    let rmse = try Metrics.rootMeanSquaredError(predicted: predicted, actual: actual)
    let r2 = try Metrics.r2(predicted: predicted, actual: actual)
    #expect(abs(try #require(told["test_rmse"] as? Double) - rmse) < 1e-3)
    #expect(abs(try #require(told["test_r2"] as? Double) - r2) < 1e-6)
  }

  @Test func predictReadsStandardInputAndColumnsInAnyOrder() throws {
    let place = try Workplace()
    try write(place, "prices.csv", Self.prices())
    #expect(try place.run(["train", "prices.csv", "--output", "run", "--epochs", "3"]).code == 0)
    try write(place, "turned.csv", "noise;x\n3;2,5\n1;7\n")
    try write(place, "plain.csv", "x,noise\n2.5,3\n7,1\n")
    let turned = try place.run(["predict", "run", "turned.csv"])
    #expect(turned.errors == "")
    #expect(try place.run(["predict", "run", "plain.csv"]).output == turned.output)
    let process = place.makeProcess(["predict", "run", "-", "--output", "out.csv"])
    process.standardInput = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: "\(place.path)/plain.csv"))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try place.text("out.csv") == turned.output)
  }

  @Test func labelsHaveProbabilitiesEach() throws {
    let place = try Workplace()
    var text = "x,y,big,tall\n"
    for row in 0..<80 {
      let (x, y) = (row * 29 % 80 - 40, row * 53 % 80 - 40)
      text += "\(x),\(y),\(x > 0 ? 1 : 0),\(y > 0 ? 1 : 0)\n"
    }
    try write(place, "labels.csv", text)
    let events = try place.run(
      ["train", "labels.csv", "--target", "big", "tall", "--json", "--output", "run"]
    ).events()
    #expect(events[0]["loss"] as? String == "sigmoid-cross-entropy")
    #expect(try #require(events.last?["test_accuracy"] as? Double) > 0.85)
    let lines = try place.run(["predict", "run", "labels.csv"]).lines
    #expect(lines[0] == "row,prediction_big,prediction_tall,probability_big,probability_tall")
  }

  @Test func foldsGiveMeanAndDeviationOfEveryMetric() throws {
    let place = try Workplace()
    try write(place, "flowers.csv", Self.flowers())
    let plain = try place.run(["train", "flowers.csv", "--json", "--epochs", "5"]).events()
    let folded = try place.run(
      ["train", "flowers.csv", "--json", "--epochs", "5", "--folds", "3"]
    ).events()
    let folds = try #require(folded.last?["folds"] as? [String: Any])
    #expect(folds["count"] as? Int == 3)
    let accuracy = try #require(folds["accuracy"] as? [String: Any])
    #expect((accuracy["values"] as? [Any])?.count == 3)
    #expect(accuracy["mean"] is Double && accuracy["deviation"] is Double)
    // The run itself is that without folds.
    #expect(folded.last?["test_loss"] as? Double == plain.last?["test_loss"] as? Double)
  }

  @Test func learningRatesAreTriedAndNothingIsSaved() throws {
    let place = try Workplace()
    try write(place, "prices.csv", Self.prices())
    let event = try place.run(["train", "prices.csv", "--find-learning-rate", "--json"]).events()[0]
    let suggestion = try #require(event["suggestion"] as? Double)
    #expect(suggestion > 1e-5 && suggestion < 1)
    let text = try place.run(["train", "prices.csv", "--find-learning-rate"])
    #expect(text.lines.last?.hasPrefix("suggestion: --learning-rate ") == true)
    #expect(place.contents == ["prices.csv"])
  }

  @Test func weightsGroupsAndMissingFieldsAreUsed() throws {
    let place = try Workplace()
    let lines = Self.prices().split(separator: "\n")
    var text = "\(lines[0]),w,g\n"
    for (row, line) in lines.dropFirst().enumerated() {
      let fields = line.split(separator: ",")
      text += "\(fields[0]),\(row % 9 == 0 ? "" : fields[1]),\(fields[2]),\(row % 3),\(row / 4)\n"
    }
    try write(place, "prices.csv", text)
    let flags = [
      "--target", "price", "--sample-weights", "w", "--group", "g", "--missing", "median",
      "--missing-indicators",
    ]
    let start = try place.run(["train", "prices.csv", "--json"] + flags).events()[0]
    #expect(start["network"] as? String == "3-64-1 relu identity")
    #expect(try place.run(["evaluate", "runs/prices-1"]).code == 0)
    let balanced = try place.run(["train", "iris", "--class-weights", "balanced", "--quiet"])
    #expect(balanced.code == 0)
  }

  @Test func changedFileIsNoTestPart() throws {
    let place = try Workplace()
    try write(place, "prices.csv", Self.prices())
    #expect(try place.run(["train", "prices.csv", "--epochs", "2"]).code == 0)
    try write(place, "prices.csv", Self.prices(90))
    let run = try place.run(["evaluate", "runs/prices-1"])
    #expect(run.code == 1)
    #expect(run.errors.contains("backprop evaluate runs/prices-1 prices.csv"))
    #expect(try place.run(["evaluate", "runs/prices-1", "prices.csv"]).code == 0)
  }

  @Test func arraysTrainToo() throws {
    let place = try Workplace()
    let x = (0..<60).map { Float($0 * 7 % 60) }
    try NPY.write(Tensor(x, shape: [60, 1]), to: "\(place.path)/x.npy")
    try NPY.write(Tensor(x.map { $0 * 3 + 100 }, shape: [60]), to: "\(place.path)/y.npy")
    let run = try place.run(["train", "x.npy", "--target-file", "y.npy", "--json"])
    #expect(try #require(run.events().last?["test_r2"] as? Double) > 0.9)
    #expect(try place.run(["evaluate", "runs/x-1"]).code == 0)
    let predicted = try place.run(["predict", "runs/x-1", "x.npy"]).lines
    #expect(predicted.count == 61 && predicted[0] == "row,prediction")
    #expect(try place.run(["train", "x.npy"]).errors.contains("--target-file"))
  }

  @Test(arguments: [
    ("iris.csv", [], 0.9), ("wine.csv", [], 0.9), ("breast_cancer.csv", [], 0.92),
    ("auto_mpg.csv", ["--drop", "car_name"], 0.75), ("diabetes.csv", [], 0.25),
  ])
  func storedTablesTrainWithoutSettings(file: String, flags: [String], least: Double) throws {
    let path = TablesFolder.path + file
    guard FileManager.default.fileExists(atPath: path) else { return }
    let place = try Workplace()
    let run = try place.run(["train", path, "--split-seed", "1", "--json"] + flags)
    let end = try #require(try run.events().last)
    let score = end["test_accuracy"] ?? end["test_r2"]
    #expect(try #require(score as? Double) > least)
  }
}

/// Where the tables of the project lie, if they are there.
enum TablesFolder {
  static let path: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let environment = ProcessInfo.processInfo.environment["BACKPROP_TABLES"]
    return (environment ?? root.deletingLastPathComponent().path + "/shared/data/tables") + "/"
  }()
}
