import Comparison
import Testing

@Suite struct SummaryTests {
  static let folder = String(#filePath.dropLast("/Tests/ComparisonTests/SummaryTests.swift".count))

  static func record(
    _ peer: String, _ seconds: Double, loss: Double = 0.22059, threads: Int = 1,
    foreign: Double = 0
  ) -> Record {
    var record = Record(name: "nielsen-30", peer: peer, threads: threads)
    record.setEpochs(wall: [seconds], cpu: [seconds], samples: 50_000)
    (record.finalLoss, record.foreignCPU) = (loss, foreign)
    return record
  }

  static func summary(_ records: [Record]) throws -> Summary {
    let benchmark = try #require(BenchmarkCases(folder: folder).byName["nielsen-30"])
    return Summary(title: "nielsen-30", records: records, benchmark: benchmark, isTrial: false)
  }

  @Test func comparesTheBestAndTheMedian() throws {
    let records = [
      Self.record("backprop", 0.1), Self.record("numpy", 0.4), Self.record("backprop", 0.2),
      Self.record("numpy", 0.4), Self.record("backprop", 0.25), Self.record("numpy", 0.8),
      Self.record("jax-scan", 0.2),
    ]
    let rows = try Self.summary(records).rows
    #expect(rows.map(\.label) == ["backprop", "jax-scan", "numpy"])
    #expect(rows[0].best == 500_000 && rows[0].median == 250_000)
    #expect(rows[2].bestRatio == 4 && rows[2].medianRatio == 2)
    #expect(rows[0].bestRatio == nil)
    #expect(rows.map(\.rounds) == [3, 1, 3])
  }

  @Test func countsQuietRoundsOnlyWithTwoThreads() throws {
    let records = [
      Self.record("backprop", 0.1, threads: 2, foreign: 0.5),
      Self.record("backprop", 0.2, threads: 2, foreign: 0.1),
      Self.record("numpy", 0.4, threads: 2, foreign: 0.2),
    ]
    let summary = try Self.summary(records)
    #expect(summary.rows[0].best == 250_000 && summary.rows[0].counted == 1)
    #expect(summary.rows[1].best.isNaN && summary.rows[1].counted == 0)
    #expect(summary.markdown.contains("1 of 2"))
  }

  @Test func marksAnotherLoss() throws {
    let same = [Self.record("backprop", 0.1), Self.record("numpy", 0.4, loss: 0.220594)]
    #expect(try Report([Self.summary(same)], facts: []).hasEqualLosses)
    let other = same + [Self.record("jax-scan", 0.2, loss: 0.2207)]
    let report = try Report([Self.summary(other)], facts: ["a fact"])
    #expect(!report.hasEqualLosses)
    #expect(report.markdown.contains("**0.22070**"))
    #expect(report.markdown.hasPrefix("- a fact\n"))
    var incomparable = Self.record("sklearn", 0.2, loss: 0.65)
    incomparable.isComparable = false
    #expect(try Report([Self.summary(same + [incomparable])], facts: []).hasEqualLosses)
  }

  /// In a trial no loss is written down: the sides are compared with each other.
  @Test func comparesLossesOfATrial() throws {
    let benchmark = try #require(BenchmarkCases(folder: Self.folder).byName["nielsen-30"])
    for (loss, isOff) in [(0.4468, false), (0.45, true)] {
      let records = [
        Self.record("backprop", 0.1, loss: loss), Self.record("jax-scan", 0.2, loss: 0.4468),
      ]
      let summary = Summary(title: "trial", records: records, benchmark: benchmark, isTrial: true)
      #expect(summary.rows[0].isLossOff == isOff)
      #expect(!summary.rows[1].isLossOff)
    }
  }

  @Test func tellsWhatFailed() throws {
    var failed = Record(name: "nielsen-30", peer: "jax-scan", threads: 1)
    failed.error = "exit code 1"
    let summary = try Self.summary([Self.record("backprop", 0.1), failed])
    #expect(summary.rows[1].counted == 0)
    #expect(summary.markdown.contains("failed: exit code 1"))
  }

  /// Every case has what its run needs.
  @Test func readsTheCases() throws {
    let cases = try BenchmarkCases(folder: Self.folder)
    #expect(cases.names(matching: "scaling").count == 7)
    #expect(cases.names(matching: "scaling").first == "scaling-32")
    #expect(cases.names(matching: "mlp-wide") == ["mlp-wide"])
    #expect(cases.names(matching: "mlp") == ["mlp-128", "mlp-wide"])
    #expect(cases.names(matching: "scal").isEmpty)
    for group in BenchmarkCases.groups { #expect(!cases.names(matching: group).isEmpty) }
    for (name, benchmark) in cases.byName {
      #expect(benchmark.samples % benchmark.batch == 0, "\(name) has a ragged last batch")
      #expect(
        benchmark.expected != nil || benchmark.reference.map(benchmark.peers.contains) == true)
    }
    #expect(cases.byName["nielsen-30"]?.network == "784-30-10 sigmoid sigmoid")
  }

  @Test func drawsCharts() throws {
    let summary = try Self.summary([Self.record("backprop", 0.1), Self.record("a<b", 0.4)])
    let bars = ratioChart([summary]).svg
    #expect(bars.contains("4.00×") && bars.contains("a&lt;b") && !bars.contains("nan"))
    let lines = scalingChart([(32, 1000, summary), (64, 4000, summary)], peak: 1e11).svg
    #expect(lines.contains("100 GFLOP/s") && !lines.contains("nan"))
    #expect(ratioChart([]).svg.contains("<svg") && scalingChart([], peak: 1).svg.contains("<svg"))
  }
}
