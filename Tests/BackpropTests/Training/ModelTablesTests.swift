import Testing

@testable import Backprop

/// Models of tables: saved with their preprocessing, and judged.
@Suite struct ModelTablesTests {
  private static let text: String = {
    var text = "x,kind,y\n"
    for row in 0..<60 {
      let x = Double(row * 23 % 60) / 10
      text += "\(x),\(row % 3 == 0 ? "a" : "b"),\(500 + 20 * x + (row % 3 == 0 ? 30 : 0))\n"
    }
    return text
  }()

  private func step(_ split: TableSplit, loss: some Loss) throws -> TrainingStep {
    let specification = try NetworkSpecification(parsing: "_-16-_ tanh").resolved(
      inputs: split.preprocessing.featureCount,
      outputs: split.preprocessing.targetSpecification.outputs, loss: loss,
      isClassification: split.data.training.isClassification)
    return try TrainingStep(
      MultilayerPerceptron(specification), loss: loss, optimizer: Adam(learningRate: 0.02),
      input: .float([split.preprocessing.featureCount]),
      target: split.preprocessing.targetSpecification)
  }

  @Test func aSavedModelKnowsItsColumns() throws {
    let folder = try TemporaryFolder()
    let table = try Table(parsing: Self.text, name: "t.csv")
    let split = try table.split(TableSplitting(key: RandomKey(1)))
    let step = try step(split, loss: .meanSquaredError)
    let fit = try Trainer(step).fit(split.data, epochs: 60, batchSize: 8, patience: 20)
    let model = fit.model.preprocessed(by: split.preprocessing)
    try model.save(to: folder.path)
    let read = try Model(contentsOf: folder.path)
    #expect(read.preprocessing == split.preprocessing)
    let rows = try Table(parsing: "kind,x\na,1.5\nb,3\n", name: "new.csv")
    let prediction = try #require(try read.predict(rows))
    #expect(prediction.numbers == (try model.predict(rows))?.numbers)
    let values = try #require(prediction.numbers).array(of: Double.self)
    #expect(abs(values[0] - 560) < 15 && abs(values[1] - 560) < 15)

    // Figures are in the units of the file, and those of the predictions.
    var warnings = TableWarnings()
    let told = try read.evaluate(on: table, warnings: &warnings)
    let all = try #require(try read.predict(table)?.numbers).array(of: Double.self)
    let actual = (0..<table.count).map { Double(table[$0, "y"]!)! }
    let rmse = try Metrics.rootMeanSquaredError(predicted: all, actual: actual)
    #expect(abs(try #require(told.rmse) - rmse) < 1e-3)
    let baseline = try Baseline(training: split.data.training, on: split.data.test)
    #expect(baseline.figures.first { $0.name == "r2" }!.value <= 0)
  }

  @Test func probabilitiesSumToOneAndAreJudged() throws {
    let table = try Table(parsing: Self.text, name: "t.csv")
    let options = TableOptions(targets: ["kind"])
    let split = try table.split(TableSplitting(key: RandomKey(2)), options: options)
    let step = try step(split, loss: .softmaxCrossEntropy)
    let fit = try Trainer(step).fit(split.data, epochs: 5, batchSize: 8)
    let model = fit.model.preprocessed(by: split.preprocessing)
    let prediction = try #require(try model.predict(table))
    let numbers = try #require(prediction.numbers).array(of: Double.self)
    for row in 0..<table.count { #expect(abs(numbers[2 * row] + numbers[2 * row + 1] - 1) < 1e-6) }
    var warnings = TableWarnings()
    let result = try model.evaluate(on: table, warnings: &warnings)
    #expect(abs(try #require(result.logLoss) - result.loss) < 1e-5)
    #expect(try #require(result.rocAUC) >= 0 && result.figures.count == 8)
  }

  @Test func learningRatesRiseUntilTheCostDoes() throws {
    let table = try Table(parsing: Self.text, name: "t.csv")
    let split = try table.split(TableSplitting(key: RandomKey(3)))
    let trainer = Trainer(try step(split, loss: .meanSquaredError))
    let search = try trainer.findLearningRate(split.data.training, batchSize: 8)
    #expect(search.points.first?.rate == 1e-6)
    #expect(zip(search.points, search.points.dropFirst()).allSatisfy { $0.rate < $1.rate })
    let suggestion = try #require(search.suggestion)
    #expect(suggestion > 1e-5 && suggestion < 1)
    #expect(throws: ConfigurationError.self) {
      _ = try trainer.findLearningRate(split.data.training, in: 0...1)
    }
  }

  @Test func aModelOfNoTableTakesNoRows() throws {
    let table = try Table(parsing: Self.text, name: "t.csv")
    let split = try table.split(TableSplitting(key: RandomKey(1)))
    let step = try step(split, loss: .meanSquaredError)
    let model = Model(step: step, state: try step.initialState(seed: 0))
    #expect(throws: ConfigurationError.self) { _ = try model.predict(table) }
  }
}
