import Backprop
import Testing

@testable import BackpropCommand

@Suite struct TablesTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (-12.346, 2, "-12.35"), (7.5, 0, "8"),
    (99.996, 2, "100.00"), (0.012, 3, "0.012"), (.infinity, 2, "inf"), (1e20, 2, "1e+20"),
  ]) func fixedDecimals(value: Double, decimals: Int, text: String) {
    #expect(fixed(value, decimals) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (1.23456, "1.2346"), (0.123456, "0.12346"), (12.3456, "12.346"),
    (0.00123456, "0.0012346"),
    (3.510187e-5, "3.5102e-5"), (9.99999e-6, "1.0000e-5"), (123456, "1.2346e5"), (.nan, "nan"),
  ]) func fiveDigits(value: Double, text: String) { #expect(figure(value) == text) }

  @Test func thousands() {
    #expect(
      [0, 999, 1000, 1_234_567, -1000].map(grouped) == ["0", "999", "1,000", "1,234,567", "-1,000"])
  }

  @Test func confusionAbridgesLongNames() throws {
    let matrix = try ConfusionMatrix(predicted: [0, 1, 1], actual: [0, 1, 0], classes: 2)
    #expect(
      confusionTable(matrix, names: ["T-shirt/top", "bag"]) == [
        "             predicted",
        "actual       T-shir.  bag   recall",
        "T-shirt/top        1    1   50.0 %",
        "bag                .    1  100.0 %",
      ])
  }
}
