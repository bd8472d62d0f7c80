import Comparison
import Testing

@Suite struct RecordTests {
  @Test func readsWhatPeersPrint() throws {
    let line =
      #"{"case": "mlp-128", "peer": "numpy", "version": "2", "threads": 1, "#
      + #""times": [0.5, 0.4], "cpu_times": [0.3, 0.6], "samples": 100, "final_loss": 0.25}"#
    let record = try #require(Record(line: line))
    #expect(record.name == "mlp-128")
    // One thread: the lesser of wall and processor time.
    #expect(record.epochSeconds == [0.3, 0.4])
    #expect(Record(line: record.line)?.finalLoss == 0.25)
    #expect(Record(line: "epoch 1 done") == nil)
  }

  @Test func countsTheWallWithSeveralThreads() {
    var record = Record(name: "mlp-128", peer: "backprop", threads: 2)
    record.setEpochs(wall: [0.5, 0.25, 1], cpu: [0.9, 0.4, 1.8], samples: 100)
    #expect(record.secondsMin == 0.25)
    #expect(record.samplesPerSecondMedian == 200)
  }

  @Test func writesNumbersBriefly() {
    #expect(232_065.3.brief == "232,065")
    #expect(1_004_000.0.text(digits: 0) == "1,004,000")
    #expect(12.345.brief == "12.3")
    #expect(0.8749.brief == "0.87")
    #expect(0.220594.text(digits: 5) == "0.22059")
    #expect((-0.5).text(digits: 1) == "-0.5")
    #expect(Double.nan.brief == "–")
    #expect(median([3, 1, 2]) == 2)
    #expect(median([4, 1]) == 2.5)
  }
}
