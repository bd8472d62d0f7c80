import Foundation
import Testing

/// `report.html` against `metrics.jsonl`.
@Suite struct RunPageTests {
  @Test func everyFigureIsThatOfTheMetrics() throws {
    let place = try Workplace()
    #expect(try place.run(["train", "iris", "--epochs", "4", "--quiet"]).code == 0)
    let page = try place.text("runs/iris-1/report.html")
    let lines = try place.text("runs/iris-1/metrics.jsonl").split(separator: "\n").map(String.init)
    let shown = Set(page.matches(of: /<data value="([^"]*)"/).map { String($0.1) })
    #expect(shown.count > 20)
    for figure in shown {
      let isThere = lines.contains { $0.contains(":\(figure),") || $0.contains(":\(figure)}") }
      #expect(isThere, "\(figure)")
    }
    let end = try #require(lines.last)
    for match in end.matches(of: /"(last_)?test_[a-z_]*":([-0-9.e]+)/) {
      #expect(shown.contains(String(match.2)), "\(match.0)")
    }
    for line in lines where line.contains("\"event\":\"epoch\"") {
      for match in line.matches(of: /"(loss|validation_[a-z_0-9]*)":([-0-9.e]+)/) {
        #expect(shown.contains(String(match.2)), "\(match.0)")
      }
    }
    // The counts of the confusion matrix, row by row.
    let titles = page.matches(of: /<title>([a-z]+) taken for ([a-z]+): ([0-9]+)<\/title>/)
    #expect(titles.count == 9)
    let counts = titles.map { String($0.3) }
    let rows = stride(from: 0, to: 9, by: 3).map { counts[$0..<$0 + 3].joined(separator: ",") }
    #expect(end.contains("\"test_confusion\":[[\(rows.joined(separator: "],["))]]"))
  }

  @Test func namesAreEscapedAndThePageIsWhole() throws {
    let place = try Workplace()
    var text = "x,\"<b> & \"\"q\"\"\",y\n"
    for row in 0..<90 {
      let name = ["a<b>&\"\"c\"\"", "</script>", "plain"][row % 3]
      text += "\(row % 3),\(row % 5),\"\(name)\"\n"
    }
    try place.write("t.csv", Array(text.utf8))
    #expect(try place.run(["train", "t.csv", "--epochs", "2", "--quiet"]).errors == "")
    let page = try place.text("runs/t-1/report.html")
    #expect(page.contains("a&lt;b&gt;&amp;&quot;c&quot;"))
    #expect(page.contains("&lt;b&gt; &amp; &quot;q&quot;"))
    for wrong in ["a<b>", "</script>", "<script", "http:", "https:", "<link", "@import", "url("] {
      #expect(!page.contains(wrong), "\(wrong)")
    }
    try Self.checkNesting(page)
    for head in ["Learning curves", "Test", "Network", "Data", "Configuration"] {
      #expect(page.contains("<h2>\(head)</h2>"), "\(head)")
    }
  }

  @Test func numbersAreShownPredictedAgainstActual() throws {
    let place = try Workplace()
    var text = "x,y\n"
    for row in 0..<200 { text += "\(row),\(Double(row) * 0.37 + 0.01)\n" }
    try place.write("t.csv", Array(text.utf8))
    #expect(try place.run(["train", "t.csv", "--epochs", "2", "--quiet"]).errors == "")
    let page = try place.text("runs/t-1/report.html")
    try Self.checkNesting(page)
    #expect(page.matches(of: /<circle class="dot"/).count == 40)
    let end = try place.text("runs/t-1/metrics.jsonl").split(separator: "\n").last ?? ""
    #expect(end.contains("\"test_actual_predicted\":[["))
  }

  /// Every element is closed where it belongs.
  private static func checkNesting(_ page: String) throws {
    var open: [Substring] = []
    for match in page.matches(of: /<(\/?)([a-zA-Z0-9]+)[^>]*>/) {
      if match.2 == "meta" { continue }
      if match.1.isEmpty {
        open.append(match.2)
      } else {
        #expect(open.popLast() == match.2)
      }
    }
    #expect(open.isEmpty)
  }
}
