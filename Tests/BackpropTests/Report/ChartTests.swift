import Testing

@testable import Backprop

/// The parts that a report is drawn of.
@Suite struct ChartTests {
  @Test func anAxisHasRoundMarks() {
    let axis = Axis(covering: [0.03, 0.97])
    #expect(axis.marks.map(axis.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(axis.place(axis.low) == 0 && axis.place(axis.high) == 1)
    let epochs = Axis(covering: [1, 30], tight: true, whole: true)
    #expect(epochs.marks.map(epochs.label) == ["5", "10", "15", "20", "25", "30"])
    #expect(epochs.low == 1 && epochs.high == 30)
  }

  @Test func anAxisOfWideNumbersIsLogarithmic() {
    let axis = Axis(covering: [0.002, 5], logarithmic: true)
    #expect(axis.isLogarithmic)
    #expect(axis.marks.map(axis.label) == ["0.01", "0.1", "1"])
    #expect(!Axis(covering: [0, 5], logarithmic: true).isLogarithmic)
    #expect(!Axis(covering: [1, 5], logarithmic: true).isLogarithmic)
  }

  @Test(arguments: [[], [3.5], [0, 0], [.nan, .infinity], [-1e-300, 1e-300], [1e200, 1e201]])
  func anAxisStandsEvenForOddNumbers(values: [Double]) {
    for isLogarithmic in [false, true] {
      let axis = Axis(covering: values, logarithmic: isLogarithmic, tight: true)
      #expect(axis.high > axis.low)
      #expect(axis.marks.count < 20)
      for value in values where value.isFinite { #expect(axis.place(value).isFinite) }
    }
  }

  @Test func numbersReadWell() {
    #expect(Markup.number(0.041234) == "0.04123")
    #expect(Markup.number(-12.34567) == "−12.35")
    #expect(Markup.number(1.5e-7, digits: 2) == "1.5e−7")
    #expect(Markup.number(.nan) == "NaN")
    #expect(Markup.figure(.number(0.875), isPart: true) == "<data value=\"0.875\">87.50 %</data>")
    #expect(Markup.figure(.null) == "–")
  }

  @Test func textIsEscaped() {
    #expect(Markup.escaped("<a & \"b\">") == "&lt;a &amp; &quot;b&quot;&gt;")
    #expect(Markup.escaped("a\u{0}\nb") == "a\u{fffd} b")
  }

  @Test func aReportOfNothingIsAPage() {
    let page = RunReport(title: "<t>", result: "r", events: []).html
    #expect(page.contains("<h1>&lt;t&gt;</h1>"))
    #expect(!page.contains("<h2>"))
  }

  @Test func atMostTwoThousandPointsAreKept() {
    var details = TestDetails()
    details.actual = (0..<9001).map(Double.init)
    details.predicted = details.actual
    let points = details.jsonMembers.first { $0.name == "test_actual_predicted" }?.value.elements
    #expect((points?.count ?? 0) > 1500 && (points?.count ?? 0) <= 2000)
  }
}
