import Backprop
import Testing

/// Against the figures of scikit-learn in `Fixtures/metrics.json`; how they were made is said in
/// `make_metrics.py`.
@Suite struct MetricsFixtureTests {
  struct Cases: Decodable, Sendable {
    let classification: [Classification]
    let regression: [Regression]
  }
  struct Classification: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let classes: Int
    let actual, predicted: [Int]
    let probabilities: [Double]
    let accuracy, balancedAccuracy, logLoss: Double
    let rocAUC: Double?
    let precision, recall, f1: Figure
    let baselineClass: Int
    let baselineAccuracy: Double
    var testDescription: String { name }

    struct Figure: Sendable {
      let macro, weighted: Double
      let each: [Double]
    }

    private struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { return nil }
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      func value<T: Decodable>(_ key: String) throws -> T {
        try values.decode(T.self, forKey: Key(stringValue: key))
      }
      func figure(_ key: String) throws -> Figure {
        Figure(
          macro: try value("\(key)-macro"), weighted: try value("\(key)-weighted"),
          each: try value("\(key)-each"))
      }
      name = try value("name")
      classes = try value("classes")
      actual = try value("actual")
      predicted = try value("predicted")
      probabilities = try value("probabilities")
      accuracy = try value("accuracy")
      balancedAccuracy = try value("balancedAccuracy")
      logLoss = try value("logLoss")
      rocAUC = try value("rocAUC")
      (precision, recall, f1) = (try figure("precision"), try figure("recall"), try figure("f1"))
      baselineClass = try value("baselineClass")
      baselineAccuracy = try value("baselineAccuracy")
    }
  }
  struct Regression: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let outputs: Int
    let actual, predicted, training: [Double]
    let explainedVariance, r2: Double
    let baselineMeans: [Double]
    let baselineRMSE, baselineR2: Double
    var testDescription: String { name }
  }

  private static let cases: Cases = ArrayFixtures.load("metrics")
  private let close = Tolerance(relative: 1e-12, absolute: 1e-12)

  @Test(arguments: cases.classification)
  func classification(_ it: Classification) throws {
    let (predicted, actual, classes) = (it.predicted, it.actual, it.classes)
    #expect(try Metrics.classes(ofHighest: it.probabilities, classes: classes) == predicted)
    let table = try ClassTable(
      ConfusionMatrix(predicted: predicted, actual: actual, classes: classes))
    expectClose(table.accuracy, it.accuracy, close)
    expectClose(table.balancedAccuracy, it.balancedAccuracy, close)
    expectClose(
      try Metrics.balancedAccuracy(predicted: predicted, actual: actual, classes: classes),
      it.balancedAccuracy, close)
    expectClose(table.rows.map(\.precision), it.precision.each, close, "precision")
    expectClose(table.rows.map(\.recall), it.recall.each, close, "recall")
    expectClose(table.rows.map(\.f1), it.f1.each, close, "f1")
    #expect(table.rows.map(\.support) == (0..<classes).map { k in actual.count { $0 == k } })
    #expect(table.rows.map(\.predicted) == (0..<classes).map { k in predicted.count { $0 == k } })

    for average in ClassAverage.allCases {
      let row = average == .macro ? table.macro : table.weighted
      let figures = [
        (
          it.precision, row.precision,
          try Metrics.precision(
            predicted: predicted, actual: actual, classes: classes, average: average)
        ),
        (
          it.recall, row.recall,
          try Metrics.recall(
            predicted: predicted, actual: actual, classes: classes, average: average)
        ),
        (
          it.f1, row.f1,
          try Metrics.f1(predicted: predicted, actual: actual, classes: classes, average: average)
        ),
      ]
      for (figure, inTable, found) in figures {
        expectClose(found, average == .macro ? figure.macro : figure.weighted, close)
        #expect(inTable == found)
      }
    }
    #expect(try Metrics.baselineClass(training: actual) == it.baselineClass)
    expectClose(
      try Metrics.baselineAccuracy(training: actual, actual: actual), it.baselineAccuracy, close)
  }

  @Test(arguments: cases.classification)
  func probabilities(_ it: Classification) throws {
    let (scores, actual, classes) = (it.probabilities, it.actual, it.classes)
    expectClose(
      try Metrics.logLoss(probabilities: scores, actual: actual, classes: classes), it.logLoss,
      close)
    let area = try Metrics.rocAUC(scores: scores, actual: actual, classes: classes)
    #expect((area == nil) == (it.rocAUC == nil))
    if let area, let expected = it.rocAUC { expectClose(area, expected, close) }
    guard classes == 2 else { return }
    let ofOne = stride(from: 1, to: scores.count, by: 2).map { scores[$0] }
    #expect(try Metrics.rocAUC(scores: ofOne, actual: actual) == area)
    expectClose(try Metrics.logLoss(probabilities: ofOne, actual: actual), it.logLoss, close)
  }

  @Test(arguments: cases.regression)
  func regression(_ it: Regression) throws {
    let (predicted, actual, outputs) = (it.predicted, it.actual, it.outputs)
    expectClose(
      try Metrics.explainedVariance(predicted: predicted, actual: actual, outputs: outputs),
      it.explainedVariance, close)
    expectClose(
      try Metrics.r2(predicted: predicted, actual: actual, outputs: outputs), it.r2, close)
    expectClose(
      try Metrics.baselineMeans(training: it.training, outputs: outputs), it.baselineMeans, close)
    expectClose(
      try Metrics.baselineRootMeanSquaredError(
        training: it.training, actual: actual, outputs: outputs), it.baselineRMSE, close)
    let guess = try Metrics.baselinePredictions(
      training: it.training, outputs: outputs, samples: actual.count / outputs)
    expectClose(
      try Metrics.r2(predicted: guess, actual: actual, outputs: outputs), it.baselineR2, close)
  }

  /// Scores .1 .4 .35 .8 of classes 0 0 1 1: three of four pairs are in order.
  @Test func areaByHand() throws {
    #expect(try Metrics.rocAUC(scores: [0.1, 0.4, 0.35, 0.8], actual: [0, 0, 1, 1]) == 0.75)
    #expect(
      try Metrics.rocAUC(scores: [-.infinity, 0, 0, .infinity], actual: [0, 0, 1, 1]) == 0.875)
    #expect(try Metrics.rocAUC(scores: [1, 2], actual: [1, 1]) == nil)
  }

  @Test func refusesWhatDoesNotFit() throws {
    expectError("roc-auc of [3] and [2]: expected 1 score a sample, and one sample at least") {
      _ = try Metrics.rocAUC(scores: [1, 2, 3], actual: [0, 1])
    }
    expectError("roc-auc of [3] and [2]: expected 2 scores a sample, and one sample at least") {
      _ = try Metrics.rocAUC(scores: [1, 2, 3], actual: [0, 1], classes: 2)
    }
    expectError("roc-auc: class 2; expected classes from 0 to 1") {
      _ = try Metrics.rocAUC(scores: [1, 2], actual: [0, 2])
    }
    expectError("roc-auc of [2]: the score of sample 1 is NaN") {
      _ = try Metrics.rocAUC(scores: [1, .nan], actual: [0, 1])
    }
    expectError("roc-auc: 1 classes; expected 2 or more") {
      _ = try Metrics.rocAUC(scores: [1], actual: [0], classes: 1)
    }
    expectError("log-loss: 0 classes; expected 2 or more") {
      _ = try Metrics.logLoss(probabilities: [], actual: [], classes: 0)
    }
    expectError("log-loss of [2]: 1.5 is not a probability") {
      _ = try Metrics.logLoss(probabilities: [0, 1.5], actual: [0, 1])
    }
    expectError("log-loss of [0] and [0]: expected 1 score a sample, and one sample at least") {
      _ = try Metrics.logLoss(probabilities: [], actual: [])
    }
    expectError("explained-variance of [3]: the numbers are no rows of 2") {
      _ = try Metrics.explainedVariance(predicted: [1, 2, 3], actual: [1, 2, 3], outputs: 2)
    }
    expectError("baseline of [0]: expected one training sample at least") {
      _ = try Metrics.baselineClass(training: [])
    }
    expectError("baseline of [3]: the numbers are no rows of 2, one at least") {
      _ = try Metrics.baselineMeans(training: [1, 2, 3], outputs: 2)
    }
    expectError("class-table: 1 names for 2 classes") {
      _ = try ClassTable(
        ConfusionMatrix(predicted: [0], actual: [0], classes: 2), names: ["a"])
    }
  }
}
