import Testing

@testable import Backprop
import BackpropCore

/// Limits that stand between a small input and much memory or time, and what nobody may say: the part
/// of the table in Design/threat-model.md that has no place in the suite of one format.
@Suite struct BadInputTests {
  @Test func aTableHasNoEndOfColumns() {
    let commas = String(repeating: ",", count: 1 << 20)
    #expect(
      message { _ = try Table(parsing: commas + "\n", name: "t.csv") }
        == "t.csv: line 1, column 1: expected at most 1048576 columns, found 1048577")
  }

  @Test func unpackedElementsHaveALimit() throws {
    let bytes: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]
    #expect(try IDX.decode(bytes, name: "a", sizeLimit: 3).shape == [3])
    #expect(
      message { _ = try IDX.decode(bytes, name: "a", sizeLimit: 2) }
        == "a: byte 4: expected at most 2 bytes of elements, unpacked, found 3")
  }

  @Test func namesOfArraysAreNoPaths() throws {
    let arrays = ["../../outside": Tensor([1] as [Float]), "/dev/null": Tensor([2] as [Float])]
    #expect(try NPZ.decode(NPZ.encode(arrays, name: "a"), name: "a") == arrays)
  }

  @Test func classesHaveALimit() {
    let classes = Tensor([0, 1 << 20] as [Int32])
    #expect(
      message { _ = try Dataset(name: "d", inputs: Tensor(zeros: [2, 1]), targets: classes) }
        == "d: 1048577 classes are more than 1048576")
    // The table of all classes against those that occur must fit into memory.
    let many = Array(0...MachineMemory.byteCount >> 23)
    #expect(
      message { _ = try ConfusionMatrix(predicted: many, actual: many, classes: 1 << 20) }
        == "confusion-matrix: 1048576 classes take more memory than this machine has")
  }

  @Test func weightsMustAddUp() throws {
    let data = try Dataset(
      name: "d", inputs: Tensor(zeros: [2, 1]), targets: Tensor([0, 1] as [Int32]))
    #expect(
      message { _ = try data.weighted(by: [1e308, 1e308]) }
        == "d: the sum of the weights is not finite")
  }

  /// A model may name any number of levels, and a file have any number of rows.
  @Test func encodedRowsMustFitIntoMemory() throws {
    let count = Int(Double(MachineMemory.byteCount / 4).squareRoot()) + 1
    let levels = try #require(Levels((0..<count).map { "l\($0)" }, areNumbers: false))
    let preprocessing = Preprocessing(
      inputs: [.init(name: "a", encoding: .levels(levels), hasIndicator: false)], target: .labels,
      targets: ["y"], missing: .error, ignored: [])
    let text = "a\n" + String(repeating: "l1\n", count: count)
    let table = try Table(parsing: text, name: "t.csv")
    var warnings = TableWarnings()
    let found = message { _ = try preprocessing.encode(table, warnings: &warnings) } ?? ""
    #expect(found.hasPrefix("t.csv: expected inputs within the "))
    #expect(found.hasSuffix(" of this machine's memory, found \(count) rows of \(count) inputs"))
  }

  @Test func schedulesHaveALimit() throws {
    let part = "warmup:steps=1"
    func text(_ count: Int) -> String {
      [String](repeating: part, count: count).joined(separator: " then ")
    }
    #expect(try Schedule(parsing: text(16)).factor(step: 100) == 1)
    #expect(
      message { _ = try Schedule(parsing: text(17)) }
        == "schedule: expected at most 16 parts, found 17")
  }

  @Test func longNamesAreNotCompared() {
    let name = String(repeating: "relu", count: 1_000_000)
    let error = ConfigurationError.unknown("activation", name, known: ["relu", "tanh"])
    #expect(error.message.unicodeScalars.count == 4001)
    #expect(error.message.hasSuffix("…"))
  }

  @Test(arguments: [
    ("plain 'text', größe 5 µs", "plain 'text', größe 5 µs"), ("a\nb\r\tc", "a\\nb\\r\\tc"),
    ("\u{1b}[2J\u{7}", "\\u{1B}[2J\\u{07}"), ("a\u{202e}b\u{9b}31m", "a\\u{202E}b\\u{009B}31m"),
  ]) func errorsAreOneLineThatATerminalShows(text: String, line: String) {
    #expect(text.printableLine == line)
    #expect("\(FormatError(text, expected: "a", found: "b"))" == "\(line): expected a, found b")
    #expect("\(FileError("read", text, "it is gone"))" == "cannot read \(line): it is gone")
    #expect("\(DataError(text, "empty"))" == "\(line): empty")
    #expect("\(ConfigurationError("x", text))" == line)
  }
}
