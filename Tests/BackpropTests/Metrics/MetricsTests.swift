import Backprop
import Testing

@Suite struct MetricsTests {
  @Test func classification() throws {
    #expect(try Metrics.accuracy(predicted: [0, 1, 2, 1], actual: [0, 1, 1, 1]) == 0.75)
    #expect(
      try Metrics.classes(ofHighest: [1, 3, 2, 5, 5, 1, -2, -1, -3], classes: 3) == [1, 0, 1])
    #expect(try Metrics.classes(ofHighest: [1, 2], classes: 1) == [0, 0])
    expectError("classes of [4]: the scores are no rows of 3") {
      _ = try Metrics.classes(ofHighest: [1, 2, 3, 4], classes: 3)
    }
  }

  /// scikit-learn: r2_score([3, −.5, 2, 7], [2.5, 0, 2, 8]) = 0.948…, and the two-column example of
  /// its manual.
  @Test func regression() throws {
    let actual = [3, -0.5, 2, 7]
    let predicted = [2.5, 0, 2, 8]
    let close = Tolerance(relative: 1e-14)
    expectClose(try Metrics.r2(predicted: predicted, actual: actual), 0.9486081370449679, close)
    expectClose(
      try Metrics.r2(
        predicted: [0, 2, -1, 2, 8, -5], actual: [0.5, 1, -1, 1, 7, -6], outputs: 2),
      0.9368005266622779, close)
    #expect(try Metrics.meanAbsoluteError(predicted: predicted, actual: actual) == 0.5)
    expectClose(
      try Metrics.rootMeanSquaredError(predicted: predicted, actual: actual), 0.375.squareRoot(),
      close)
    #expect(try Metrics.r2(predicted: [2, 2], actual: [2, 2]) == 1)
    #expect(try Metrics.r2(predicted: [2, 3], actual: [2, 2]) == 0)
    #expect(try Metrics.r2(predicted: [1.5, 1.5], actual: [1, 2]) == 0)
  }

  @Test func refusesWhatDoesNotFit() {
    expectError(
      "accuracy of [1] and [2]: expected as many predictions as true values, and one at least"
    ) {
      _ = try Metrics.accuracy(predicted: [1], actual: [1, 2])
    }
    expectError("r2 of [0] and [0]: expected as many predictions as true values, and one at least")
    {
      _ = try Metrics.r2(predicted: [], actual: [])
    }
    expectError("r2 of [3]: the numbers are no rows of 2") {
      _ = try Metrics.r2(predicted: [1, 2, 3], actual: [1, 2, 3], outputs: 2)
    }
  }
}

@Suite struct ConfusionMatrixTests {
  @Test func counts() throws {
    let matrix = try ConfusionMatrix(
      predicted: [0, 1, 1, 2, 0], actual: [0, 1, 0, 1, 0], classes: 4)
    #expect(matrix.counts == [[2, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    #expect(matrix.accuracy == 0.6)
    #expect(matrix.precision(of: 0) == 1 && matrix.precision(of: 1) == 0.5)
    #expect(matrix.precision(of: 2) == 0 && matrix.precision(of: 3) == nil)
    #expect(matrix.recall(of: 1) == 0.5 && matrix.recall(of: 2) == nil)
  }

  @Test func refusesAClassOutside() {
    expectError("confusion-matrix: class 3; expected classes from 0 to 2") {
      _ = try ConfusionMatrix(predicted: [0, 3], actual: [0, 1], classes: 3)
    }
    expectError("confusion-matrix: class -1; expected classes from 0 to 2") {
      _ = try ConfusionMatrix(predicted: [0, 0], actual: [0, -1], classes: 3)
    }
  }
}
